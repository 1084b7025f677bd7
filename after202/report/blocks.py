"""The building blocks of a report section: plain values that each rendering shows its own way.

In texts and cells, **two stars** mark what matters. Nothing else is markup.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import starmap

# The marks of what became of jobs, and of checks; every rendering has a sign beside the colour.
SIGNS = {
    "done": "✓", "lost": "✕", "failed": "!", "stuck": "◐", "twice": "2×", "unseen": "?",
    "none": "–", "well": "✓", "bad": "!",
}  # fmt: skip


@dataclass(frozen=True)
class Text:
    """A paragraph; `look` is empty, or lead, small, advice or warning."""

    text: str
    look: str = ""


@dataclass(frozen=True)
class Items:
    """A list with one line per item."""

    lines: tuple[str, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table: a text, what became of it as a mark, and smaller lines below it.

    `share` is a length between 0 and 1, drawn as a bar.
    """

    text: str
    mark: str = ""
    notes: tuple[str, ...] = ()
    share: float | None = None

    def __str__(self) -> str:
        """Return the cell as one line."""
        sign = f"{SIGNS[self.mark]} " if self.mark else ""
        return f"{sign}{'; '.join(filter(None, (self.text, *self.notes)))}"


@dataclass(frozen=True)
class Table:
    """A table; `numbers_from` is the first column that holds numbers.

    `caption` says what it is. The first cell of a row is its heading. Where the page is narrow, a
    row becomes a card.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    numbers_from: int = 99
    caption: str = ""


@dataclass(frozen=True)
class Drawing:
    """A chart: the title states the finding, `alt` its numbers too, `captions` how to read it.

    `wide` and `narrow` are SVG, and `name` is that of the file in the folder of charts. What only
    an expert reads is folded.
    """

    name: str
    title: str
    alt: str
    wide: str
    narrow: str
    captions: tuple[str, ...] = ()
    is_expert: bool = False


@dataclass(frozen=True)
class Heading:
    """A heading below the section's own."""

    text: str


@dataclass(frozen=True)
class Points:
    """Short answers, each with its subject."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Badges:
    """How far to trust what stands beside them: a mark, or none, and a short text."""

    pairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Checks:
    """What was checked: a title, whether it is well, and what was seen."""

    rows: tuple[tuple[str, bool, str], ...]


@dataclass(frozen=True)
class Choice:
    """Blocks of which a page shows one at a time, if it can: a label each. `question` is asked."""

    name: str
    question: str
    options: tuple[tuple[str, "tuple[Block, ...]"], ...]


@dataclass(frozen=True)
class Fold:
    """Blocks that a page folds away, under a title with a note."""

    title: str
    blocks: "tuple[Block, ...]"
    note: str = ""
    is_open: bool = False


Block = (
    Text | Items | Table | Drawing | Heading | Points | Badges | Checks | Choice | Fold
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A section: the reader's question, its short form for the navigation, and its blocks.

    `anchor` is its place in a page. The one with a `kicker` opens the page: its title is the
    finding, and the kicker stands above it. `terminal` has what a terminal shows of a section whose
    page has no short answer.
    """

    title: str
    blocks: tuple[Block, ...]
    anchor: str = ""
    short: str = ""
    kicker: str = ""
    terminal: tuple[Block, ...] = ()

    @property
    def id(self) -> str:
        """Its place in a page."""
        return self.anchor or re.sub(r"\W+", "-", self.title).strip("-").lower()


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    numbers_from: int = 99,
    caption: str = "",
) -> Table:
    """Return a table; whatever is no cell becomes one, as text."""
    written = tuple(tuple(map(_cell, row)) for row in rows)
    return Table(tuple(columns), written, numbers_from, caption)


def _cell(content: object) -> Cell:
    return content if isinstance(content, Cell) else Cell(str(content))


def texts(*found: str | None, look: str = "") -> tuple[Text, ...]:
    """Return a paragraph of the sentences that there are; nothing if there are none."""
    there = " ".join(filter(None, found))
    return (Text(there, look),) if there else ()


def joined(pairs: Sequence[tuple[str, object]], between: str = ", ") -> str:
    """Return pairs as one line: name value, name value."""
    return between.join(starmap("{} {}".format, pairs))
