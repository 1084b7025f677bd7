"""What jobs left in the real services: counted where it arrived, by job and kind.

No workload is known here. An effect is whatever names its job: a mail, a row with a `job_id`, a
key or an entry of a list in the cache, a file, or a line of one.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast
from uuid import UUID

import psycopg
import redis
from psycopg import sql

from after202.kernel.model import Wiring

JOB = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
LISTED = "SELECT table_name FROM information_schema.columns WHERE column_name = 'job_id'"
Effect = tuple[UUID, str]
Effects = Counter[Effect]


def left(wiring: Wiring, mails: Path) -> Effects:
    """Count what jobs left so far; `mails` is the file of the mail server."""
    found = Counter(_mails(mails))
    found.update(_rows(wiring.database_url))
    found.update(_cached(wiring.cache_url))
    found.update(_files(Path(wiring.data_folder)))
    return found


def _mails(file: Path) -> Iterator[Effect]:
    for line in file.read_text(encoding="utf-8").splitlines():
        yield from _named(str(json.loads(line)["job_id"]), "mails")


def _rows(database_url: str) -> Iterator[Effect]:
    with psycopg.connect(database_url) as connection:
        for (table,) in connection.execute(LISTED).fetchall():
            wanted = sql.SQL("SELECT job_id::text FROM {}").format(sql.Identifier(table))
            for (job_id,) in connection.execute(wanted):
                yield from _named(job_id, f"rows of {table}")


def _cached(url: str) -> Iterator[Effect]:
    with redis.Redis.from_url(url, decode_responses=True) as cache:
        for key in cache.scan_iter("*"):
            yield from _named(key, f"keys {JOB.sub('...', key)}")
            if cache.type(key) == "list":
                for entry in cast("list[str]", cache.lrange(key, 0, -1)):
                    yield from _named(entry, f"entries of {key.partition(':')[0]}")


def _files(folder: Path) -> Iterator[Effect]:
    for path in folder.rglob("*"):
        if JOB.search(path.name):
            yield from _named(path.name, f"files in {path.parent.name}")
        elif path.is_file():
            for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
                yield from _named(line, f"lines of {path.name}")


def _named(text: str, kind: str) -> Iterator[Effect]:
    """Yield the effect if a text names a job: the first id in it."""
    if found := JOB.search(text):
        yield UUID(found[0]), kind
