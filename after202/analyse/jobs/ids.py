"""Convert many job ids together from 16 bytes, as in the ledger, to text, as the client writes."""

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
    """Return ids as text, converting each once: an id recurs in every event of its job."""
    codes, distinct = _distinct(np.frombuffer(ids, "<u8").reshape(-1, 2))
    return pd.Categorical.from_codes(codes, categories=pd.Index(texts(distinct.tobytes())))


def _distinct(halves: Halves) -> tuple[Codes, Halves]:
    """Return each id's index among the distinct ids, and those; an id is a row of two halves."""
    codes, firsts = pd.factorize(halves[:, 0])
    seconds = np.empty_like(firsts)
    seconds[codes] = halves[:, 1]
    if (seconds[codes] == halves[:, 1]).all():  # usual for random ids: no two share the first half
        return codes, np.column_stack([firsts, seconds])
    low_codes, low = pd.factorize(halves[:, 1])
    codes, pairs = pd.factorize(codes * len(low) + low_codes)
    return codes, np.column_stack([firsts[pairs // len(low)], low[pairs % len(low)]])


def texts(ids: bytes) -> pd.Series:
    """Return ids in the text form of UUIDs."""
    raw = np.frombuffer(ids, np.uint8).reshape(-1, ID_BYTES)
    written = np.full((len(raw), TEXT_WIDTH), ord("-"), np.uint8)
    written[:, HIGH_DIGITS], written[:, LOW_DIGITS] = DIGITS[raw >> 4], DIGITS[raw & 15]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_WIDTH
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(written)]
    return pd.Series(pd.array(pa.Array.from_buffers(pa.string(), len(raw), buffers), dtype="str"))
