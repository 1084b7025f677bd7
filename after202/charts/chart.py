"""A chart that was drawn."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Chart:
    """A chart: `title` states the finding, `alt` its numbers too, `how` says how to read it.

    The drawings for a wide and a narrow page have CSS variables for colours. Those in `shared_svg`
    and `png` have light colours and the title, and stand alone. `expert` marks a chart that a page
    may fold away.
    """

    name: str
    title: str
    alt: str
    wide_svg: str = field(repr=False)
    narrow_svg: str = field(repr=False)
    expert: bool = False
    how: str = ""
    shared_svg: str = field(default="", repr=False)
    png: bytes = field(default=b"", repr=False)
