"""Blocks for a terminal of 80 columns."""

from rich.console import RenderableType
from rich.table import Table as RichTable
from rich.text import Text as Plain

from after202.kernel.text import printable
from after202.report.blocks import Block, Heading, Items, Picture, Table, Text


def shown(block: Block) -> RenderableType:
    """Return the rich renderable of a block."""
    match block:
        case Text(text) | Heading(text):
            return _plain(text)
        case Items(lines):
            return _plain("\n".join(lines))
        case Picture(caption=caption):
            return _plain(caption)
        case Table():
            return _table(block)


def _table(table: Table) -> RichTable:
    """Return a table whose text wraps instead of being cut, and whose numbers never wrap.

    A first cell that repeats the one above is left blank.
    """
    caption = _plain(table.caption)
    found = RichTable(box=None, pad_edge=False, caption=caption, caption_justify="left")
    for number, name in enumerate(table.columns):
        is_number = number >= table.numbers_from
        found.add_column(
            _plain(name),
            justify="right" if is_number else "left",
            no_wrap=is_number or (number == 0 and table.numbers_from < len(table.columns)),
            overflow="fold",
        )
    before = ""
    for first, *others in table.rows:
        cells = ["" if first == before else first, *others]
        found.add_row(*map(_plain, cells))
        before = first
    return found


def _plain(text: str) -> Plain:
    """Return text for display without markup, with control characters escaped."""
    return Plain(printable(text))
