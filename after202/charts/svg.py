"""A figure as SVG: for a page, with variables for colours and ids of its own; or to stand alone."""

import re
from collections.abc import Mapping
from io import BytesIO, StringIO
from xml.etree import ElementTree as ET

from matplotlib.figure import Figure

from after202.charts import palette

NAMESPACE, LINKS = "http://www.w3.org/2000/svg", "{http://www.w3.org/1999/xlink}href"
FONTS = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Liberation Sans', Arial, sans-serif"
OWN_FONT = re.compile(r"'DejaVu Sans'(, [^;]*)?")
# Matplotlib's rule for every element would hold for the whole page.
LINES = "stroke-linejoin: round; stroke-linecap: butt"
# A name stays legible where a line runs behind it.
HALO = f"; paint-order: stroke; stroke: {palette.GROUND}; stroke-width: 3px; stroke-linejoin: round"
WITHOUT = dict.fromkeys(("Date", "Creator", "Format", "Type"))
PNG_DPI = 144
GROUP, WORDS = f"{{{NAMESPACE}}}g", {f"{{{NAMESPACE}}}{tag}" for tag in ("text", "tspan", "title")}
PLACES, NUMBER = ("d", "transform", "x", "y"), re.compile(r"-?\d+\.\d+")


def for_page(figure: Figure, name: str, alt: str, tips: Mapping[str, str]) -> str:
    """Return the drawing to put into a page; every id begins with `name`."""
    root = _root(figure)
    _describe(root, tips)
    _rename(root, name)
    root.set("class", f"chart {name.rsplit('-', 1)[-1]}")
    return palette.variables(_text(root, alt))


def alone(figure: Figure, alt: str) -> str:
    """Return the drawing as a file of its own, on the light ground."""
    figure.set_facecolor(palette.GROUND)
    return _text(_root(figure), alt) + "\n"


def png(figure: Figure) -> bytes:
    """Return the drawing as a picture of twice the size."""
    file = BytesIO()
    figure.savefig(file, format="png", dpi=PNG_DPI, facecolor=palette.GROUND)
    return file.getvalue()


def _root(figure: Figure) -> ET.Element:
    file = StringIO()
    figure.savefig(file, format="svg", metadata=WITHOUT, facecolor=figure.get_facecolor())
    root = ET.fromstring(file.getvalue())  # noqa: S314 - what matplotlib has just written
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in (f"{{{NAMESPACE}}}metadata", f"{{{NAMESPACE}}}style"):
                parent.remove(child)
    for text in root.iter(f"{{{NAMESPACE}}}text"):
        text.set("style", text.get("style", "") + HALO)
    root.set("style", LINES)
    for measure in ("width", "height"):
        root.set(measure, root.get(measure, "").removesuffix("pt"))
    return root


def _describe(root: ET.Element, tips: Mapping[str, str]) -> None:
    for element in list(root.iter()):
        if (tip := tips.get(element.get("id", ""))) is not None:
            title = ET.Element(f"{{{NAMESPACE}}}title")
            title.text = tip
            element.insert(0, title)


def _rename(root: ET.Element, name: str) -> None:
    """Make every id and what refers to it the chart's own."""
    for element in root.iter():
        for key, value in element.attrib.items():
            if key == "id":
                element.set(key, f"{name}-{value}")
            elif key == LINKS:
                element.set(key, value.replace("#", f"#{name}-"))
            else:
                element.set(key, value.replace("url(#", f"url(#{name}-"))


def _tidy(root: ET.Element) -> None:
    """Round places to a hundredth of a pixel; leave out blanks, and names of groups."""
    for element in root.iter():
        for key in PLACES:
            if place := element.get(key):
                element.set(key, NUMBER.sub(_rounded, " ".join(place.split())))
        if element.tag == GROUP:
            element.attrib.pop("id", None)
        if element.tag not in WORDS:
            element.text = (element.text or "").strip()
        element.tail = (element.tail or "").strip()


def _rounded(number: re.Match[str]) -> str:
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")


def _text(root: ET.Element, alt: str) -> str:
    _tidy(root)
    root.set("role", "img")
    root.set("aria-label", alt)
    ET.register_namespace("", NAMESPACE)
    ET.register_namespace("xlink", LINKS[1:].partition("}")[0])
    return OWN_FONT.sub(FONTS, ET.tostring(root, encoding="unicode"))
