"""Reads and writes single files: sealed JSON, checksums, and errors that a user can act on."""

import errno
import hashlib
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from after202.kernel.errors import UsageError

Record = TypeVar("Record", bound=BaseModel)
END = "\n}\n"
# A record's last member: the SHA-256 of the document without it.
SEAL = re.compile(r',\n  "sha256": "([0-9a-f]{64})"' + re.escape(END) + r"\Z")
# Earlier schemas were written without a seal.
FIRST_SEALED_SCHEMA = 3
CHANGED = "was changed or damaged after it was written"

# Errors of the disk or of its permissions; any other OSError is not about the file.
_FULL = {
    errno.ENOSPC: "the disk is full: free some space, then continue with --resume",
    errno.EDQUOT: "the quota is used up: free some space, then continue with --resume",
}
_NOT_PERMITTED = dict.fromkeys(
    (errno.EACCES, errno.EPERM, errno.EROFS),
    "permission denied: change the owner, or choose another folder with --results",
)
_OF_PATHS = (
    errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.EEXIST, errno.EIO, errno.ELOOP,
    errno.ENAMETOOLONG,
)  # fmt: skip


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn a refused write into UsageError; let any other OSError pass."""
    with _explained(path, "written", _FULL | _NOT_PERMITTED):
        yield


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn a refused read into UsageError; let any other OSError pass.

    A pipe or a device is refused at once: reading one would wait for ever.
    """
    with _explained(path, "read", _NOT_PERMITTED):
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise UsageError(f"{path} cannot be read: it is not a file")
        yield


@contextmanager
def _explained(path: Path, verb: str, advice: dict[int, str]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in {*advice, *_OF_PATHS}:
            raise
        said = advice.get(error.errno or 0, error.strerror)
        raise UsageError(f"{path} cannot be {verb}: {said}") from error


def fresh(path: Path) -> Path:
    """Remove what is at a path that is written anew, and return the path.

    A pipe there would be waited for, and a link may lead to a file that is not ours.
    """
    with writing(path):
        path.unlink(missing_ok=True)
    return path


def write_json(path: Path, record: BaseModel) -> None:
    """Write a record atomically, with its own checksum as the last member."""
    text = sealed(record.model_dump_json(indent=2, by_alias=True) + "\n")
    new = path.with_suffix(".new")
    with writing(path.parent):
        new.write_text(text, encoding="utf-8")
        new.replace(path)


def sealed(text: str) -> str:
    """Return an indented JSON object with its own checksum as the last member."""
    return f'{text.removesuffix(END)},\n  "sha256": "{_digest(text.encode())}"{END}'


def read_json(path: Path, kind: type[Record]) -> Record:
    """Return a record; UsageError if it cannot be read, or is not what was written."""
    try:
        with reading(path):
            text = path.read_text(encoding="utf-8")
        return kind.model_validate_json(_unsealed(path, text))
    except (ValidationError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(f"{path} is not a record of this version: {_first(error)}") from error


def _unsealed(path: Path, text: str) -> str:
    """Return a record's text without its seal; UsageError if the seal is broken or missing."""
    seal = SEAL.search(text)
    if seal is None:
        if _schema(text) >= FIRST_SEALED_SCHEMA:
            raise UsageError(f"{path} {CHANGED}: its checksum is missing")
        return text
    body = text[: seal.start()] + END
    if _digest(body.encode()) != seal[1]:
        raise UsageError(f"{path} {CHANGED}: its checksum differs")
    return body


def _schema(text: str) -> int:
    """Return the schema that a text states; 0 if it states none."""
    try:
        stated = json.loads(text).get("schema", 0)
    except (ValueError, AttributeError, RecursionError):
        return 0
    return stated if isinstance(stated, int) else 0


def checksum(path: Path) -> str:
    """Return a file's SHA-256; UsageError if it cannot be read."""
    with reading(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _first(error: Exception) -> str:
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return ": ".join([".".join(map(str, first["loc"])), first["msg"]]).removeprefix(": ")
