"""Sections as Markdown: REPORT.md."""

import re
from collections.abc import Iterator, Sequence

from after202.report.blocks import (
    SIGNS,
    Badges,
    Block,
    Checks,
    Choice,
    Drawing,
    Fold,
    Heading,
    Items,
    Points,
    Section,
    Table,
    Text,
)

# Characters that begin a tag, link, image, code or emphasis; and, at a line's start, a block.
ACTIVE = re.compile(r"[<>\[\]`*\\]")
BOLD = re.compile(r"\*\*(.+?)\*\*")
BLOCK = re.compile(r"^(\s*)([#+=~-]|\d+[.)])")


def escaped(text: str) -> str:
    """Return text as one line that Markdown shows verbatim, even at the start of a line."""
    return BLOCK.sub(r"\1\\\2", inline(text))


def inline(text: str) -> str:
    """Return text as one line that Markdown shows verbatim within a line."""
    return ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))


def page(sections: Sequence[Section], level: int = 1) -> str:
    """Return the whole page; the first section's title is the page's."""
    first, *others = sections
    parts = [f"*{escaped(first.kicker)}*"] if first.kicker else []
    parts = [f"{'#' * level} {escaped(first.title)}", *parts, *_blocks(first.blocks)]
    for section in others:
        parts += [f"{'#' * (level + 1)} {escaped(section.title)}", *_blocks(section.blocks)]
    return "\n\n".join(parts) + "\n"


def _blocks(blocks: Sequence[Block]) -> Iterator[str]:
    for block in blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[str]:  # noqa: C901 - one case per block
    """Yield a block's paragraphs; what a page folds or lets choose stands open, under a heading."""
    match block:
        case Text(text):
            yield sentence(text)
        case Heading(text):
            yield f"### {escaped(text)}"
        case Items(lines):
            yield _items(lines)
        case Points(pairs):
            yield _items([f"**{name}.** {text}" for name, text in pairs])
        case Badges(pairs):
            yield sentence(" · ".join(text for _, text in pairs))
        case Checks(rows):
            yield _items(
                [f"{SIGNS['well' if ok else 'bad']} **{t}.** {said}" for t, ok, said in rows]
            )
        case Drawing():
            yield f"### {escaped(block.title)}"
            yield f"![{escaped(block.alt)}](charts/{block.name}.svg)"
            yield from map(sentence, block.captions)
        case Choice():
            for _, blocks in block.options:
                yield from _blocks(blocks)
        case Fold():
            yield f"### {escaped(block.title)}"
            yield from _blocks(block.blocks)
        case Table():
            yield _table(block)


def sentence(text: str) -> str:
    """Return a text with its marks of emphasis; everything else is escaped."""
    return BLOCK.sub(r"\1\\\2", _within(text))


def _within(text: str) -> str:
    """Return a text as a sentence within a line."""
    parts = BOLD.split(text)
    return "".join(f"**{inline(p)}**" if n % 2 else _edges(p) for n, p in enumerate(parts))


def _edges(text: str) -> str:
    """Return a text escaped, with the spaces at its ends, which `inline` drops."""
    if not text.strip():
        return text
    start = " " if text[0].isspace() else ""
    end = " " if text[-1].isspace() else ""
    return f"{start}{inline(text)}{end}"


def _items(lines: Sequence[str]) -> str:
    return "\n".join(f"- {sentence(line)}" for line in lines)


def _table(table: Table) -> str:
    rules = ["---:" if n >= table.numbers_from else "---" for n in range(len(table.columns))]
    rows = [table.columns, tuple(rules), *([*map(str, row)] for row in table.rows)]
    lines = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)
    return f"{escaped(table.caption)}:\n\n{lines}" if table.caption else lines


def _cell(text: str) -> str:
    """Return a cell's text as shown within a line, with pipes escaped: they would end the cell."""
    return _within(text).replace("|", "\\|")
