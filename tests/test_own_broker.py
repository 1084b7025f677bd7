"""A run against a Redis server of the user's own, by `--redis-url`."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from urllib.parse import urlsplit

import pytest
import redis

from after202.brokers.redis import SHARED_LOCK
from after202.hosts.processes import MARK
from after202.kernel.model import HARNESS
from after202.servers.valkey import Valkey
from tests.project import Project

QUEUES = ("celery_queue", "rq_queue")
# What other applications' Celery and RQ keep in the same database.
OTHERS = ("unacked", "_kombu.binding.others", "rq:job:others", "rq:worker:others")
# What Redis answers for the time to live of a key that has none.
NEVER = -1
# A client that waits for a message.
BLOCKS = "import redis; redis.Redis.from_url({url!r}, socket_timeout=None).blpop('x')"


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server that somebody else uses too, in a database of its own."""
    server = Valkey("own", tmp_path / "own", tmp_path / "own.log", cpus=())
    with redis.Redis.from_url(server.url) as client:
        client.set("mine", "stays")
    yield server.url
    server.child.kill()


@contextmanager
def others_at_work(url: str) -> Iterator[None]:
    """Write what other applications' Celery and RQ would, as soon as a trial uses the server."""
    done = Event()

    def write() -> None:
        with redis.Redis.from_url(url, client_name=HARNESS) as client:
            while not client.keys("*after202_*") and not done.wait(0.01):
                pass
            for key in OTHERS:
                client.hset(key, "tag", "message")
            client.sadd("rq:queues", "rq:queue:others")

    writer = Thread(target=write)
    writer.start()
    try:
        yield
    finally:
        done.set()
        writer.join()


def test_a_server_of_the_users_own_serves_a_whole_run(project: Project, own_server: str) -> None:
    """Every job is done once through the user's server, and only what was ours is deleted."""
    # Given a server with a password, and a key that is none of ours
    profile = project.profile(*QUEUES, baseline=QUEUES[0])

    # When the queues are measured on it, and others begin to use their own names there
    with others_at_work(own_server):
        done = project.run("run", profile, "--redis-url", own_server, "--strategy", "rq_queue")
    assert done.returncode == 0, done.stderr

    # Then every job was done once, and the run says whose broker it was
    latest = project.folder / "results" / "latest"
    (row,) = rows(latest)
    assert int(row["accepted"]) > 10
    assert row["once"] == row["accepted"]
    assert row["broker"] == "the user's own server"
    assert not list(latest.glob("trials/*/broker.log")), "no broker of ours was started"

    # And what others wrote is there, and nothing of ours
    with redis.Redis.from_url(own_server, decode_responses=True) as client:
        assert set(client.keys("*")) - {SHARED_LOCK.decode()} == {"mine", "rq:queues", *OTHERS}
        assert client.ttl(SHARED_LOCK) != NEVER, "it would stay for ever"
        assert client.smembers("rq:queues") == {"rq:queue:others"}
        assert client.get("mine") == "stays"
        client.delete(*OTHERS, "rq:queues")

    # And the same goes for both queues, one after the other
    done = project.run("run", profile, "--redis-url", own_server)
    assert done.returncode == 0, done.stderr
    assert {row["strategy"] for row in rows(latest)} == set(QUEUES)
    with redis.Redis.from_url(own_server) as client:
        assert set(client.keys("*")) - {SHARED_LOCK} == {b"mine"}


def test_nothing_is_deleted_where_a_stranger_was_seen(project: Project, own_server: str) -> None:
    """Its trial is not valid, and what it left is still there."""
    profile = project.profile("celery_queue", baseline="celery_queue")
    with redis.Redis.from_url(own_server, client_name=HARNESS) as client:
        stranger = subprocess.Popen(
            [sys.executable, "-c", BLOCKS.format(url=own_server)],
            env={name: value for name, value in os.environ.items() if name != MARK},
        )
        try:
            done = project.run("run", profile, "--redis-url", own_server)
        finally:
            stranger.kill()
            stranger.wait()
        # A busy machine adds reasons before this one, and lines break where they are full.
        assert "a client that is not ours is on the broker" in " ".join(done.stdout.split())
        assert client.keys("*after202_*"), "the queue's keys were deleted"


def test_a_password_is_shown_and_stored_nowhere(project: Project, own_server: str) -> None:
    """Nor does a run go on without it: it is asked for again."""
    # Given the server's password
    password = str(urlsplit(own_server).password)
    profile = project.profile("celery_queue", baseline="celery_queue")

    # When a run uses the server, from the environment, and is reported
    run = project.run("run", profile, AFTER202_REDIS_URL=own_server)
    assert run.returncode == 0, run.stderr
    (folder,) = project.folder.glob("results/2*")
    stored = json.loads((folder / "run.json").read_text())["options"]["broker_url"]
    assert stored == own_server.replace(password, "***")

    # And goes on without the password, at another address, and where nothing answers
    (folder / "trials").joinpath(next((folder / "trials").iterdir()).name, "trial.json").unlink()
    resume = ["run", "--resume", "latest"]
    without = project.run(*resume)
    elsewhere = project.run(*resume, "--redis-url", f"redis://:{password}@127.0.0.1:1/5")
    silent = project.run("run", profile, "--redis-url", f"redis://:{password}@127.0.0.1:1/0")
    again = project.run(*resume, "--redis-url", own_server)

    # Then each that cannot is one line
    for done, said in ((without, "again"), (elsewhere, "begun on"), (silent, "does not answer")):
        assert done.returncode == 2, done.stdout
        assert done.stderr.count("\n") == 1
        assert said in done.stderr
    assert again.returncode == 0, again.stderr

    # And nothing that was printed or stored has the password
    printed = [text for one in (run, without, elsewhere, silent, again)
               for text in (one.stdout, one.stderr)]  # fmt: skip
    assert not any(password in text for text in printed)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 10
    assert not [path for path in files if password.encode() in path.read_bytes()]


def test_a_server_that_was_taken_meanwhile_is_left_alone(project: Project, own_server: str) -> None:
    """A run may be gone on with days later: what somebody else keeps there by then stays."""
    # Given a run on a server of the user's own, of which a trial is left
    profile = project.profile("celery_queue", baseline="celery_queue")
    assert project.run("run", profile, "--redis-url", own_server).returncode == 0
    (stored,) = project.folder.glob("results/2*/trials/*/trial.json")
    stored.unlink()

    # When it goes on after somebody else's Celery has begun to use that server
    with redis.Redis.from_url(own_server) as client:
        client.hset("unacked", "tag", "message")
        done = project.run("run", "--resume", "latest", "--redis-url", own_server)

        # Then one line says so, and nothing was deleted
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stderr.count("\n") == 1
        assert "queue names are taken" in done.stderr
        assert client.hget("unacked", "tag") == b"message"
    assert project.left_over() == []


def rows(run: Path) -> list[dict[str, str]]:
    """Return the rows of a run's table of completions."""
    with (run / "tables" / "completion.csv").open() as file:
        return list(csv.DictReader(file))
