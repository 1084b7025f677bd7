"""The guard: ends everything that the harness started, however the harness itself ends.

Children of the harness carry a mark in their environment and pass it on to their own children.
The guard reads its standard input, and only the harness holds the other end open. End of file
therefore means that the harness has ended, even by `kill -9`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil

from after202.hosts.processes import MARK, marked
from after202.kernel.paths import SUITE

GRACE_S = 3.0


@contextmanager
def guarded(mark: str, scratch: Path) -> Iterator[None]:
    """End marked processes and remove the scratch folder once the block or this process has ended.

    Children keep their temporary files in the scratch folder.
    """
    command = [sys.executable, "-m", "after202.hosts.guard", mark, str(scratch)]
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=SUITE,
        env=environment,
        start_new_session=True,
    ) as guard:
        try:
            # A killed process leaves its temporary files behind, as Celery's pool does.
            with _handed_on({MARK: mark, "TMPDIR": str(scratch)}):
                yield
        finally:
            if guard.stdin is not None:
                guard.stdin.close()


@contextmanager
def guarded_scratch() -> Iterator[Path]:
    """Yield a temporary folder that only this user may enter.

    However the block ends, it is removed, and all that was started is ended.
    """
    scratch = Path(tempfile.mkdtemp(prefix="after202-"))
    try:
        with guarded(uuid4().hex, scratch):
            yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


@contextmanager
def _handed_on(variables: Mapping[str, str]) -> Iterator[None]:
    """Set these environment variables for children, and restore the previous values afterwards."""
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
    """Terminate every marked process, then kill those that did not end."""
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
    """Wait for the harness to end, then clean up after it."""
    mark, scratch = sys.argv[1:]
    sys.stdin.read()
    end_all(mark)
    shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
