"""The charts: each file of this folder draws one, and its module docstring is the caption."""

import importlib
import pkgutil
from dataclasses import dataclass

import matplotlib as mpl

from after202.analyse.run import Run
from after202.records.files import fresh

SHARED, FIRST = "style", "response_and_completion"
PNG_DPI = 144
# Text stays text: smaller files, and a search finds a strategy's name.
mpl.rcParams["svg.fonttype"] = "none"
mpl.rcParams["svg.hashsalt"] = "after202"


@dataclass(frozen=True)
class Chart:
    """A chart that was drawn."""

    name: str
    caption: str


def names() -> list[str]:
    """Return the charts' names: the files of this folder, the main one first."""
    found = (m.name for m in pkgutil.iter_modules(__path__) if m.name != SHARED)
    return sorted(found, key=lambda name: (name != FIRST, name))


def draw_all(run: Run) -> list[Chart]:
    """Draw every chart for which the run has data, as SVG and PNG."""
    folder = run.folder.charts
    folder.mkdir(exist_ok=True)
    drawn = []
    for name in names():
        module = importlib.import_module(f"{__name__}.{name}")
        figure = module.draw(run)
        if figure is not None:
            figure.draw_without_rendering()
            figure.set_layout_engine(None)  # laid out once, not again for each format
            figure.savefig(fresh(folder / f"{name}.svg"), metadata={"Date": None})
            figure.savefig(fresh(folder / f"{name}.png"), dpi=PNG_DPI)
            drawn.append(Chart(name, " ".join((module.__doc__ or name).split())))
    return drawn
