"""Every chart as it is drawn: nothing cut or covered, colours by name, ids of its own."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from after202 import charts
from after202.analyse import tables
from after202.analyse.findings.comparisons import findings, table
from after202.analyse.jobs import table as job_table
from after202.analyse.jobs.outcomes import OutcomeClass
from after202.analyse.run import Run, read
from after202.charts import drawing, marks, palette
from after202.charts.chart import Chart
from after202.records.experiment import ServiceLevel
from after202.records.folder import RunFolder
from after202.records.parts import CapacitySearch
from after202.records.trial import SHAPES
from tests.analyse.run_folder import PROFILE, TrialHistory, write_run
from tests.analyse.trials.test_pressure import QUEUE, stored
from tests.charts.made_up import full

LEVEL = ServiceLevel(response_ms=50, completion_ms=100)
SEARCHED = PROFILE.model_copy(update={"capacity": CapacitySearch(workload="login", level=LEVEL)})
# What a pixel's rounding may take.
TOUCH = 1.0
NO_PROBE = "resources_over_time"


def histories() -> Iterator[TrialHistory]:
    """Yield a trial of every kind but pressure."""
    lost = frozenset({15, 16, 30})
    for strategy in ("background_tasks", "celery_queue", "inline"):
        yield TrialHistory(strategy, bystander_per_s=0)
        yield TrialHistory(strategy, fault="W2", lost=lost)
        yield TrialHistory(strategy, fault="W2", varied={"variant": "hardened"})
        yield TrialHistory(strategy, rate_per_s=20, is_probe=True)
        yield TrialHistory(strategy, rate_per_s=40, completion_ms=400, is_probe=True)


def drawn(folder: RunFolder) -> list[Chart]:
    """Return the charts of a stored run."""
    run: Run = read(folder)
    return charts.draw_all(charts.of_run(run, tables.frames(run, table(findings(run)))))


def every_chart(folder: Path) -> dict[str, Chart]:
    """Return each chart once, of made-up tables or of runs by hand."""
    folders = [write_run(folder / "run", list(histories()), SEARCHED)]
    jobs = [(due - 1, answered - 1, begun, done) for due, answered, begun, done in QUEUE]
    jobs.append((2.5, 2.5, 5.0, 5.1))
    folders += [stored(folder / shape, jobs, shape, worker_s=0) for shape in SHAPES]
    found = {chart.name: chart for one in folders for chart in drawn_alone(one)}
    return {**found, **{chart.name: chart for chart in charts.draw_all(full())}}


def drawn_alone(folder: RunFolder) -> list[Chart]:
    """Return the charts of a run whose table of jobs is not written yet."""
    folder.tables.mkdir(exist_ok=True)
    with job_table.writer(folder.tables / "jobs.parquet") as keep:
        read(folder, keep)
    return drawn(folder)


@pytest.fixture(scope="module")
def figures() -> list[Figure]:
    """Collect what is drawn."""
    return []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, figures: list[Figure]) -> dict[str, Chart]:
    """Draw every chart once."""

    def seen(figure: Figure) -> Figure:
        figures.append(figure)
        return figure

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drawing, "finished", seen)
        return every_chart(tmp_path_factory.mktemp("charts"))


def test_every_chart_is_drawn_but_those_that_need_samples(made: dict[str, Chart]) -> None:
    """The folder's list and what these tests look at are the same."""
    there = {name.removesuffix("_reports") for name in made}
    assert there == set(charts.CHARTS) - {NO_PROBE}


def test_no_text_is_cut_or_covers_another(made: dict[str, Chart], figures: list[Figure]) -> None:
    """On a wide page, on a narrow one, and in the file that stands alone."""
    assert len(figures) >= 3 * len(made)
    wrong = [said for figure in figures for said in trouble(figure)]
    assert wrong == []


def trouble(figure: Figure) -> Iterator[str]:
    """Yield each text that is cut off, and each pair that overlaps."""
    FigureCanvasAgg(figure).draw()
    whole = figure.bbox
    boxes = [(text.get_text(), text.get_window_extent()) for text in shown(figure)]
    for said, box in boxes:
        inside = whole.x0 - TOUCH <= box.x0 and box.x1 <= whole.x1 + TOUCH
        if not (inside and whole.y0 - TOUCH <= box.y0 and box.y1 <= whole.y1 + TOUCH):
            yield f"cut: {said} {box.extents}"
    for (one, first), (other, second) in combinations(boxes, 2):
        if Bbox.intersection(smaller(first), smaller(second)) is not None:
            yield f"covered: {one} / {other}"


def smaller(box: Bbox) -> Bbox:
    """Return a box without the pixel around it, and without the room between lines."""
    return Bbox.from_extents(box.x0 + TOUCH, box.y0 + 2, box.x1 - TOUCH, box.y1 - 2)


def shown(figure: Figure) -> list[Text]:
    """Return the texts that can be seen: of ticks, those within the limits."""
    ticks, within = set(), set()
    for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
        low, high = sorted(axis.get_view_interval())
        for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
            ticks |= {tick.label1, tick.label2}
            if low <= tick.get_loc() <= high:
                within.add(tick.label1)
    texts = [t for t in figure.findobj(Text) if isinstance(t, Text) and t.get_visible()]
    return [t for t in texts if str(t.get_text()).strip() and (t not in ticks or t in within)]


