"""Changes under right seals: nothing shows that they were made, so any answer but a bug will do."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from after202.kernel.ledger import JOINED, EventKind
from after202.records.folder import RunFolder
from tests.analyse.run_folder import event_record, store_again
from tests.attack import stored
from tests.attack.damages import (
    COMPARED,
    FILES,
    RUN_FILE,
    STRUCK,
    TRIAL_FILE,
    Damage,
    ToRun,
    at,
    trial,
)

DIGITS, DEPTH, LONG = 5000, 20_000, 300
HUGE = 2**62
OF_TRIALS, OF_RUNS = 40, 30
RECORDS_OF_TRIALS = ("a comparison's record", "an episode's record")
WRONG: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, 10**30, 1e308, float("nan"), float("inf"), "", "x", "\0", "../../x",
    "=1+1", "\N{LATIN SMALL LETTER E WITH ACUTE}" * LONG, [], [[]], {}, {"": None}, [None],
)  # fmt: skip


def forgeries() -> Iterator[Damage]:
    """Yield changes of single values, of records' texts, of rows and of events."""
    for number in range(OF_TRIALS):
        find = FILES[RECORDS_OF_TRIALS[number % len(RECORDS_OF_TRIALS)]]
        yield _forged(f"trial.json: another value {number}", at(find, another_value))
    for number in range(OF_RUNS):
        yield _forged(f"run.json: another value {number}", at(FILES[RUN_FILE], another_value))
    for name, change in TEXTS.items():
        for file in (RUN_FILE, RECORDS_OF_TRIALS[0]):
            yield Damage(f"{file}: {name}", at(FILES[file], text(change)), refused=True)
    for name, edit in ROWS.items():
        yield _forged(f"requests: {name}", rows(edit))
    for name, do in RUNS.items():
        yield _forged(name, do)


def _forged(name: str, do: ToRun) -> Damage:
    return Damage(name, do, forged=True)


def another_value(path: Path, random: Random) -> None:
    """Give one member of a record, anywhere in it, another value under a right seal."""
    record = json.loads(path.read_text())
    del record["sha256"]
    holder, key = random.choice(list(_members(record)))
    holder[key] = random.choice(WRONG)
    stored.seal(path, json.dumps(record, indent=2))


