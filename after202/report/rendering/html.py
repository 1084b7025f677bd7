"""Sections as one HTML page: index.html."""

from collections.abc import Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from after202.report.blocks import Section

HERE = Path(__file__).parent


def page(title: str, sections: Sequence[Section]) -> str:
    """Return the whole page; every text is escaped."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["kind"] = lambda block: type(block).__name__
    return environment.get_template("page.html.jinja").render(title=title, sections=sections)
