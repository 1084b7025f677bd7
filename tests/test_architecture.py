"""The map of the house names every room, and nothing that is not there."""

import re
from collections.abc import Iterator
from pathlib import Path

from tests.project import ROOT

MAP = ROOT / "docs" / "architecture.md"
# Folders whose files the row of the folder above describes.
WITHIN = {
    "after202/report/sections", "after202/report/rendering", "after202/suite",
}  # fmt: skip


def rooms() -> Iterator[str]:
    """Yield every folder that holds code, but for the tests' own."""
    for top in ("apps", "workers", "loadtests"):
        yield top
    for top in ("after202", "workers", "loadtests"):
        for path in sorted((ROOT / top).rglob("*/")):
            holds = any(path.glob("*.py")) or any(path.glob("*.toml"))
            if holds and "__pycache__" not in path.parts:
                yield str(path.relative_to(ROOT))


def rows() -> set[str]:
    """Return the rooms that have a row in one of the map's tables."""
    return set(re.findall(r"^\| `([\w/]+)/` \| \S", MAP.read_text(), flags=re.MULTILINE))


def test_every_room_has_a_line_on_the_map() -> None:
    """A newcomer finds each folder of code in docs/architecture.md."""
    assert set(rooms()) - WITHIN - rows() == set()


def test_the_map_names_no_room_that_is_not_there() -> None:
    """A room that was moved has its line moved too."""
    assert {room for room in rows() if not (ROOT / room).is_dir()} == set()


def test_every_file_that_the_map_names_is_there() -> None:
    """A path in backticks that ends with .py is a file."""
    text = MAP.read_text()
    named = set(re.findall(r"`((?:[\w]+/)+[\w]+\.py)`", text))
    assert len(named) > 15
    places = [ROOT, ROOT / "after202", ROOT / "after202" / "analyse"]
    missing = {name for name in named if not any((place / name).is_file() for place in places)}
    assert missing - {"workers/NAME.py"} == set()


def test_no_room_is_a_quarter_of_the_house() -> None:
    """The largest of the rooms has less than 25 % of the lines; measure has at most 12 inside."""
    of = {name: lines(ROOT / name) for name in ("apps", "workers", "loadtests")}
    packages = [path for path in (ROOT / "after202").iterdir() if (path / "__init__.py").exists()]
    of |= {f"after202/{path.name}": lines(path) for path in packages}
    total = sum(of.values()) + lines(ROOT / "after202", deep=False)
    assert max(of.values()) < total / 4, sorted(of.items(), key=lambda item: -item[1])[:3]
    inside = {path for path in (ROOT / "after202" / "measure").iterdir() if path.suffix == ".py"}
    folders = {path for path in (ROOT / "after202" / "measure").iterdir() if path.is_dir()}
    counted = [p for p in inside | folders if not p.name.startswith("__")]
    assert len(counted) <= 12


def lines(folder: Path, *, deep: bool = True) -> int:
    """Count the lines of code and of templates in a folder."""
    files = folder.rglob("*") if deep else folder.glob("*")
    kinds = {".py", ".jinja", ".sql"}
    return sum(len(p.read_text().splitlines()) for p in files if p.suffix in kinds)
