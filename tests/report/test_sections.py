"""The report's sections: a file each, found by its folder, and shown in three ways."""

import importlib
from collections.abc import Sequence
from dataclasses import replace
from html import unescape
from pathlib import Path
from types import ModuleType

import pytest
from rich.console import Console

from after202 import report
from after202.analyse.findings.comparisons import findings
from after202.analyse.run import read
from after202.kernel.model import Setting
from after202.records.experiment import ServiceLevel
from after202.records.folder import RunFolder
from after202.records.profile import CapacitySearch
from after202.report import sections
from after202.report.blocks import (
    Block,
    Heading,
    Items,
    Picture,
    Section,
    Table,
    Text,
    table,
)
from after202.report.charts import Chart
from after202.report.rendering import html, markdown, terminal
from after202.report.sections import Reported, episodes, written
from tests.analyse.run_folder import PROFILE, TrialHistory, write_run

NAMES = sorted(
    path.stem for path in Path(sections.__path__[0]).glob("*.py") if path.stem != "__init__"
)
LEVEL = ServiceLevel(response_ms=50, completion_ms=100)
SEARCHED = PROFILE.model_copy(update={"capacity": CapacitySearch(workload="login", level=LEVEL)})
COMPARISON = TrialHistory("inline")
EPISODE = TrialHistory("rq_queue", fault="W2")
PROBE = TrialHistory("gather", rate_per_s=20, is_probe=True)
SURVIVES, EPISODES = "What survives which fault", "Every episode accounted for"
MARKUP = '<b>5 > 4 & "so"</b>'


def module(name: str) -> ModuleType:
    """Return a section's file."""
    return importlib.import_module(f"{sections.__name__}.{name}")


def reported(folder: Path, *histories: TrialHistory) -> Reported:
    """Return what sections of a run of these trials are written from, before a chart is drawn."""
    run = read(write_run(folder, list(histories), SEARCHED))
    return Reported(run, tuple(findings(run)))


def printed(blocks: Sequence[Block]) -> str:
    """Return what a wide terminal shows of blocks."""
    console = Console(width=500)
    with console.capture() as shown:
        for block in blocks:
            console.print(terminal.shown(block))
    return shown.get()


def pages(folder: RunFolder) -> list[str]:
    """Return both pages of a report."""
    return [folder.page(name).read_text() for name in ("REPORT.md", "index.html")]


@pytest.mark.parametrize("name", NAMES)
def test_each_file_has_a_place_and_a_section(name: str) -> None:
    """That is all it takes to be a part of the report."""
    assert isinstance(module(name).PLACE, int)
    assert callable(module(name).section)


def test_no_two_sections_have_the_same_place() -> None:
    """Their order is that of the report, and no accident of their names."""
    places = [module(name).PLACE for name in NAMES]
    assert len(set(places)) == len(places) > 10


def test_sections_stand_in_the_order_of_their_places(tmp_path: Path) -> None:
    """The run has something for each of them, but none of its settings is unlike a default."""
    given = reported(tmp_path, COMPARISON, EPISODE, PROBE)
    found = written(
        Reported(given.run, given.found, (Chart("cost", "What it takes", "10 ms", "", ""),))
    )
    assert [section.title for section in found] == [
        "", "", SURVIVES, "In words", "Capacity", "Charts", EPISODES, "Every job accounted for",
        "Validity", "What measuring costs", "Machine",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("history", "nothing_for"),
    [
        (COMPARISON, {"survival", "capacity", "charts", "episodes", "pressure", "settings"}),
        (
            EPISODE,
            {
                "glance",
                "words",
                "capacity",
                "charts",
                "accounts",
                "overheads",
                "pressure",
                "settings",
            },
        ),
    ],
)
def test_a_section_without_data_is_none(
    tmp_path: Path, history: TrialHistory, nothing_for: set[str]
) -> None:
    """What the run has nothing for is not written of."""
    given = reported(tmp_path, history)
    assert {name for name in NAMES if module(name).section(given) is None} == nothing_for
    assert len(written(given)) == len(NAMES) - len(nothing_for)


def test_settings_say_whether_they_are_ours_or_a_librarys(tmp_path: Path) -> None:
    """A default that figures depend on is no choice of ours."""
    folder = write_run(tmp_path, [COMPARISON])
    trial = folder.trial("000")
    ours = Setting(name="retry", value="3", why="because", source="a page")
    default = Setting(
        name="result_ttl", value="500 s", why="because", source="a page", is_default=True
    )
    trial.store(trial.read().model_copy(update={"settings": (ours, default)}))
    section = module("settings").section(Reported(read(folder), ()))
    (shown,) = [block for block in section.blocks if isinstance(block, Table)]
    assert shown.rows == (
        ("retry", "3", "ours", "because", "a page"),
        ("result_ttl", "500 s", "default", "because", "a page"),
    )


