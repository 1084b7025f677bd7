"""A fast reader of ledger files: their records as numpy arrays, part by part."""

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import BinaryIO, NamedTuple

import numpy as np

from after202.analyse.jobs.ids import ID
from after202.kernel import ledger
from after202.records.files import reading

# The layout of after202.kernel.ledger's records, as numpy reads it.
RECORD = np.dtype(
    [
        ("magic", "<u2"),
        ("kind", "u1"),
        ("step", "u1"),
        ("pid", "<u4"),
        ("at_ns", "<i8"),
        ("job_id", ID),
        ("crc", "<u4"),
    ]
)
NO_RECORDS = np.empty(0, RECORD)
PART_RECORDS = 2**19
CRC_POLYNOMIAL = 0xEDB88320
ALL_ONES = np.uint32(0xFFFFFFFF)
PAIRS = RECORD.itemsize // 2


class Part(NamedTuple):
    """The sound records of a part of a file, and how many others it has."""

    records: np.ndarray
    torn: int = 0
    corrupt: int = 0


def parts(path: Path) -> Iterator[Part]:
    """Yield a file's records part by part; the last part corrects the counts for its tail.

    A last record that cannot be read was torn by a kill; only others are corrupt.
    """
    with reading(path), path.open("rb") as file:
        used = -(-_written(file) // RECORD.itemsize)
        whole = min(used, path.stat().st_size // RECORD.itemsize)
        file.seek(0)
        is_cut, last_is_sound = used > whole, True
        for start in range(0, whole, PART_RECORDS):
            size = min(PART_RECORDS, whole - start)
            data = file.read(size * RECORD.itemsize)
            records = np.frombuffer(data, RECORD, size)
            sound = (records["magic"] == ledger.MAGIC) & (records["crc"] == crc32(data, size))
            last_is_sound = bool(sound[-1])
            yield Part(records[sound], corrupt=int((~sound).sum()))
    torn = is_cut or not last_is_sound
    yield Part(NO_RECORDS, torn=int(torn), corrupt=is_cut - torn)


def _written(file: BinaryIO) -> int:
    """Return where the zeros at a file's end begin: they were allocated and never written."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - PART_RECORDS)
        file.seek(start)
        if kept := file.read(end - start).rstrip(b"\0"):
            return start + len(kept)
        end = start
    return 0


@cache
def _crc_table() -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return the CRC of each two-byte value, starting from a CRC of 0."""
    table: np.ndarray[tuple[int], np.dtype[np.uint32]] = np.arange(2**16, dtype=np.uint32)
    for _ in range(16):
        carry = (table & 1) * np.uint32(CRC_POLYNOMIAL)
        table = ((table >> 1) ^ carry).astype(np.uint32)
    return table


def crc32(data: bytes, whole: int) -> "np.ndarray[tuple[int], np.dtype[np.uint32]]":
    """Return zlib.crc32 of each record's body, for all records together, two bytes at a time.

    This is the table-driven CRC-32 of RFC 1952, section 8, with a table of two bytes, not one.
    """
    table = _crc_table()
    pairs = np.frombuffer(data, "<u2", whole * PAIRS).reshape(whole, PAIRS)
    crc = np.full(whole, ALL_ONES, np.uint32)
    for column in range(ledger.BODY.size // 2):
        crc = table[(crc ^ pairs[:, column]) & 0xFFFF] ^ (crc >> 16)
    return crc ^ ALL_ONES
