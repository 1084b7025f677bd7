"""The report's sections, one per file of this folder.

A file defines `PLACE`, its position in the report, and `section(reported)`, which returns a
Section, or None if the run lacks the data for it.
"""

import importlib
import pkgutil
from dataclasses import dataclass

from after202.analyse.findings.finding import Finding
from after202.analyse.run import Run
from after202.report.blocks import Section
from after202.report.charts import Chart


@dataclass(frozen=True)
class Reported:
    """The input of a section: the run, its findings, and the charts that were drawn."""

    run: Run
    found: tuple[Finding, ...]
    charts: tuple[Chart, ...] = ()


def written(reported: Reported) -> list[Section]:
    """Return the sections for which the run has data, in report order."""
    names = [module.name for module in pkgutil.iter_modules(__path__)]
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    found = [m.section(reported) for m in sorted(modules, key=lambda module: int(module.PLACE))]
    return [section for section in found if section is not None]
