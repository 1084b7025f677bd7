"""Ids in 16 bytes: as text, packed, and found again."""

from uuid import UUID

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from after202.analyse.jobs import ids

# Few halves, so that ids share them.
uuids = st.lists(
    st.builds(lambda high, low: UUID(int=high << 64 | low), *[st.integers(0, 3)] * 2) | st.uuids(),
    unique=True,
)


def as_array(some: list[UUID]) -> ids.Ids:
    """Return ids as an array."""
    return np.array([one.bytes for one in some], ids.ID)


@given(uuids, uuids)
def test_each_id_is_found_at_its_place_and_no_other(known: list[UUID], asked: list[UUID]) -> None:
    """Even where ids share a half."""
    expected = [known.index(one) if one in known else -1 for one in asked]
    assert ids.Index(as_array(known)).numbers(as_array(asked)).tolist() == expected


def test_an_id_that_is_there_twice_is_noticed() -> None:
    """No other is, also if it shares a half."""
    one, other = UUID(int=1 << 64 | 1), UUID(int=1 << 64 | 2)
    assert not ids.Index(as_array([one, other])).repeats
    assert ids.Index(as_array([one, other, one])).repeats


@given(uuids)
def test_texts_and_bytes_are_the_same_ids(some: list[UUID]) -> None:
    """In both directions."""
    texts = [str(one) for one in some]
    assert ids.texts(as_array(some)).to_pylist() == texts
    assert ids.packed(pa.chunked_array([texts], pa.string())).tolist() == as_array(some).tolist()


def test_a_text_that_is_no_uuid_is_no_id_of_the_ledger() -> None:
    """It is told apart from UUIDs and, by its beginning, from others."""
    uuid = str(UUID(int=10))
    others = [None, "x", "y", uuid.upper(), uuid[:-1], uuid.replace("-", "0"), "é" * 40]
    found = ids.packed(pa.chunked_array([others, [uuid]], pa.string()))
    assert ids.Index(found[-1:]).numbers(found).tolist() == [-1] * len(others) + [0]
    assert len(np.unique(found[:3])) == len(found[:3])