def test_a_page_gives_every_colour(made: dict[str, Chart]) -> None:
    """A drawing for a page names its colours, and has none of its own."""
    used: set[str] = set()
    for chart in made.values():
        for svg in (chart.wide_svg, chart.narrow_svg):
            assert re.findall(r"#[0-9a-fA-F]{6}\b", svg) == [], chart.name
            used |= set(re.findall(r"var\(--(\w+)\)", svg))
    assert used == set(palette.NAMES)


def test_a_file_that_stands_alone_has_its_colours_and_its_title(made: dict[str, Chart]) -> None:
    """It is shared without the page."""
    for chart in made.values():
        assert "var(--" not in chart.shared_svg
        assert palette.GROUND in chart.shared_svg
        written = " ".join(texts_of(chart.shared_svg))
        assert chart.title.split("; ")[0].split(",")[0][:30] in written.replace("\n", " ")
        assert chart.png.startswith(b"\x89PNG")


def texts_of(svg: str) -> list[str]:
    """Return the texts of a drawing."""
    return [(e.text or "").strip() for e in ET.fromstring(svg).iter() if e.tag.endswith("}text")]  # noqa: S314 - our own


def test_text_stays_text(made: dict[str, Chart]) -> None:
    """A search within the page finds a strategy's name."""
    for svg in (made["speed"].wide_svg, made["speed"].narrow_svg):
        assert "asyncio.gather" in texts_of(svg)


def test_ids_are_unique_in_a_page_with_all_charts(made: dict[str, Chart]) -> None:
    """A reference must find its own drawing's mark, and each must be there."""
    page = "".join(chart.wide_svg + chart.narrow_svg for chart in made.values())
    ids = Counter(re.findall(r'\bid="([^"]+)"', page))
    assert [name for name, times in ids.items() if times > 1] == []
    referred = re.findall(r'href="#([^"]+)"', page) + re.findall(r"url\(#([^)]+)\)", page)
    assert referred
    assert set(referred) <= set(ids)


def test_a_drawing_holds_no_more_than_is_seen(made: dict[str, Chart]) -> None:
    """A place is rounded to a hundredth of a pixel, and a group that nothing names has no name."""
    for chart in made.values():
        for svg in (chart.wide_svg, chart.narrow_svg, chart.shared_svg):
            places = re.findall(r' (?:d|x|y|transform)="([^"]+)"', svg)
            assert places
            assert not re.search(r"\.\d{3}", " ".join(places))
            assert not re.search(r"<g [^>]*\bid=", svg)


def test_nothing_is_fetched(made: dict[str, Chart]) -> None:
    """No address but the names of SVG's own vocabulary, no style for the rest of the page."""
    for chart in made.values():
        for svg in (chart.wide_svg, chart.narrow_svg, chart.shared_svg):
            assert set(re.findall(r"https?://[^\"' )]+", svg)) <= {
                "http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink",
            }  # fmt: skip
            assert "<style" not in svg
            assert "<!DOCTYPE" not in svg
            assert "<script" not in svg


def test_a_drawing_has_its_alternative_text_and_fits_its_page(made: dict[str, Chart]) -> None:
    """It states the finding and its numbers."""
    for chart in made.values():
        for svg, width in ((chart.wide_svg, "720"), (chart.narrow_svg, "328")):
            root = ET.fromstring(svg)  # noqa: S314 - our own
            assert (root.get("role"), root.get("aria-label")) == ("img", chart.alt)
            assert (root.get("viewBox") or "").split()[2] == width
        assert chart.alt.startswith(chart.title)
        assert len(chart.alt) > len(chart.title)


def test_every_class_of_a_request_has_a_mark() -> None:
    """A phantom is no request's job."""
    assert set(OutcomeClass) - set(marks.MARK) == {OutcomeClass.PHANTOM}


def test_no_two_meanings_have_one_shape_and_face() -> None:
    """Who sees no colours tells them apart."""
    kinds = {mark: marks.LOOKS[mark] for mark in marks.SAID}
    looks = [
        (shape, face == palette.GROUND, mark == "stuck") for mark, (shape, face, _) in kinds.items()
    ]
    assert len(set(looks)) == len(kinds)


def test_experts_charts_are_marked_and_stand_last() -> None:
    """A page folds them."""
    found = [chart.expert for chart in charts.draw_all(full())]
    assert found == sorted(found)
    assert set(found) == {True, False}


def test_strategies_have_one_order(made: dict[str, Chart]) -> None:
    """In-process first, then queues, on whichever chart."""
    order = ["BackgroundTasks", "asyncio.gather", "Inline", "Celery", "RQ"]
    for name in ("speed", "cost", "load"):
        texts = texts_of(made[name].wide_svg)
        names = list(dict.fromkeys(text for text in texts if text in order))
        assert names == order, name


def test_nothing_is_drawn_of_nothing() -> None:
    """A run that lacks what every chart needs has no chart."""
    assert charts.draw_all(charts.Tables()) == []


def test_files_are_written_below_the_run(tmp_path: Path) -> None:
    """An SVG and a PNG for each."""
    folder = write_run(tmp_path, [TrialHistory("inline")])
    found = drawn_alone(folder)
    charts.write(folder, found)
    names = {path.name for path in folder.charts.iterdir()}
    assert names == {f"{chart.name}.{kind}" for chart in found for kind in ("svg", "png")}
