"""The report of a run: tables, charts, pages, summary.json, and what a terminal shows."""

from collections.abc import Iterator

from rich.console import RenderableType

from after202.analyse import tables
from after202.analyse.findings.comparisons import findings, table
from after202.analyse.jobs import table as job_table
from after202.analyse.run import Run, read
from after202.records.files import fresh
from after202.records.folder import RunFolder
from after202.report import charts, sections, summary
from after202.report.rendering import html, markdown, terminal
from after202.report.sections import Reported
from after202.report.sections.overheads import overheads

__all__ = ["INDEX", "for_terminal", "overheads", "write"]
INDEX, REPORT = "index.html", "REPORT.md"


def write(folder: RunFolder) -> Run:
    """Write everything derived from a run's stored events, and return the analysed run."""
    folder.tables.mkdir(exist_ok=True)
    with job_table.writer(folder.tables / "jobs.parquet") as keep:
        run = read(folder, keep)
    found = findings(run)
    made = tables.frames(run, table(found))
    tables.write(run, made)
    drawn = charts.draw_all(charts.of_run(run, made))
    charts.write(folder, drawn)
    written = sections.written(Reported(run, tuple(found), tuple(drawn)))
    name = run.record.profile_name
    for page, text in (
        (INDEX, html.page(name, written)),
        (REPORT, markdown.page(f"after202: {name}", written)),
        (summary.NAME, summary.summarise(run, found).text()),
    ):
        fresh(folder.page(page)).write_text(text, encoding="utf-8")
    return run


def for_terminal(run: Run) -> Iterator[RenderableType]:
    """Yield the parts of the report that a terminal shows."""
    for section in sections.written(Reported(run, tuple(findings(run)))):
        yield from map(terminal.shown, section.terminal)
