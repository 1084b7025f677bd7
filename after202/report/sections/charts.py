"""The charts, each with its caption."""

from after202.report.blocks import Picture, Section
from after202.report.sections import Reported

PLACE = 50


def section(reported: Reported) -> Section | None:
    """Return every chart that was drawn."""
    if not reported.charts:
        return None
    return Section("Charts", tuple(Picture(c.name, c.caption) for c in reported.charts))
