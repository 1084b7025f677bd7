"""File upload: store a CSV file, then count its rows; a malformed file fails only its own job."""

import asyncio
import csv
import io
from contextlib import AbstractAsyncContextManager
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import HTTPException, UploadFile
from pydantic import BaseModel, Field

from after202.kernel.model import Example
from workers.services import database, files
from workers.workloads import Step, UnfitInputError, Workload

LIMIT_BYTES = 1_048_576
TOO_LARGE = 413


class Upload(BaseModel):
    """A file stored under a name of our own; the client's file name is never used.

    Only the API has the content: a job's message holds the name and the size.
    """

    kept_as: UUID
    size_bytes: Annotated[int, Field(le=LIMIT_BYTES)]
    content: Annotated[bytes, Field(exclude=True, repr=False)] = b""


async def request(file: UploadFile) -> Upload:
    """Take the file from the body; answer 413 if it is too large."""
    content = await file.read(LIMIT_BYTES + 1)
    if len(content) > LIMIT_BYTES:
        raise HTTPException(TOO_LARGE, f"The file is larger than {LIMIT_BYTES} bytes.")
    return Upload(kept_as=uuid4(), size_bytes=len(content), content=content)


def stored(upload: Upload) -> AbstractAsyncContextManager[None]:
    """Store the file where a worker can read it; remove it if the job is not accepted."""
    return files.stored(files.upload_file(upload.kept_as), upload.content)


def _rows(text: str) -> int:
    if "\0" in text:  # the csv module rejected it until Python 3.11
        raise csv.Error("line contains NUL")
    return sum(1 for _ in csv.reader(io.StringIO(text, newline=""), strict=True))


def _counted(job_id: UUID, upload: Upload) -> database.Row:
    """Return the row that records the file's row count; UnfitInputError if not CSV in UTF-8."""
    content = files.upload_file(upload.kept_as).read_bytes()
    try:
        rows = _rows(content.decode())
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnfitInputError(f"job {job_id}: not a CSV file in UTF-8: {error}") from error
    statement = "INSERT INTO uploads (job_id, rows, bytes) VALUES (%s, %s, %s)"
    return database.Row(statement, (job_id, rows, upload.size_bytes))


def count_rows(job_id: UUID, upload: Upload) -> None:
    """Count the file's rows and store the number."""
    database.insert(_counted(job_id, upload))


async def count_rows_async(job_id: UUID, upload: Upload) -> None:
    """Count the file's rows in a thread and store the number."""
    await database.insert_async(await asyncio.to_thread(_counted, job_id, upload))


WORKLOAD = Workload(
    path="/uploads",
    model=Upload,
    request=request,
    stored=stored,
    steps=(Step("count_rows", count_rows, count_rows_async),),
    example=Example(
        method="POST",
        path="/uploads",
        headers={"Content-Type": "multipart/form-data; boundary=after202"},
        body=(
            "--after202\r\n"
            'Content-Disposition: form-data; name="file"; filename="visits{n}.csv"\r\n'
            "Content-Type: text/csv\r\n\r\n"
            "day,visits\n1,{n}\n2,{n}\n\r\n"
            "--after202--\r\n"
        ),
    ),
)