def test_a_section_without_data_vanishes_with_its_heading(tmp_path: Path) -> None:
    """A run of one comparison says nothing of faults; with an episode it does, on both pages."""
    alone = write_run(tmp_path / "alone", [COMPARISON])
    both = write_run(tmp_path / "both", [COMPARISON, EPISODE])
    for folder in (alone, both):
        report.write(folder)
    for heading in (SURVIVES, EPISODES):
        assert all(heading not in page for page in pages(alone))
        assert all(heading in page for page in pages(both))
    assert all("In words" in page for page in pages(alone))


def test_a_terminal_shows_what_the_run_has(tmp_path: Path) -> None:
    """The run at a glance, and what survives where there were faults."""
    console = Console(width=500)
    with console.capture() as shown:
        for part in report.for_terminal(reported(tmp_path / "alone", COMPARISON).run):
            console.print(part)
    assert "40/40" in shown.get()
    assert "all done in" not in shown.get()
    found = written(reported(tmp_path / "both", COMPARISON, EPISODE))
    assert "all done in" in printed([block for one in found for block in one.terminal])


def test_each_cell_is_the_same_in_markdown_html_and_a_terminal(tmp_path: Path) -> None:
    """Renderings differ by their marks alone: figures are written once."""
    shown = 0
    for section in written(reported(tmp_path, COMPARISON, EPISODE, PROBE)):
        texts = markdown.page("x", [section])
        page = unescape(html.page("x", [section]))
        for block in (block for block in section.terminal if isinstance(block, Table)):
            lines = printed([block])
            for cell in [*block.columns, *(cell for row in block.rows for cell in row)]:
                assert f"| {cell} |" in texts
                assert f">{cell}</t" in page
                assert cell in lines
                shown += 1
    assert shown > 30


def test_every_block_is_shown_in_each_rendering() -> None:
    """Its text, its lines, its cells and its caption."""
    blocks = (
        Text("a paragraph"),
        Heading("a heading"),
        Items(("one line", "another line")),
        table(("strategy", "ms"), [("inline", 2.5)], 1, "a legend"),
        Picture("where_time_goes", "a finding", "a figure", "a caption"),
    )
    texts = ["a paragraph", "a heading", "one line", "another line", "strategy", "inline", "2.5"]
    texts += ["a legend", "a caption", "a finding"]
    section = Section("Title", blocks)
    for shown in (markdown.page("x", [section]), html.page("x", [section]), printed(blocks)):
        assert [text for text in texts if text not in shown] == []
    assert "## Title" in markdown.page("x", [section])
    assert "<h2>Title</h2>" in html.page("x", [section])
    assert "![a figure](charts/where_time_goes.svg)" in markdown.page("x", [section])
    assert '<img src="charts/where_time_goes.svg"' in html.page("x", [section])


@pytest.mark.parametrize(
    ("block", "times"),
    [
        (Text(MARKUP), 1),
        (Heading(MARKUP), 1),
        (Items((MARKUP,)), 1),
        (table((MARKUP,), [(MARKUP,)], caption=MARKUP), 3),
        (Picture("cost", MARKUP, MARKUP, MARKUP), 3),
    ],
)
def test_html_escapes_whatever_a_block_holds(block: Block, times: int) -> None:
    """Titles too; a caption also stands in an attribute, which a quote would end."""
    page = html.page(MARKUP, [Section(MARKUP, (block,))])
    assert MARKUP not in page
    assert page.count("&lt;b&gt;5 &gt; 4 &amp; &#34;so&#34;&lt;/b&gt;") == times + 2


def test_the_deadline_of_every_matrix_is_said(tmp_path: Path) -> None:
    """One for all, or each with the faults that it holds for."""
    histories = [TrialHistory("inline", fault="A3"), TrialHistory("gather", fault="T1")]
    run = report.write(write_run(tmp_path, histories))

    def said(*deadlines_s: float) -> str:
        pairs = zip(run.record.planned, deadlines_s, strict=True)
        planned = tuple(one.model_copy(update={"deadline_s": limit}) for one, limit in pairs)
        changed = run.record.model_copy(update={"planned": planned})
        return episodes._deadlines(replace(run, record=changed))

    assert said(15.0, 15.0) == "A job is late after 15 s."
    assert said(15.0, 2.0) == "A job is late after 2 s in T1; 15 s in A3."
