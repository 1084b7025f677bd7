"""The report's sections: a file each, in a reader's order, and shown in three ways."""

import importlib
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from after202 import report
from after202.analyse import tables
from after202.analyse.findings.comparisons import findings, table
from after202.analyse.run import read
from after202.kernel.model import Setting
from after202.records.experiment import ServiceLevel
from after202.records.parts import CapacitySearch
from after202.report import facts as report_facts
from after202.report import reference, sections
from after202.report.blocks import (
    Badges,
    Block,
    Cell,
    Checks,
    Choice,
    Drawing,
    Fold,
    Heading,
    Items,
    Points,
    Section,
    Table,
    Text,
)  # fmt: skip
from after202.report.blocks import table as block_table
from after202.report.facts import Facts
from after202.report.rendering import html, markdown, terminal
from after202.report.sections import Reported, folded, in_order, lost, written
from after202.report.sections.folded import episodes
from tests.analyse.run_folder import PROFILE, TrialHistory, write_run
from tests.report.made_up import USUAL, MadeUp, crashed

LEVEL = ServiceLevel(response_ms=50, completion_ms=100)
SEARCHED = PROFILE.model_copy(update={"capacity": CapacitySearch(workload="login", level=LEVEL)})
COMPARISON = TrialHistory("background_tasks")
EPISODE = TrialHistory("rq_queue", fault="W2")
PROBE = TrialHistory("gather", rate_per_s=20, is_probe=True)
MARKUP = '<b>5 > 4 & "so"</b>'
STYLE = (Path(html.__file__).parent / "style.css").read_text(encoding="utf-8")
READABLE = 4.5


def reported(folder: Path, *histories: TrialHistory) -> Reported:
    """Return what sections of a run of these trials are written from, before a chart is drawn."""
    run = read(write_run(folder, list(histories), SEARCHED))
    found = findings(run)
    frames = tables.frames(run, table(found))
    return Reported(run, tuple(found), Facts(report_facts.tables.of(run, frames)))


def anchors(given: Reported) -> list[str]:
    """Return the anchors of the sections that the run has."""
    return [section.anchor for section in written(given)]


@pytest.fixture
def page(tmp_path: Path) -> str:
    """Return that page."""
    made = MadeUp(cells=crashed(), limits={"rq_queue": 9.0}).facts()
    run = read(write_run(tmp_path, [COMPARISON]))
    return html.page(written(Reported(run, (), made)))


def test_sections_stand_in_the_order_of_a_readers_questions(tmp_path: Path) -> None:
    """What is folded has an order of its own; no two have the same place."""
    given = reported(tmp_path, COMPARISON, EPISODE, PROBE)
    assert anchors(given) == ["answer", "which", "soon", "lost", "cost", "load", "trust", "numbers"]
    for package in (sections, folded):
        places = [m.PLACE for m in in_order(package.__name__, list(package.__path__))]
        assert len(set(places)) == len(places) > 5


@pytest.mark.parametrize(
    ("history", "there"),
    [
        (COMPARISON, ["answer", "which", "soon", "cost", "load", "trust", "numbers"]),
        (EPISODE, ["answer", "lost", "trust", "numbers"]),
    ],
)
def test_a_section_without_data_vanishes_with_its_heading(
    tmp_path: Path, history: TrialHistory, there: list[str]
) -> None:
    """Of times without faults, and of faults without times; both pages and the navigation."""
    given = reported(tmp_path, history)
    found = written(given)
    assert [section.anchor for section in found] == there
    every = {"which", "soon", "lost", "settings", "cost", "load"}
    shown = html.page(found)
    for anchor in every:
        assert (f'id="{anchor}"' in shown) == (anchor in there)
        assert (f'href="#{anchor}"' in shown) == (anchor in there)
    assert ("What do I lose" in markdown.page(found)) == ("lost" in there)


def lost_section(tmp_path: Path, made: Facts, known: Facts | None) -> Section | None:
    """Return the section on losses of a run with these facts, beside a reference run's."""
    run = read(write_run(tmp_path, [COMPARISON]))
    return lost.section(Reported(run, (), made, reference=known))


