"""Another user of the machine, while a trial runs: every server refuses, no secret is readable."""

import os
import re
import time
from contextlib import suppress
from functools import partial
from pathlib import Path

import psutil
import pytest

from tests.attack.nobody import SERVERS, as_nobody, readable
from tests.project import TRACE, Project

pytestmark = [
    pytest.mark.attack,
    pytest.mark.processes,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user"),
]
QUEUES = ("celery_queue", "rq_queue")
# Long enough to be attacked, and slow enough for RQ on a machine that is busy with other attacks.
LONGER = {
    "window_s = 1": "window_s = 12",
    "rate_per_s = 20": "rate_per_s = 3",
    "drain_s = 2": "drain_s = 60",
}
# What a process is, by its command line.
KINDS = {
    "api": r"-m apps serve", "redis": r"valkey-server", "postgres": r"postgres -D|bin/postgres",
    "mail": r"after202\.servers\.mail",
}  # fmt: skip
REFUSED = {
    "api": {"401"},
    "redis": {
        "-NOAUTH Authentication required.",
        "-WRONGPASS invalid username-password pair or user is disabled.",
    },
    "postgres": {"R 10"},  # it asks for SCRAM
    "mail": {"530", "535"},
}


def running(project: Project) -> list[psutil.Process]:
    """Return the processes that the command line started, however deep."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get(TRACE) == project.trace:
                found.append(process)
    return found


def listening(project: Project) -> dict[int, str]:
    """Return the kind of server behind each port on which one of the processes listens."""
    found = {}
    for process in running(project):
        with suppress(psutil.Error):
            said = " ".join(process.cmdline())
            if not said:  # it is about to end
                continue
            kind = next((name for name, mark in KINDS.items() if re.search(mark, said)), said)
            for one in process.net_connections(kind="tcp"):
                if one.status == psutil.CONN_LISTEN:
                    assert one.laddr.ip == "127.0.0.1"
                    found[one.laddr.port] = kind
    return found


@pytest.mark.parametrize("queue", QUEUES)
def test_every_server_of_a_running_trial_refuses_another_user(project: Project, queue: str) -> None:
    """It gets no answer, no work done and no password, and the run is none the worse."""
    # Given a run that is under way
    profile = Path(project.profile(queue, baseline=queue))
    text = profile.read_text()
    for short, long in LONGER.items():
        assert short in text
        text = text.replace(short, long)
    profile.write_text(text)
    "127.0.0.1".encode("idna")  # imports what the attempts need, while it can be read
    known: dict[int, str] = {}
    kinds: list[str] = []
    with project.start("run", str(profile)) as run:
        # When another user tries every server there is, until all were tried
        while run.poll() is None and not complete(kinds):
            for port, kind in listening(project).items() - known.items():
                known[port] = kind
                answers = as_nobody(partial(SERVERS[kind], port))

                # Then it refuses
                assert {*answers} <= REFUSED[kind], f"{kind}: {answers}"
                kinds.append(kind)
            time.sleep(0.1)
        held = secrets(project)
        read = [one for path in held for one in as_nobody(partial(readable, path))]
        output, errors = run.communicate(timeout=120)
    assert complete(kinds), kinds
    assert len(held) > len(KINDS)
    assert read == []

    # And every job was done once all the same
    assert run.returncode == 0, errors
    assert project.run("check", "latest", "--jobs-only").returncode == 0, output
    assert project.left_over() == []


def complete(kinds: list[str]) -> bool:
    """Return whether each kind was tried: a broker and a cache, and the API of that trial."""
    stores = [number for number, kind in enumerate(kinds) if kind == "redis"]
    return {*KINDS} <= {*kinds} and len(stores) > 1 and "api" in kinds[stores[0] :]


def secrets(project: Project) -> list[Path]:
    """Return what holds passwords: environments of processes, and files of servers."""
    processes = [one for one in running(project) if one.username() != "nobody"]
    found = [Path(f"/proc/{one.pid}/environ") for one in processes]
    scratch = {Path(value) for one in processes if (value := _temporary(one))}
    for folder in scratch:
        found += [path for path in folder.rglob("*.conf") if "postgres" not in path.parts]
        found.append(folder)
    return found


def _temporary(process: psutil.Process) -> str:
    with suppress(psutil.Error):
        return process.environ().get("TMPDIR", "")
    return ""
