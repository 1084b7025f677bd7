"""The charts of a run: a file for each that `CHARTS` names; its docstring says how to read it.

A chart's file defines `draw(tables)`, which returns a Chart, or None if the run lacks what it
needs. `EXPERT = True` marks a chart that a page may fold, `PER_WORKLOAD = True` one that is drawn
for every workload.
"""

import importlib
from collections.abc import Iterator
from dataclasses import replace

from after202.charts.chart import Chart
from after202.charts.tables import Tables, of_run
from after202.records.files import fresh
from after202.records.folder import RunFolder

__all__ = ["CHARTS", "Chart", "Tables", "draw_all", "of_run", "write"]
# In the order of the reader's questions.
CHARTS = (
    "trade_off", "speed", "job_by_job", "settings", "cost", "load", "noise",
    "where_time_goes", "completion_ecdf", "bystander", "completion_classes", "fault_matrix",
    "episode_timeline", "load_curve", "pressure_burst", "pressure_overload", "pressure_backlog",
    "pressure_prefill",
    "resources_over_time",
)  # fmt: skip


def draw_all(tables: Tables) -> list[Chart]:
    """Draw every chart for which the tables have data."""
    return [chart for name in CHARTS for chart in _drawn(name, tables)]


def _drawn(name: str, tables: Tables) -> Iterator[Chart]:
    module = importlib.import_module(f"{__name__}.{name}")
    how = " ".join((module.__doc__ or "").split())
    for part in _parts(tables) if getattr(module, "PER_WORKLOAD", False) else [tables]:
        chart = module.draw(part)
        if chart is not None:
            yield replace(chart, how=how, expert=getattr(module, "EXPERT", False))


def _parts(tables: Tables) -> Iterator[Tables]:
    """Yield the tables, and then those of each workload but the first."""
    yield tables
    for workload in tables.latency["workload"].unique()[1:]:
        yield tables.of(workload)


def write(folder: RunFolder, charts: list[Chart]) -> None:
    """Write each chart below the run's folder, as SVG and PNG that stand alone."""
    folder.charts.mkdir(exist_ok=True)
    for chart in charts:
        svg = fresh(folder.charts / f"{chart.name}.svg")
        svg.write_text(chart.shared_svg, encoding="utf-8")
        fresh(folder.charts / f"{chart.name}.png").write_bytes(chart.png)
