"""A process that does steps, as a worker does."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from after202.kernel.model import Job
from after202.servers.valkey import Valkey
from tests.project import ROOT
from tests.services import Services
from workers import workloads

FORMS = ("sync", "async")


@dataclass(frozen=True)
class Performer:
    """Has steps done in a process of its own."""

    process: subprocess.Popen[str]

    def do(self, form: str, job: Job, step: int) -> str:
        """Do one step of a job; return what it raised, or nothing."""
        order = {"form": form, "job": job.model_dump(mode="json"), "step": step}
        if self.process.stdin is None or self.process.stdout is None:
            raise TypeError("the process has no pipes")
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: str = json.loads(self.process.stdout.readline())
        return answer

    def do_all(self, form: str, job: Job) -> list[str]:
        """Do every step in order; return what each raised."""
        return [self.do(form, job, i) for i in range(len(workloads.load(job.workload).steps))]


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[str]:
    """Give the URL of a broker of the test's own."""
    server = Valkey("broker", tmp_path / "broker", tmp_path / "broker.log", cpus=())
    yield server.url
    server.child.kill()


@pytest.fixture(scope="session")
def performer(services: Services) -> Iterator[Performer]:
    """Start the process; it ends with its input."""
    with _performer(services) as process:
        yield Performer(process)


@pytest.fixture
def mortal(services: Services) -> Iterator[Performer]:
    """Start one for a single test, which may kill it."""
    with _performer(services) as process:
        yield Performer(process)


def _performer(services: Services) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.workers.performer"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | services.wiring.environment(),
        start_new_session=True,
    )


def new_job(workload: str, **request: Any) -> Job:
    """Return a job of the workload with an id of its own."""
    return Job(id=uuid4(), workload=workload, request=request)


def new_upload(services: Services, content: bytes) -> Job:
    """Keep an upload as the API does; return the job that counts its rows."""
    kept_as: UUID = uuid4()
    folder = services.folder / "data" / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / str(kept_as)).write_bytes(content)
    return new_job("uploads", kept_as=str(kept_as), size_bytes=len(content))
