"""The charts, each with its caption."""

from after202.report.blocks import Picture, Section
from after202.report.sections import Reported

PLACE = 50


def section(reported: Reported) -> Section | None:
    """Return every chart that was drawn."""
    if not reported.charts:
        return None
    pictures = (Picture(c.name, c.title, c.alt, c.how) for c in reported.charts)
    return Section("Charts", tuple(pictures))