def test_what_a_run_did_not_try_is_shown_of_the_reference_run(tmp_path: Path) -> None:
    """Marked as another run's, beside what was tried; nothing above it changes."""
    every = MadeUp(cells=crashed()).facts()
    first = [one for one in crashed() if (one.fault, one.variant) == ("A3", "documented")]
    made = MadeUp(cells=first).facts()
    alone = lost_section(tmp_path / "alone", made, None)
    found = lost_section(tmp_path / "beside", made, every)
    assert alone is not None
    assert found is not None
    *own, beyond = found.blocks
    assert tuple(own) == alone.blocks
    assert isinstance(beyond, Fold)
    assert beyond.title == "What this run did not try"
    assert not beyond.is_open
    note, *grids = beyond.blocks
    assert "counted nowhere above" in str(note)
    celery = next(one for one in grids if isinstance(one, Table) and one.caption == "Celery")
    shown = {str(row[0]): [str(cell) for cell in row[1:]] for row in celery.rows}
    assert celery.columns[1:] == ("default", "hardened")
    assert shown["The API crashes"][0].endswith("above")
    assert "60" in shown["The API crashes"][1]
    (killed,) = [cells for name, cells in shown.items() if name.startswith("A whole worker")]
    assert "5 lost of 60" in killed[0]


def test_a_run_without_faults_shows_the_reference_runs(tmp_path: Path) -> None:
    """Of the strategies that it measured itself, and it says that it tried none."""
    known = MadeUp(cells=crashed()).facts()
    two = {name: USUAL[name] for name in ("background_tasks", "rq_queue")}
    found = lost_section(tmp_path, MadeUp(times=two).facts(), known)
    assert found is not None
    lead, beyond = found.blocks
    assert "This run tried no fault" in str(lead)
    assert isinstance(beyond, Fold)
    assert [one.caption for one in beyond.blocks if isinstance(one, Table)] == [
        "BackgroundTasks", "RQ",
    ]  # fmt: skip


def test_a_run_that_tried_all_of_it_shows_nothing_of_the_reference_run(tmp_path: Path) -> None:
    """Nor does one of strategies that the reference run did not try."""
    made = MadeUp(cells=crashed()).facts()
    found = lost_section(tmp_path / "all", made, made)
    assert found is not None
    assert "reference" not in str(found.blocks)
    other = MadeUp(times={"mine": (1.0, 2.0)}, used=False).facts()
    assert lost_section(tmp_path / "other", other, made) is None


def test_the_kept_reference_run_can_be_read() -> None:
    """As every report reads it; a folder without one gives none."""
    known = reference.facts_of(report.FAULTS)
    assert known is not None
    assert {"A3", "W2", "R2"} <= {*known.faults}
    assert known.names.strategy("rq_queue") == "RQ"
    assert reference.facts_of("nothing") is None


def test_a_terminal_shows_the_answer_first_within_its_size(tmp_path: Path) -> None:
    """At most 22 lines of 80 columns, with the same sentences as the page."""
    made = MadeUp(cells=crashed(), limits={"rq_queue": 9.0}, invalid=1).facts()
    found = terminal.lines(made, ["A sentence that is much too long for a line. " * 3] * 30)
    assert len(found) <= terminal.ROWS
    assert max(map(len, found)) <= terminal.COLUMNS
    assert found[2] == "The fastest answers are the ones you lose."
    assert found[3].startswith("Use BackgroundTasks for work that may get lost.")
    text = "\n".join(found)
    assert re.search(r"BackgroundTasks +1\.4 ms +28 ms +5\.0 ms +50 MiB +API crash 5/60", text)
    faults_only = "\n".join(terminal.lines(MadeUp(times={}, cells=crashed()).facts()))
    assert "Accepted jobs left undone" in faults_only
    assert "answers" not in faults_only
    given = reported(tmp_path, COMPARISON)
    assert report.for_terminal(given.run)[0].startswith("after202 x")


