"""The report of a run: tables, charts, pages, summary.json, and what a terminal shows."""

from after202 import charts
from after202.analyse import tables
from after202.analyse.findings.comparisons import findings, table
from after202.analyse.jobs import table as job_table
from after202.analyse.run import Run, read
from after202.records.files import fresh
from after202.records.folder import RunFolder
from after202.report import facts, reference, sections, summary
from after202.report.facts import Facts
from after202.report.rendering import html, markdown, terminal
from after202.report.sections import Reported
from after202.report.sections.folded import pressure
from after202.report.sections.folded.overheads import overheads

__all__ = ["INDEX", "REPORT", "for_terminal", "overheads", "write"]
INDEX, REPORT = "index.html", "REPORT.md"
# The profile that tries every fault.
FAULTS = "faults"


def write(folder: RunFolder) -> Run:
    """Write everything derived from a run's stored events, and return the analysed run."""
    folder.tables.mkdir(exist_ok=True)
    with job_table.writer(folder.tables / "jobs.parquet") as keep:
        run = read(folder, keep)
    found = findings(run)
    frames = tables.frames(run, table(found))
    tables.write(run, frames)
    known = Facts(facts.tables.of(run, frames))
    drawn = charts.draw_all(charts.of_run(run, frames))
    charts.write(folder, drawn)
    drawings = tuple(map(sections.drawing, drawn))
    reported = Reported(run, tuple(found), known, drawings, reference.facts_of(FAULTS))
    written = sections.written(reported)
    for page, text in (
        (INDEX, html.page(written)),
        (REPORT, markdown.page(written)),
        (summary.NAME, summary.summarise(run, found).text()),
    ):
        fresh(folder.page(page)).write_text(text, encoding="utf-8")
    return run


def for_terminal(run: Run) -> list[str]:
    """Return the short answer: at most 25 lines of 80 columns."""
    frames = tables.frames(run, table(findings(run)))
    more = pressure.findings(run, charts.of_run(run, frames))
    return terminal.lines(Facts(facts.tables.of(run, frames)), more)
