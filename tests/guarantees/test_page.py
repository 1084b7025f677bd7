"""docs/guarantees.md: its tables are made from a run, and its sentences are held against them."""

from pathlib import Path

import pytest

from after202.analyse import run as runs
from after202.analyse.run import Run
from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts
from loadtests import faults
from tests.analyse.run_folder import TrialHistory, write_run
from tests.guarantees import claims, outcomes, regions
from tests.guarantees.__main__ import PAGE, main

TABLE = """
<!-- outcomes: W2 -->
| fault | celery_queue documented | rq_queue documented |
|---|---|---|
| W2 | 13 lost, 16 stranded, 18 late of 180 | all once; 2 begun again |
| R2 save points | · | none accepted |
<!-- /outcomes -->

| fault | celery_queue documented |
|---|---|
| W2 | 1 lost of 1, by hand |
"""
REGION = "<!-- outcomes: {} -->\nold\n<!-- /outcomes -->"


def facts(name: str, broker: str = "") -> StrategyFacts:
    """Return what a run knows of a strategy."""
    return StrategyFacts(
        name=name, label=name.upper(), summary="", source=name, broker=broker, variants={}
    )


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Write a run of two episodes that lose jobs 3 and 30 of 40, and one of another strategy."""
    histories = [
        TrialHistory("rq_queue", fault="W2", lost=frozenset({3, 30})),
        TrialHistory("rq_queue", fault="W2"),
        TrialHistory("gather", fault="A3"),
        TrialHistory("gather", fault="A3", valid=False),
    ]
    folder = write_run(tmp_path / "run", histories)
    known = {"rq_queue": facts("rq_queue", "redis"), "gather": facts("gather")}
    told = {
        "strategies": known,
        "machine": {"cores": 2, "python": "3.13"},
        "git_commit": "abcdef0123",
    }
    folder.write(folder.read().model_copy(update=told))
    return runs.read(folder)


def test_every_claim_of_the_page_holds_in_its_tables() -> None:
    """A sentence that the tables contradict is to be written again."""
    page = PAGE.read_text(encoding="utf-8")
    assert len(claims.CLAIM.findall(page)) > 25
    assert list(claims.broken(page)) == []


def test_the_page_describes_every_fault() -> None:
    """And a run of all of them can make every region."""
    page = PAGE.read_text(encoding="utf-8")
    for name in faults.ids():
        assert f"\n| {name} | " in page.split("## Variants")[0], name
    named = {name for _, names, _, _ in regions.REGION.findall(page) for name in names.split()}
    assert named <= set(faults.ids())


def test_a_claim_that_a_cell_contradicts_is_named_with_the_cell() -> None:
    """So is one about a cell that is not there, because the sentence has nothing behind it."""
    said = (
        "<!-- claim: W2 | celery_queue * | lost > 12, late <= 18 -->"
        "<!-- claim: W2 | * | begun again = 0 -->"
        "<!-- claim: R2 * | celery_queue documented | lost = 0 -->"
    )
    assert list(claims.broken(said + TABLE)) == [
        "W2 | * | begun again = 0: W2 | rq_queue documented is 'all once; 2 begun again'",
        "R2 * | celery_queue documented | lost = 0: there is no such cell",
    ]


def test_a_claim_that_cannot_be_read_is_no_pass() -> None:
    """A word that no cell has would otherwise be 0 for ever."""
    with pytest.raises(ValueError, match="'losses = 0' is no condition"):
        list(claims.broken(f"<!-- claim: W2 | * | losses = 0 -->{TABLE}"))


def test_a_region_is_made_from_a_run_that_has_its_faults(run: Run) -> None:
    """The numbers are the run's, and what shows nothing is said; other regions stay as they are."""
    other = REGION.format("W2 D1")
    text, made = regions.remake(f"a\n{REGION.format('W2 A3')}\nb\n{other}\n", run)
    assert made == ["W2", "A3"]
    assert text.endswith(f"\nb\n{other}\n")
    assert "old" not in text.split("\nb\n")[0]
    told = " ".join(text.split())
    assert "at abcdef0, none stack, 2 processors, Python 3.13" in told
    assert "4 episodes, 2 of each cell, 120 accepted jobs" in told
    assert "- Shows nothing: 1 of A3, gather: the generator was late." in text
    assert "**RQ_QUEUE**\n\n| fault | rq_queue documented |" in text
    assert outcomes.read(text) == {
        ("W2", "rq_queue documented"): "2 lost of 80",
        ("A3", "gather documented"): "all once",
    }


def test_a_run_without_the_faults_of_any_region_is_refused(run: Run) -> None:
    """In one line that names what would be needed."""
    with pytest.raises(UsageError, match=r"not every fault of any region \(W2 D1; F0\)"):
        regions.remake(REGION.format("W2 D1") + REGION.format("F0"), run)


def test_a_page_that_the_run_contradicts_is_written_and_named(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 1; the tables are the run's all the same."""
    page = tmp_path / "page.md"
    claim = "<!-- claim: W2 | rq_queue documented | lost = 0 -->"
    page.write_text(f"{REGION.format('W2')}\n{claim}\n")
    assert main(str(run.folder.path), page) == 1
    assert "2 lost of 80" in page.read_text()
    told = capsys.readouterr().out
    assert (
        told
        == f"made: W2\ndoes not hold: {claim[12:-4]}: W2 | rq_queue documented is '2 lost of 80'\n"
    )

    page.write_text(page.read_text().replace("lost = 0", "lost > 0"))
    assert main(str(run.folder.path), page) == 0
