"""The guard: when the harness is gone, however it went, it ends what the harness started.

Children of the harness carry a mark in their environment and hand it to their own children.
The guard reads its standard input, whose other end the harness alone holds open; the end of
it means that the harness has ended. `kill -9` included.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from after202.hosts.local import ROOT
from after202.hosts.processes import MARK, marked

GRACE_S = 3.0


@contextmanager
def guarded(mark: str, scratch: Path) -> Iterator[None]:
    """Have marked processes ended and the scratch folder removed once this process is gone.

    Children keep their temporary files in the scratch folder.
    """
    command = [sys.executable, "-m", "after202.hosts.guard", mark, str(scratch)]
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    ) as guard:
        try:
            # A process that is killed leaves its temporary files: Celery's pool has some.
            with _handed_on({MARK: mark, "TMPDIR": str(scratch)}):
                yield
        finally:
            if guard.stdin is not None:
                guard.stdin.close()


@contextmanager
def _handed_on(variables: Mapping[str, str]) -> Iterator[None]:
    """Have these environment variables for children, and what was there before afterwards."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            del os.environ[name]
            if value is not None:
                os.environ[name] = value


def end_all(mark: str) -> None:
    """Ask every marked process to end, then kill those that did not."""
    processes = marked(mark)
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    psutil.wait_procs(processes, GRACE_S)
    while left := marked(mark):
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(left, GRACE_S)


def main() -> None:
    """Wait for the harness to go, then clean up after it."""
    mark, scratch = sys.argv[1:]
    sys.stdin.read()
    end_all(mark)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
