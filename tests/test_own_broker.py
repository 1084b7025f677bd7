"""A run against a Redis server of the user's own, by `--redis-url`."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from after202.servers.valkey import Valkey
from tests.project import Project

QUEUES = ("celery_queue", "rq_queue")


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[str]:
    """Give the address of a server that somebody else uses too, in a database of its own."""
    server = Valkey("own", tmp_path / "own", tmp_path / "own.log", cpus=())
    with redis.Redis.from_url(server.url) as client:
        client.set("mine", "stays")
    yield server.url
    server.child.kill()


def test_a_server_of_the_users_own_serves_a_whole_run(project: Project, own_server: str) -> None:
    """Every job is done once through the user's server, which is left as it was found."""
    # Given a server with a key that is none of ours
    profile = project.profile(*QUEUES, baseline=QUEUES[0])

    # When the queues are measured on it
    done = project.run("run", profile, "--redis-url", own_server)
    assert done.returncode == 0, done.stderr

    # Then every job was done once, and the run says whose broker it was
    latest = project.folder / "results" / "latest"
    with (latest / "tables" / "completion.csv").open() as file:
        rows = {row["strategy"]: row for row in csv.DictReader(file)}
    assert set(rows) == set(QUEUES)
    for row in rows.values():
        assert int(row["accepted"]) > 10
        assert row["once"] == row["accepted"]
        assert row["broker"] == "the user's own server"
    assert not list(latest.glob("trials/*/broker.log")), "no broker of ours was started"
    assert json.loads((latest / "run.json").read_text())["options"]["broker_url"] == own_server

    # And nothing is left on it but what was there
    with redis.Redis.from_url(own_server, decode_responses=True) as client:
        assert client.keys("*") == ["mine"]
        assert client.get("mine") == "stays"


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
        done = project.run("run", "--resume", "latest")

        # Then one line says so, and nothing was deleted
        assert done.returncode == 2, done.stdout + done.stderr
        assert done.stderr.count("\n") == 1
        assert "queue names are taken" in done.stderr
        assert client.hget("unacked", "tag") == b"message"
    assert project.left_over() == []