def test_every_block_is_shown_in_each_rendering() -> None:
    """Its texts, whatever it is."""
    said = ["paragraph", "heading", "line", "column", "cell", "note", "caption", "point", "badge",
            "check", "title", "alt", "reading", "option", "folded"]  # fmt: skip
    cell = Cell("a cell", "lost", ("a note",))
    blocks: tuple[Block, ...] = (
        Text("a paragraph"), Heading("a heading"), Items(("a line",)),
        block_table(("a column",), [[cell]], 1, "a caption"), Points((("It", "a point"),)),
        Badges((("well", "a badge"),)), Checks((("It", False, "a check"),)),
        Drawing("cost", "a title", "the alt", "<svg aria-label='the alt'/>", "", ("a reading",)),
        Choice("load", "Which?", (("one", (Text("an option"),)), ("two", (Text("more"),)))),
        Fold("It", (Text("what is folded"),)),
    )  # fmt: skip
    shown = [
        page([Section("Top", blocks), Section("T", blocks)]) for page in (markdown.page, html.page)
    ]
    for page in shown:
        assert [text for text in said if page.count(text) < 2] == []
    assert "✕" in shown[0]
    assert "✕" in shown[1]
    assert "![the alt](charts/cost.svg)" in shown[0]


@pytest.mark.parametrize(
    "block",
    [
        Text(MARKUP), Heading(MARKUP), Items((MARKUP,)), Points(((MARKUP, MARKUP),)),
        block_table((MARKUP, MARKUP), [(Cell(MARKUP, notes=(MARKUP,)), MARKUP)], caption=MARKUP),
        Badges((("", MARKUP),)), Checks(((MARKUP, True, MARKUP),)), Fold(MARKUP, (), MARKUP),
        Choice("load", MARKUP, ((MARKUP, (Text(MARKUP),)),)),
    ],
)  # fmt: skip
def test_html_escapes_whatever_a_block_holds(block: Block) -> None:
    """Titles too."""
    page = html.page([Section(MARKUP, (block,), kicker=MARKUP), Section(MARKUP, (block,))])
    assert MARKUP not in page
    assert "&lt;b&gt;5 &gt; 4 &amp; &#34;so&#34;&lt;/b&gt;" in page


def test_two_stars_are_bold_and_nothing_else_is_markup() -> None:
    """In the page and in Markdown; a terminal shows neither."""
    text = "It is **1.4 ms** and *not* <i>more</i>, see make bench PROFILE=faults."
    page = html.page([Section("T", (Text(text),))])
    assert "<b>1.4 ms</b> and *not* &lt;i&gt;" in page
    assert "<code>make bench PROFILE=faults</code>" in page
    assert r"It is **1.4 ms** and \*not\* \<i\>" in markdown.page([Section("T", (Text(text),))])


