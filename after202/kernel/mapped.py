"""A file that records are appended to through memory, without a system call for each.

The file is mapped shared, so what was appended is in the page cache: it survives `kill -9`, and it
does not survive a power cut.
"""

import fcntl
import mmap
import os
from pathlib import Path
from threading import Lock
from typing import BinaryIO

# RQ leaves a file per message, so the first piece is the least that a file takes on a disk.
FIRST_BYTES = 4096
LARGEST_PIECE_BYTES = 256 * 1024
_FULL = mmap.mmap(-1, 1)


class MappedFile:
    """A new file that grows by pieces, each written as zeros before it is mapped.

    A full disk is therefore an OSError when a piece is allocated, and never a SIGBUS when a record
    is written. Only the latest piece stays mapped, so the file does not add to the process's
    memory. The process holds a lock on the file for as long as it lives (see `is_left`).
    """

    def __init__(self, path: Path) -> None:
        """Append to a file at `path`, which is created by the first record."""
        self._path = path
        self._descriptor = -1
        self._size = 0
        self._start = 0
        self._piece = _FULL
        self._growing = Lock()

    def append(self, record: bytes) -> None:
        """Append a record; OSError if there is no room for it, and then nothing was written.

        All records must have the same size: what is full for one is then full for all. Threads
        may append at the same time, because `mmap.write` takes the room and fills it in one step
        under the GIL. No room stays empty, and a kill tears at most the last record.
        """
        piece = self._piece
        while True:
            try:
                piece.write(record)
            except ValueError:  # the piece is full
                piece = self._after(piece)
            else:
                return

    def close(self) -> None:
        """Close the file if it is open; a forked child does this with its parent's."""
        if self._piece is not _FULL:  # which all files share, also one that is just being created
            self._piece.close()
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _after(self, full: mmap.mmap) -> mmap.mmap:
        """Return the piece to use now that one is full; another thread may have mapped it."""
        with self._growing:
            if self._piece is full:
                self._grow()
            return self._piece

    def _grow(self) -> None:
        """Allocate and map one more piece, each as large as all before it, up to a limit."""
        if self._descriptor < 0:
            self._descriptor = _create(self._path)
        used = self._start + self._piece.tell()
        size = self._size + min(max(self._size, FIRST_BYTES), LARGEST_PIECE_BYTES)
        while self._size < size:
            self._size += os.pwrite(self._descriptor, bytes(size - self._size), self._size)
        start = used - used % mmap.ALLOCATIONGRANULARITY
        piece = mmap.mmap(self._descriptor, self._size - start, offset=start)
        piece.seek(used - start)
        self._start, self._piece = start, piece


def is_left(file: BinaryIO) -> bool:
    """Return whether the process that created a file has ended, for a file with a record in it.

    The kernel drops a process's lock however the process ends. Before its first record, a file may
    not be locked yet.
    """
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create(path: Path) -> int:
    """Create a file, lock it, and return its descriptor."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    return descriptor
