"""Sections as Markdown: REPORT.md."""

import re
from collections.abc import Sequence

from after202.report.blocks import Block, Heading, Items, Picture, Section, Table, Text

# Characters that begin a tag, link, image, code or emphasis; and, at a line's start, a block.
ACTIVE = re.compile(r"[<>\[\]`*\\]")
BLOCK = re.compile(r"^(\s*)([#+=~-]|\d+[.)])")


def escaped(text: str) -> str:
    """Return text as one line that Markdown shows verbatim, even at the start of a line."""
    return BLOCK.sub(r"\1\\\2", inline(text))


def inline(text: str) -> str:
    """Return text as one line that Markdown shows verbatim within a line."""
    return ACTIVE.sub(r"\\\g<0>", " ".join(text.split()))


def page(title: str, sections: Sequence[Section]) -> str:
    """Return the whole page."""
    parts = [f"# {escaped(title)}"]
    for section in sections:
        parts += [f"## {section.title}"] if section.title else []
        parts += [_block(block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    match block:
        case Text(text):
            return escaped(text)
        case Heading(text):
            return f"### {escaped(text)}"
        case Items(lines):
            return "\n".join(f"- {escaped(line)}" for line in lines)
        case Picture(name, title, alt, caption):
            shown = f"![{inline(alt)}](charts/{name}.svg)"
            return f"### {escaped(title)}\n\n{escaped(caption)}\n\n{shown}"
        case Table():
            return _table(block)


def _table(table: Table) -> str:
    rules = ["---:" if n >= table.numbers_from else "---" for n in range(len(table.columns))]
    rows = [table.columns, tuple(rules), *table.rows]
    lines = "\n".join(f"| {' | '.join(map(_cell, row))} |" for row in rows)
    return f"{lines}\n\n{escaped(table.caption)}" if table.caption else lines


def _cell(text: str) -> str:
    """Return a cell's text as shown within a line, with pipes escaped: they would end the cell."""
    return inline(text).replace("|", "\\|")