def _members(value: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every member of a JSON value, with what holds it."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in pairs:
        yield value, key
        if isinstance(inner, dict | list):
            yield from _members(inner)


def text(change: Callable[[str], str]) -> Callable[[Path, Random], None]:
    """Return a change of a record's text, under a right seal."""

    def do(path: Path, _: Random) -> None:
        record = json.loads(path.read_text())
        del record["sha256"]
        stored.seal(path, change(json.dumps(record, indent=2)))

    return do


def more(member: str) -> Callable[[str], str]:
    """Return a change that adds a member to a JSON object."""
    return lambda whole: whole.removesuffix("\n}") + ",\n  " + member + "\n}"


TEXTS: dict[str, Callable[[str], str]] = {
    "no object": lambda _: "[\n]",
    "no schema": lambda whole: whole.replace('"schema"', '"scheme"'),
    "a later schema": lambda whole: whole.replace('"schema": 3', '"schema": 4'),
    "a schema that is no number": lambda whole: whole.replace('"schema": 3', '"schema": "x"'),
    "an unknown member": more('"unknown": 1'),
    "a number of 5000 digits": more('"schema": 1' + "0" * DIGITS),
    "deep lists": more('"started_at": ' + "[" * DEPTH + "]" * DEPTH),
    "deep objects": more('"machine": ' + '{"a":' * DEPTH + "1" + "}" * DEPTH),
    "not JSON": more("x"),
    "half a character": more('"started_at": "\\ud800"'),
}


def rows(change: Callable[[pa.Table], pa.Table]) -> ToRun:
    """Return a damage that writes other rows of requests, under right checksums."""

    def do(run: RunFolder, _: Random) -> None:
        folder = trial(run, COMPARED)
        path = folder.path / "requests-0.parquet"
        pq.write_table(change(pq.read_table(path)), path)
        store_again(folder)

    return do


def column(name: str, *values: Any, kind: pa.DataType | None = None) -> Any:
    """Return a change of a column: its values, repeated."""

    def change(table: pa.Table) -> pa.Table:
        every = (values * len(table))[: len(table)]
        number = table.schema.get_field_index(name)
        return table.set_column(number, name, pa.array(every, kind))

    return change


ROWS: dict[str, Callable[[pa.Table], pa.Table]] = {
    "none": lambda table: table[:0],
    "without columns": lambda table: table.select([]),
    "without a column": lambda table: table.drop_columns(["stream"]),
    "with another column": lambda table: table.append_column("x", table["job_id"]),
    "in another order": lambda table: table.select(sorted(table.schema.names)),
    "twice": lambda table: pa.concat_tables([table, table]),
    "due never": column("due_us", None, kind=pa.int64()),
    "due in the far future": column("due_us", HUGE),
    "due long ago": column("due_us", -HUGE),
    "due at fractions": column("due_us", 0.5),
    "due at no number": column("due_us", float("nan")),
    "due in words": column("due_us", "soon"),
    "answered in the far future": column("response_us", HUGE),
    "answered never": column("response_us", None, kind=pa.int64()),
    "ids that are numbers": column("job_id", 1),
    "ids that are none": column("job_id", "x", "", "\0"),
    "no ids": column("job_id", None, kind=pa.string()),
    "lists of ids": column("job_id", ["x"]),
    "no outcomes": column("outcome", None, kind=pa.string()),
    "a status beyond its type": column("status", HUGE),
}


def events(*records: tuple[int, int, int]) -> ToRun:
    """Return a damage that adds events (kind, step, ns) of a job, under right checksums."""

    def do(run: RunFolder, _: Random) -> None:
        folder = trial(run, COMPARED)
        job_id = folder.read().canary_job_ids[0]
        path = folder.ledger / JOINED
        added = (event_record(kind, step, job_id, at_ns) for kind, step, at_ns in records)
        path.write_bytes(path.read_bytes() + b"".join(added))
        store_again(folder)

    return do


def one_trial_twice(run: RunFolder, _: Random) -> None:
    """Plan a trial twice."""
    record = run.read()
    run.write(record.model_copy(update={"planned": (*record.planned, record.planned[COMPARED])}))


def no_trial(run: RunFolder, _: Random) -> None:
    """Plan nothing."""
    run.write(run.read().model_copy(update={"planned": ()}))


def trials_exchanged(run: RunFolder, _: Random) -> None:
    """Put two trials' folders in each other's places."""
    one, other = trial(run, COMPARED).path, trial(run, STRUCK).path
    aside = one.with_name("aside")
    one.rename(aside)
    other.rename(one)
    aside.rename(other)


def names_a_parent(run: RunFolder, _: Random) -> None:
    """Plan a trial whose folder is outside the run's."""
    planned = run.read().model_dump(mode="json", by_alias=True)["planned"]
    planned[COMPARED]["id"] = f"../../{run.name}/trials/{planned[COMPARED]['id']}"
    stored.changed(run.path / RUN_FILE, planned=planned)


def no_files(run: RunFolder, _: Random) -> None:
    """Say that a trial had no files."""
    stored.changed(trial(run, COMPARED).path / TRIAL_FILE, files={})


def times_beyond(run: RunFolder, _: Random) -> None:
    """Let a fault strike later than 64 bits can say."""
    path = trial(run, STRUCK).path / TRIAL_FILE
    strike = json.loads(path.read_text())["strike"]
    marks = [{**mark, "at_us": 10**25} for mark in strike["marks"]]
    stored.changed(path, strike={**strike, "marks": marks})


RUNS: dict[str, ToRun] = {
    "ledger: an event of the far future": events((EventKind.START, 0, 2**63 - 1)),
    "ledger: an event of long ago": events((EventKind.END, 0, -(2**63))),
    "ledger: events of every kind and step": events(*((kind, 255, 0) for kind in range(256))),
    "run.json: a trial twice": one_trial_twice,
    "run.json: no trial": no_trial,
    "run.json: a trial outside the run": names_a_parent,
    "trial.json: of another trial": trials_exchanged,
    "trial.json: no files": no_files,
    "trial.json: times beyond 64 bits": times_beyond,
}
