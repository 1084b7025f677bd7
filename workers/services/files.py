"""Files: log lines, reports and uploads, all below the data folder."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager
from functools import cache
from pathlib import Path
from uuid import UUID

from workers.settings import settings


@cache
def folder(name: str) -> Path:
    """Return a folder below the data folder, created if missing."""
    path = settings().data / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def log_file() -> Path:
    """Return the file that log lines go to."""
    return folder("log") / "app.log"


def append_line(line: str) -> None:
    """Append one line in a single write, so that lines of several processes do not mix."""
    descriptor = os.open(log_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


async def append_line_async(line: str) -> None:
    """Append one line, off the event loop."""
    await asyncio.to_thread(append_line, line)


def report_file(job_id: UUID) -> Path:
    """Return the path of the job's report."""
    return folder("reports") / f"{job_id}.json"


def upload_file(job_id: UUID) -> Path:
    """Return the path of the job's upload, which never contains the client's file name."""
    return folder("uploads") / str(job_id)


@asynccontextmanager
async def stored(path: Path, content: bytes) -> AsyncIterator[None]:
    """Write a file, off the event loop; remove it if the block raises."""
    with ExitStack() as removal:
        removal.callback(path.unlink, missing_ok=True)
        await asyncio.to_thread(path.write_bytes, content)
        yield
        removal.pop_all()
