"""What the marks of a chart mean, in a line or two above it."""

from collections.abc import Sequence
from dataclasses import dataclass

from after202.charts import marks
from after202.charts.canvas import SMALL, Canvas

LINE, MARK, GAP = 19, 10, 20
FIRST = 7.0


@dataclass(frozen=True)
class Entry:
    """A mark, or a bar of a colour, with its meaning."""

    text: str
    mark: str = ""
    colour: str = ""
    hatched: bool = False

    @property
    def fill(self) -> marks.Fill:
        """How a bar of it is filled."""
        return self.colour, self.hatched


def height(canvas: Canvas, entries: Sequence[Entry]) -> float:
    """Return how tall the legend is."""
    return LINE * len(_lines(canvas, entries))


def write(canvas: Canvas, top: float, entries: Sequence[Entry]) -> None:
    """Write the legend below a pixel."""
    tall = height(canvas, entries)
    if not entries:
        return
    key = canvas.axes(0, top, canvas.width, top + tall)
    key.set(xlim=(0, canvas.width), ylim=(tall, 0), xticks=[], yticks=[])
    for number, line in enumerate(_lines(canvas, entries)):
        x, y = FIRST, LINE * number + LINE / 2
        for entry in line:
            if entry.mark:
                marks.put(key, entry.mark, [(x, y)], MARK)
            else:
                marks.bar(key, (x - MARK / 2, MARK + 2), y, MARK, entry.fill)
            canvas.text(x + MARK, top + y + 4, entry.text, size=SMALL)
            x += _wide(canvas, entry)


def _lines(canvas: Canvas, entries: Sequence[Entry]) -> list[list[Entry]]:
    lines: list[list[Entry]] = []
    x = canvas.width
    for entry in entries:
        wide = _wide(canvas, entry)
        if x + wide - GAP > canvas.width:
            lines.append([])
            x = int(FIRST)
        lines[-1].append(entry)
        x += int(wide)
    return lines


def _wide(canvas: Canvas, entry: Entry) -> float:
    return MARK + canvas.wide_as([entry.text], SMALL) + GAP
