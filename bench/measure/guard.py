"""The guard: when the harness is gone, however it went, it ends what the harness started.

Children of the harness carry a mark in their environment and hand it to their own children.
The guard reads its standard input, whose other end the harness alone holds open; the end of
it means that the harness has ended. `kill -9` included.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from bench.measure.process import MARK, ROOT, marked

GRACE_S = 3.0


@contextmanager
def guarded(mark: str, scratch: Path) -> Iterator[None]:
    """Have marked processes ended and the scratch folder removed once this process is gone."""
    command = [sys.executable, "-m", "bench.measure.guard", mark, str(scratch)]
    environment = {name: value for name, value in os.environ.items() if name != MARK}
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
        env=environment,
        start_new_session=True,
    ) as guard:
        before = os.environ.get(MARK)
        os.environ[MARK] = mark
        try:
            yield
        finally:
            del os.environ[MARK]
            if before is not None:
                os.environ[MARK] = before
            if guard.stdin is not None:
                guard.stdin.close()


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
