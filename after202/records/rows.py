"""`requests-<process>.rows`: a process's requests in binary, written while its load runs.

A row is written before its request is sent, and completed when it is answered. Both are writes to
memory that is mapped from the file, so the kernel keeps them however the process ends. No row waits
in a buffer, and no system call is made for a row.
"""

import os
from collections.abc import Iterator
from mmap import PAGESIZE, mmap
from struct import Struct
from typing import BinaryIO

import numpy as np

ROW = np.dtype(
    [
        ("due_us", "<i8"),
        ("slip_us", "<i8"),
        ("job_id", "S36"),
        ("response_us", "<i8"),
        ("status", "<i2"),
        ("outcome", "i1"),
        ("stream", "i1"),
    ]
)
# A torn answer leaves the outcome as it was, and a torn row has no stream: it was never sent.
_SENT, _ANSWER = Struct("<qq36sqhbb"), Struct("<qhb")
_ANSWER_AT = _SENT.size - _ANSWER.size - 1
# Streams count from 1, because the slots that no request has used yet are zeros.
FIRST_STREAM = 1
PIECE_ROWS = 64 * PAGESIZE // _SENT.size
PIECE_BYTES = PIECE_ROWS * _SENT.size
CHUNK_ROWS = 2**17
Place = tuple[mmap, int]


class Rows:
    """Appends rows to a file that grows piece by piece.

    A piece stays in memory only while one of its requests waits for an answer.
    """

    def __init__(self, file: BinaryIO) -> None:
        """Begin an empty file."""
        self._file = file
        self._pieces = 0
        self._next = PIECE_BYTES
        self._piece: mmap

    def add(
        self, times_us: tuple[int, int, int], job_id: str, status: int, outcome: int, stream: int
    ) -> Place:
        """Append a row, its times as (due, slip, response); return its place.

        OSError if the disk is full.
        """
        if self._next == PIECE_BYTES:
            self._begin_piece()
        place = self._piece, self._next
        due_us, slip_us, response_us = times_us
        _SENT.pack_into(
            *place, due_us, slip_us, job_id.encode(), response_us, status, outcome,
            stream + FIRST_STREAM,
        )  # fmt: skip
        self._next += _SENT.size
        return place

    def _begin_piece(self) -> None:
        """Allocate a piece on the disk before it is mapped: a full disk is then an error here."""
        start = self._pieces * PIECE_BYTES
        os.posix_fallocate(self._file.fileno(), start, PIECE_BYTES)
        self._piece = mmap(self._file.fileno(), PIECE_BYTES, offset=start)
        self._pieces += 1
        self._next = 0


def answer(place: Place, response_us: int, status: int, outcome: int) -> None:
    """Complete the row at a place."""
    piece, start = place
    _ANSWER.pack_into(piece, start + _ANSWER_AT, response_us, status, outcome)


def read(file: BinaryIO) -> Iterator[np.ndarray]:
    """Yield the rows of a file from its beginning, in chunks, as numpy records."""
    file.seek(0)
    while data := file.read(CHUNK_ROWS * ROW.itemsize):
        rows = np.frombuffer(data, ROW, len(data) // ROW.itemsize)
        yield rows[rows["stream"] >= FIRST_STREAM]
