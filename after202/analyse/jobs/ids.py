"""Convert job ids together: text, as the client writes, and 16 bytes, as in the ledger."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Compared and sorted by all its bytes, and much faster than numpy's raw bytes ("V16").
ID = np.dtype("S16")
DIGITS = np.frombuffer(b"0123456789abcdef", np.uint8)
NO_DIGIT = 255
VALUES = np.full(256, NO_DIGIT, np.uint8)
VALUES[DIGITS] = np.arange(16)
# Where a UUID's digits stand between its dashes: 8-4-4-4-12.
TEXT_WIDTH = 36
DASHES = [8, 13, 18, 23]
_PLACES = [place for place in range(TEXT_WIDTH) if place not in DASHES]
HIGH_DIGITS, LOW_DIGITS = _PLACES[::2], _PLACES[1::2]
SLICE = 2**17
Ids = np.ndarray[tuple[int], np.dtype[np.bytes_]]
Numbers = np.ndarray[tuple[int], np.dtype[np.int32]]

NO_IDS: Ids = np.empty(0, ID)
NO_NUMBERS: Numbers = np.empty(0, np.int32)


class Index:
    """Finds the numbers of ids; an id's number is its place in the array that is given."""

    def __init__(self, ids: Ids) -> None:
        """Index these ids."""
        self._order: Numbers = np.argsort(ids).astype(np.int32)
        self._sorted = ids[self._order]
        self._heads = _heads(self._sorted)

    def __len__(self) -> int:
        """Count the ids."""
        return len(self._order)

    @property
    def repeats(self) -> bool:
        """Whether an id is there more than once."""
        return bool((self._sorted[1:] == self._sorted[:-1]).any())

    def numbers(self, ids: Ids) -> Numbers:
        """Return the number of each id; -1 if it is not indexed."""
        if not len(self._sorted):
            return np.full(len(ids), -1, np.int32)
        heads = _heads(ids)
        order = np.argsort(heads)  # neighbours are found in the cache
        places = np.empty(len(ids), np.intp)
        places[order] = np.searchsorted(self._heads, heads[order])
        is_other = self._at(places) != ids  # not indexed, or shares its first half with another
        places[is_other] = np.searchsorted(self._sorted, ids[is_other])
        found = self._order[np.minimum(places, len(self._order) - 1)]
        found[self._at(places) != ids] = -1
        return found

    def _at(self, places: np.ndarray[tuple[int], np.dtype[np.intp]]) -> Ids:
        return self._sorted[np.minimum(places, len(self._sorted) - 1)]


def _heads(ids: Ids) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Return the first halves of ids as numbers, which are in the order of the ids."""
    return np.ascontiguousarray(ids).view(">u8")[::2].astype(np.uint64)


def packed(texts: pa.ChunkedArray) -> Ids:
    """Return ids in 16 bytes; of a text that is no UUID (in lower case), its beginning."""
    found = np.empty(len(texts), ID)
    for start in range(0, len(texts), SLICE):
        found[start : start + SLICE] = _packed(texts.slice(start, SLICE).combine_chunks())
    return found


def _packed(texts: pa.StringArray) -> Ids:
    padded = pc.ascii_rpad(texts.fill_null(""), TEXT_WIDTH).cast(pa.binary())
    cut = pc.binary_slice(padded, 0, TEXT_WIDTH).cast(pa.binary(TEXT_WIDTH))
    written = np.frombuffer(cut.buffers()[1], np.uint8, len(cut) * TEXT_WIDTH)
    written = written.reshape(-1, TEXT_WIDTH)
    high, low = VALUES[written[:, HIGH_DIGITS]], VALUES[written[:, LOW_DIGITS]]
    is_uuid = (np.maximum(high, low) != NO_DIGIT).all(axis=1)
    is_uuid &= (written[:, DASHES] == ord("-")).all(axis=1)
    raw = np.where(is_uuid[:, None], high << 4 | low, written[:, : ID.itemsize])
    return raw.view(ID).ravel()


def texts(ids: Ids) -> pa.Array:
    """Return ids in the text form of UUIDs."""
    raw = np.ascontiguousarray(ids).view(np.uint8).reshape(-1, ID.itemsize)
    written = np.full((len(raw), TEXT_WIDTH), ord("-"), np.uint8)
    written[:, HIGH_DIGITS], written[:, LOW_DIGITS] = DIGITS[raw >> 4], DIGITS[raw & 15]
    offsets = np.arange(len(raw) + 1, dtype=np.int32) * TEXT_WIDTH
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(written)]
    return pa.Array.from_buffers(pa.string(), len(raw), buffers)
