"""The report of a run: tables, charts, REPORT.md, index.html, and a table for the terminal."""

from pathlib import Path

from bench.analyse import job_table, tables, trials
from bench.analyse.charts import draw_all
from bench.analyse.report import pages
from bench.analyse.report.capacities import capacity_table
from bench.analyse.report.overheads import overheads
from bench.analyse.report.summary import summary_table
from bench.analyse.report.survival import survival_table
from bench.analyse.verdicts import findings, table

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
