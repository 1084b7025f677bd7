"""The building blocks of a report section: plain values that each rendering shows its own way."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import starmap


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class Items:
    """A list with one line per item."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """A table of texts; `numbers_from` is the first column that holds numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers_from: int = 99
    caption: str = ""


@dataclass(frozen=True)
class Picture:
    """A chart, by its name in the folder of charts.

    The title states the finding, `alt` its numbers too; the caption says how to read it.
    """

    name: str
    title: str
    alt: str
    caption: str


@dataclass(frozen=True)
class Heading:
    """A heading below the section's own."""

    text: str


Block = Text | Items | Table | Picture | Heading


@dataclass(frozen=True)
class Section:
    """A section; the first has no title. `terminal` holds the blocks that a terminal shows."""

    title: str
    blocks: tuple[Block, ...]
    terminal: tuple[Block, ...] = field(default=())


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    numbers_from: int = 99,
    caption: str = "",
) -> Table:
    """Return a table with every cell converted to text by `str`."""
    written = tuple(tuple(map(str, row)) for row in rows)
    return Table(tuple(columns), written, numbers_from, caption)


def joined(pairs: Sequence[tuple[str, object]], between: str = ", ") -> str:
    """Return pairs as one line: name value, name value."""
    return between.join(starmap("{} {}".format, pairs))
