"""The report's sections, one per file of this folder, each the answer to a reader's question.

A file defines `PLACE`, its position in the report, and `section(reported)`, which returns a
Section, or None if the run lacks the data for it. What only experts read stands in `folded/`.
"""

import importlib
import pkgutil
from dataclasses import dataclass
from types import ModuleType

from after202.analyse.findings.finding import Finding
from after202.analyse.run import Run
from after202.charts import Chart
from after202.report.blocks import Drawing, Section
from after202.report.facts import Facts


@dataclass(frozen=True)
class Reported:
    """The input of a section: the facts, the charts that were drawn, and the reference run's facts.

    What stands in `folded/` also reads the run and its findings.
    """

    run: Run
    found: tuple[Finding, ...]
    facts: Facts
    charts: tuple[Drawing, ...] = ()
    reference: Facts | None = None

    def drawings(self, *names: str) -> tuple[Drawing, ...]:
        """Return the charts of these names that were drawn, a name's parts included."""
        return tuple(
            chart
            for name in names
            for chart in self.charts
            if chart.name == name or chart.name.startswith(f"{name}_")
        )


def written(reported: Reported) -> list[Section]:
    """Return the sections for which the run has data, in report order."""
    found = [module.section(reported) for module in in_order(__name__, __path__)]
    return [section for section in found if section is not None]


def in_order(package: str, folder: list[str]) -> list[ModuleType]:
    """Return the modules of a folder that have a `PLACE`, in the order of these."""
    names = [module.name for module in pkgutil.iter_modules(folder) if not module.ispkg]
    modules = [importlib.import_module(f"{package}.{name}") for name in names]
    return sorted((m for m in modules if hasattr(m, "PLACE")), key=lambda m: int(m.PLACE))


def drawing(chart: Chart) -> Drawing:
    """Return a chart as a block."""
    how = (chart.how,) if chart.how else ()
    return Drawing(
        chart.name, chart.title, chart.alt, chart.wide_svg, chart.narrow_svg, how, chart.expert
    )
