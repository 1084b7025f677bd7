"""`after202 compare`: its order, its words, its exit code, and its page, on stored runs."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import jsonschema_rs
import pytest
from typer.testing import CliRunner, Result

from after202.cli import app
from after202.records.answers import CompareAnswer
from after202.records.folder import RunFolder
from after202.records.run import RunRecord
from tests.analyse.run_folder import PROFILE, TrialHistory, write_run

WOBBLE = (1.0, 1.02, 0.98, 1.01, 0.99, 1.03, 0.97, 1.005)
GONE = frozenset({3})
WIDTH = 80


def run(path: Path, slower_ms: float = 4, lost: frozenset[int] = frozenset()) -> RunFolder:
    """Write a run in which Celery answers later than the baseline, and may lose jobs."""
    histories = [
        history
        for block, wobble in enumerate(WOBBLE)
        for history in (
            TrialHistory("background_tasks", block, 2 * wobble),
            TrialHistory("celery_queue", block, (2 + slower_ms) * wobble, lost=lost),
        )
    ]
    return named(write_run(path, histories))


def struck(path: Path, bad: int) -> RunFolder:
    """Write a run of six episodes in which a worker is killed; so many of them lose a job."""
    histories = [
        TrialHistory("celery_queue", fault="W2", lost=GONE if number < bad else frozenset())
        for number in range(6)
    ]
    return named(write_run(path, histories))


def named(
    folder: RunFolder, change: Callable[[RunRecord], RunRecord] = lambda one: one
) -> RunFolder:
    """Name a run like its folder, with whatever else is to be changed in its record."""
    folder.write(change(folder.read().model_copy(update={"run": folder.name})))
    return folder


def invoke(one: RunFolder, other: RunFolder, *options: str) -> Result:
    """Run the command; its page goes beside the runs."""
    arguments = ["compare", str(one.path), str(other.path), "--results", str(one.path.parent)]
    environment = {"COLUMNS": str(WIDTH), "NO_COLOR": "1"}
    return CliRunner().invoke(app, [*arguments, *options], env=environment)


def test_equal_runs_are_not_worse(tmp_path: Path) -> None:
    """Exit code 0, everything as before, and every line fits the terminal."""
    done = invoke(run(tmp_path / "a"), run(tmp_path / "b"))
    assert done.exit_code == 0, done.output
    assert "B is not worse than A in anything, beyond doubt." in done.output
    assert "counts of jobs lost, begun twice, failed or not accepted are as before" in " ".join(
        done.output.split()
    )
    shown = done.output.split("Page: ")[0].splitlines()
    assert [line for line in shown if len(line) > WIDTH] == []


def test_what_differs_comes_first_then_guarantees_then_speed(tmp_path: Path) -> None:
    """A slower Celery that loses jobs, of another version and commit."""
    before = run(tmp_path / "a")
    after = named(
        run(tmp_path / "b", slower_ms=6, lost=GONE),
        lambda record: record.model_copy(
            update={"versions": {"celery": "9.9"}, "git_commit": "abc"}
        ),
    )
    done = invoke(before, after)
    said = " ".join(done.output.split())
    assert done.exit_code == 1
    order = [
        "What differs",
        "the version of celery: none in A, 9.9 in B",
        "their commits: none in A, abc in B",
        "What accepted work can rely on",
        "jobs lost in 0 of 8 trials of A and 8 of 8 trials (8 jobs) of B: more often",
        "Speed",
        "Celery answers 2.0 ms later",
        "at p50 (Login, 5/s) in B, 1.33 times as long: slower",
        "B is worse than A: it has jobs lost that A kept, and it is slower in 2 comparisons.",
    ]
    places = [said.find(words) for words in order]
    assert -1 not in places, said
    assert places == sorted(places)


def test_the_page_says_the_same_and_fetches_nothing(tmp_path: Path) -> None:
    """It has the verdict, every comparison with its figures, and how it was decided."""
    invoke(run(tmp_path / "a"), run(tmp_path / "b", slower_ms=6))
    page = (tmp_path / "compare-a-b.html").read_text()
    for words in (
        "B is worse than A: it is slower in 2 comparisons.",
        'class="n">6.0 (8)</td>',
        "How this was decided",
        "Conclusions that read differently",
    ):
        assert (words in page) == (words != "Conclusions that read differently"), words
    assert "http" not in page
    assert "src=" not in page


def test_identifiers_never_show(tmp_path: Path) -> None:
    """Neither strategies', faults' and workloads', nor that of the control in a doubt."""
    lost = run(tmp_path / "a"), run(tmp_path / "b", slower_ms=6, lost=GONE)
    said = (
        invoke(*lost).output + invoke(struck(tmp_path / "c", 0), struck(tmp_path / "d", 6)).output
    )
    pages = "".join(page.read_text() for page in tmp_path.glob("compare-*.html"))
    for name in ("celery_queue", "background_tasks", "W2", "documented", "login"):
        assert not re.search(rf"\b{name}\b", said + pages), name


