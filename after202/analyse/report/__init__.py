"""The report of a run: tables, charts, REPORT.md, index.html, and a table for the terminal."""

from pathlib import Path

from after202.analyse import run as trials
from after202.analyse import tables
from after202.analyse.charts import draw_all
from after202.analyse.findings.comparisons import findings, table
from after202.analyse.jobs import table as job_table
from after202.analyse.report import pages
from after202.analyse.report.capacities import capacity_table
from after202.analyse.report.overheads import overheads
from after202.analyse.report.summary import summary_table
from after202.analyse.report.survival import survival_table

__all__ = ["capacity_table", "overheads", "summary_table", "survival_table", "write"]


def write(folder: Path) -> trials.Run:
    """Write everything that is derived from a run's stored events, and return the run."""
    (folder / "tables").mkdir(exist_ok=True)
    with job_table.writer(folder / "tables" / "jobs.parquet") as keep:
        run = trials.read(folder, keep)
    found = findings(run)
    tables.write(run, table(found))
    pages.write(run, found, draw_all(run))
    return run
