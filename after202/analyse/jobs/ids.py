"""Job ids as the ledger holds them, 16 bytes each, and as the client writes them, many at once."""

import numpy as np
import pandas as pd
import pyarrow as pa

ID_BYTES = 16
DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
# Where a UUID's digits stand between its dashes: 8-4-4-4-12.
TEXT_WIDTH = 36
_PLACES = [place for place in range(TEXT_WIDTH) if place not in {8, 13, 18, 23}]
HIGH_DIGITS, LOW_DIGITS = _PLACES[::2], _PLACES[1::2]
Halves = np.ndarray[tuple[int, int], np.dtype[np.uint64]]
Codes = np.ndarray[tuple[int], np.dtype[np.intp]]


def categorical(ids: bytes) -> pd.Categorical:
    """Return ids as texts, each text made once: an id comes again with each of its job's events."""
    codes, distinct = _distinct(np.frombuffer(ids, "<u8").reshape(-1, 2))
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts(distinct.tobytes())))


def _distinct(halves: Halves) -> tuple[Codes, Halves]:
    """Return which id each is of the distinct ones, and these; an id is a row of two halves."""
    codes, firsts = pd.factorize(halves[:, 0])
    seconds = np.empty_like(firsts)
    seconds[codes] = halves[:, 1]
    if (seconds[codes] == halves[:, 1]).all():  # as random ids have it: no two share the first
        return codes, np.column_stack([firsts, seconds])
    low_codes, low = pd.factorize(halves[:, 1])
    codes, pairs = pd.factorize(codes * len(low) + low_codes)
    return codes, np.column_stack([firsts[pairs // len(low)], low[pairs % len(low)]])


def texts(ids: bytes) -> pd.Series:
    """Write ids as UUIDs are written."""
    raw = np.frombuffer(ids, np.uint8).reshape(-1, ID_BYTES)
    written = np.full((len(raw), TEXT_WIDTH), ord("-"), np.uint8)
    written[:, HIGH_DIGITS], written[:, LOW_DIGITS] = DIGITS[raw >> 4], DIGITS[raw & 15]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_WIDTH
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(written)]
    return pd.Series(pd.array(pa.Array.from_buffers(pa.string(), len(raw), buffers), dtype="str"))