class Outline(HTMLParser):
    """What a page is made of."""

    def __init__(self, page: str) -> None:
        """Read a page."""
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.tags: list[str] = []
        self.links: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep what the tests ask for."""
        found = dict(attrs)
        self.tags.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        self.ids += [found["id"] or ""] if "id" in found else []
        self.links += [found[name] or "" for name in ("href", "src") if name in found]


def test_the_page_is_well_made(page: str) -> None:
    """Landmarks, one h1, headings in order, ids once, links that resolve, nothing fetched."""
    outline = Outline(page)
    assert {"main", "nav", "footer", "h1"} <= set(outline.tags)
    assert outline.headings.count(1) == 1
    assert all(b <= a + 1 for a, b in zip(outline.headings, outline.headings[1:], strict=False))
    assert len(set(outline.ids)) == len(outline.ids)
    inside = [link[1:] for link in outline.links if link.startswith("#")]
    assert set(inside) <= set(outline.ids)
    assert [link for link in outline.links if not link.startswith(("#", "data:"))] == []
    assert "http" not in page.replace("http://www.w3.org", "")
    assert "@import" not in page
    assert "url(" not in page


def test_the_page_shows_no_identifier(page: str) -> None:
    """Labels stand in their place."""
    text = re.sub(r"<(style|script)>.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    for identifier in ("background_tasks", "celery_queue", "rq_queue", "documented"):
        assert identifier not in text
    assert "BackgroundTasks" in text


def test_the_options_of_a_choice_are_chosen_without_a_script() -> None:
    """Each but the chosen one is hidden by a rule; without support for it, all are shown."""
    options = tuple((name, (Text(name),)) for name in ("one", "two"))
    page = html.page([Section("T", ()), Section("S", (Choice("load", "Load", options),))])
    for number in range(2):
        assert f"#load-{number}:checked) .load-option:not(.load-{number}){{display:none}}" in page
    assert page.count('type="radio"') == 2
    assert "not selector(:has(*))" in page


@pytest.mark.parametrize("scheme", [0, 1])
def test_every_colour_of_text_can_be_read_on_every_ground(scheme: int) -> None:
    """AA: 4.5 to 1, in light and in dark."""
    palette = [dict(re.findall(r"--([\w-]+): (#\w{6});", part)) for part in _palettes()][scheme]
    on = {
        "ground": ("ink", "muted", "answer", "done", "lost", "stuck", "twice"),
        "soft": ("ink", "muted"), "good-ground": ("ink", "done"), "bad-ground": ("ink", "lost"),
    }  # fmt: skip
    for ground, colours in on.items():
        for colour in colours:
            assert contrast(palette[colour], palette[ground]) >= READABLE, (colour, ground)


def _palettes() -> list[str]:
    return re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours (WCAG 2.2)."""
    dark, light = sorted(map(_luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_each_cell_of_a_table_is_the_same_in_markdown_and_html(tmp_path: Path) -> None:
    """Renderings differ by their marks alone: figures are written once."""
    shown = 0
    for section in written(reported(tmp_path, COMPARISON, EPISODE, PROBE)):
        pages = markdown.page([section]), html.page([section])
        for block in _tables(section.blocks):
            for cell in (cell for row in block.rows for cell in row if cell.text):
                assert markdown._within(cell.text).replace("|", "\\|") in pages[0]
                assert str(html.rich(cell.text)) in pages[1]
                shown += 1
    assert shown > 60


def _tables(blocks: tuple[Block, ...]) -> list[Table]:
    inside = [block.blocks for block in blocks if isinstance(block, Fold)]
    mine = [block for block in blocks if isinstance(block, Table)]
    return mine + [one for some in inside for one in _tables(some)]


def test_settings_say_whether_they_are_ours_or_a_librarys(tmp_path: Path) -> None:
    """A default that figures depend on is no choice of ours."""
    folder = write_run(tmp_path, [COMPARISON])
    trial = folder.trial("000")
    ours = Setting(name="retry", value="3", why="because", source="a page")
    default = ours.model_copy(update={"name": "result_ttl", "is_default": True})
    trial.store(trial.read().model_copy(update={"settings": (ours, default)}))
    run = read(folder)
    given = Reported(run, (), Facts(report_facts.tables.of(run, {})))
    section = importlib.import_module(f"{sections.__name__}.settings").section(given)
    (shown,) = _tables(section.blocks)
    rows = [[cell.text for cell in row] for row in shown.rows]
    assert [row[:3] for row in rows] == [["retry", "3", "ours"], ["result_ttl", "3", "default"]]


def test_the_deadline_of_every_matrix_is_said(tmp_path: Path) -> None:
    """One for all, or each with the faults that it holds for."""
    histories = [TrialHistory("inline", fault="A3"), TrialHistory("gather", fault="T1")]
    given = reported(tmp_path, *histories)

    def said(*deadlines_s: float) -> str:
        pairs = zip(given.run.record.planned, deadlines_s, strict=True)
        planned = tuple(one.model_copy(update={"deadline_s": limit}) for one, limit in pairs)
        titles = {"A3": "The API crashes: KILL.", "T1": "Every job raises, always."}
        changed = given.run.record.model_copy(update={"planned": planned, "faults": titles})
        names = replace(given.facts.names, record=changed)
        return episodes._deadlines(replace(given.run, record=changed), names)

    assert said(15.0, 15.0) == "A job is late after 15 s."
    assert said(15.0, 2.0) == (
        "A job is late after 2 s if every job raises; 15 s if the API crashes."
    )
