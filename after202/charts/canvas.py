"""The surface that a chart is drawn on: pixels from the top left corner, in the shared style."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties

from after202.charts import palette

WIDE, NARROW = 720, 328
# At this resolution a point is a pixel.
DPI = 72
TEXT, SMALL, TITLE = 13.0, 12.0, 17.0
TITLE_LINE, TITLE_CHARACTERS, HEAD = 22, 58, 20
STYLE = {
    "svg.fonttype": "none",  # text stays text: a search finds a strategy's name
    "svg.hashsalt": "after202",
    "font.family": "DejaVu Sans",  # comes with matplotlib; system fonts are no wider
    "font.size": TEXT,
    "text.color": palette.INK,
    "axes.edgecolor": palette.MUTED,
    "axes.labelcolor": palette.MUTED,
    "axes.facecolor": "none",
    "xtick.color": palette.MUTED,
    "ytick.color": palette.MUTED,
    "hatch.color": palette.GROUND,
    "hatch.linewidth": 1.2,
    "text.parse_math": False,
}


@dataclass
class Canvas:
    """A figure of a fixed width; `size` sets its height first. A `title` is written on top."""

    width: int
    title: str = ""
    figure: Figure = field(init=False)
    tips: dict[str, str] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Make the figure."""
        self.figure = Figure(figsize=(self.width / DPI, 1), dpi=DPI)
        self._measuring = FigureCanvasAgg(self.figure).get_renderer()
        lines = wrap(self.title, TITLE_CHARACTERS)
        self._head = HEAD + TITLE_LINE * len(lines) if lines else 0
        self._lines = lines
        self._height = 0.0

    @property
    def narrow(self) -> bool:
        """Whether it is drawn for a narrow page."""
        return self.width == NARROW

    def size(self, height: float) -> None:
        """Set the height, and write the title if there is one."""
        self._height = height + self._head
        self.figure.set_size_inches(self.width / DPI, self._height / DPI)
        for number, line in enumerate(self._lines):
            y = TITLE_LINE * (number + 1) - self._head
            self.text(2, y, line, size=TITLE, weight="bold")

    def axes(self, left: float, top: float, right: float, bottom: float) -> Axes:
        """Return axes between these edges, without a frame."""
        low, high = self._y(bottom), self._y(top)
        axes = self.figure.add_axes(
            (left / self.width, low, (right - left) / self.width, high - low)
        )
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0, labelsize=SMALL)
        axes.set_axisbelow(True)
        return axes

    def text(self, x: float, y: float, text: str, **look: Any) -> None:
        """Write at a pixel; `y` is the baseline."""
        look = {"size": TEXT, "va": "baseline", **look}
        self.figure.text(x / self.width, self._y(y), text, **look)

    def at(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Return the pixel of a point of some axes."""
        across, up = axes.transData.transform((x, y))
        return float(across), float(self._height - up - self._head)

    def wide_as(self, texts: Sequence[str], size: float = TEXT, weight: str = "normal") -> float:
        """Return the width of the widest text."""
        font = FontProperties(family="DejaVu Sans", size=size, weight=weight)
        measured = (
            self._measuring.get_text_width_height_descent(text, font, ismath=False)[0]
            for text in texts
        )
        return max(measured, default=0.0)

    def tip(self, artist: Artist, text: str) -> None:
        """Let a page show a text where the pointer rests on a mark."""
        name = f"tip{len(self.tips)}"
        self.tips[name] = text
        artist.set_gid(name)

    def _y(self, y: float) -> float:
        return 1 - (y + self._head) / self._height