def test_a_run_whose_own_verdict_is_another_is_shown_beside_the_other(tmp_path: Path) -> None:
    """In A, Celery was as fast as the baseline; in B it is not."""
    invoke(run(tmp_path / "a", slower_ms=0), run(tmp_path / "b", slower_ms=4))
    page = (tmp_path / "compare-a-b.html").read_text()
    assert re.search(r">no measurable difference</td>\s*<td[^>]*>slower</td>", page)


@pytest.mark.parametrize(
    ("bad", "code", "words"),
    [(6, 1, "more often"), (1, 0, "may be chance"), (0, 0, "are as before")],
)
def test_under_a_fault_episodes_decide(tmp_path: Path, bad: int, code: int, words: str) -> None:
    """Six of six against none is beyond chance, one of six is not; and both are said."""
    done = invoke(struck(tmp_path / "a", 0), struck(tmp_path / "b", bad))
    said = " ".join(done.output.split())
    assert done.exit_code == code, said
    assert words in said
    assert (f"{bad} of 6 trials" in said) == (bad > 0)


def test_unlike_profiles_are_refused_in_one_line_unless_forced(tmp_path: Path) -> None:
    """The line says in what they differ, and what to do; with --force, arms in common remain."""
    other = PROFILE.model_copy(update={"slots": 2, "description": "Other words.", "seed": 9})
    before = run(tmp_path / "a")
    after = named(run(tmp_path / "b"), lambda one: one.model_copy(update={"profile": other}))
    refused = invoke(before, after)
    assert refused.exit_code != 0
    line = str(refused.exception)
    assert line == (
        "a and b are of unlike profiles (their profiles' slots differ): compare runs of one"
        " profile, or add --force for what they have in common"
    )
    assert not list(tmp_path.glob("*.html"))
    forced = invoke(before, after, "--force")
    assert forced.exit_code == 0
    assert "their profiles' slots: 1 in A, 2 in B" in forced.output


def test_a_run_is_not_compared_with_itself(tmp_path: Path) -> None:
    """That would find nothing, whatever the run."""
    one = run(tmp_path / "a")
    assert "the same run is named twice" in str(invoke(one, one).exception)


def test_json_is_the_same_as_data_and_fits_its_schema(tmp_path: Path) -> None:
    """Nothing but JSON is printed; times that never ended are words."""
    never = frozenset(range(40))
    done = invoke(run(tmp_path / "a"), run(tmp_path / "b", 6, lost=never), "--json")
    answer = json.loads(done.stdout)
    jsonschema_rs.validator_for(CompareAnswer.schema_document()).validate(answer)
    assert (done.exit_code, answer["exit_code"], answer["worse"], answer["schema"]) == (
        1,
        1,
        True,
        1,
    )
    times = {(t["strategy"], t["metric"], t["quantile"]): t for t in answer["times"]}
    assert times["celery_queue", "completion", 0.5]["b_ms"] == "infinity"
    answered = times["celery_queue", "response", 0.5]
    assert answered["beyond_doubt"]
    assert answered["difference_ms"] == pytest.approx(2, abs=0.1)
    assert answered["difference_low_ms"] < 2 < answered["difference_high_ms"]
    (lost,) = [m for m in answer["mishaps"] if m["verdict"] == "more often"]
    assert (lost["mishap"], lost["a_bad"], lost["b_bad"], lost["b_jobs"]) == ("lost", 0, 8, 320)
