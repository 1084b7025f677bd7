"""Sections as one self-contained HTML page: index.html."""

import re
from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from after202.report.blocks import SIGNS, Block, Choice, Fold, Section

HERE = Path(__file__).parent
BOLD = re.compile(r"\*\*(.+?)\*\*")
COMMAND = re.compile(r"\b(make bench(?: PROFILE=\w+)?|after202 \w+)\b")


def page(sections: Sequence[Section], title: str = "") -> str:
    """Return the whole page; every text is escaped. The first section opens it."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"kind": lambda block: type(block).__name__, "rich": rich, "slug": slug}
    environment.globals["SIGNS"] = SIGNS
    first, *others = sections
    return environment.get_template("page.html.jinja").render(
        title=title or f"{first.title} Background work behind FastAPI, measured",
        first=first,
        sections=others,
        style=Markup(_style(sections)),  # noqa: S704 - ours
        script=Markup((HERE / "enhance.js").read_text(encoding="utf-8")),  # noqa: S704 - ours
    )


def rich(text: str) -> Markup:
    """Return a text as HTML: bold marks and commands are shown as such, all else is escaped."""
    shown = BOLD.sub(r"<b>\1</b>", str(escape(text)))
    return Markup(COMMAND.sub(r"<code>\1</code>", shown))  # noqa: S704 - escaped above


def slug(text: str) -> str:
    """Return a text as part of an id."""
    return re.sub(r"\W+", "-", text).strip("-").lower()


def _style(sections: Sequence[Section]) -> str:
    """Return the stylesheet, with what shows one option of each choice."""
    css = (HERE / "style.css").read_text(encoding="utf-8")
    chosen = "".join(_chosen(choice) for one in sections for choice in _choices(one.blocks))
    return css.replace("/*CHOICES*/", chosen)


def _choices(blocks: Sequence[Block]) -> list[Choice]:
    found = [block for block in blocks if isinstance(block, Choice)]
    folded = [
        choice for block in blocks if isinstance(block, Fold) for choice in _choices(block.blocks)
    ]
    return found + folded


def _chosen(choice: Choice) -> str:
    """Return the rules that hide the options that are not chosen: no script is needed."""
    return "".join(
        f"body:has(#{choice.name}-{number}:checked)"
        f" .{choice.name}-option:not(.{choice.name}-{number}){{display:none}}"
        for number in range(len(choice.options))
    )
