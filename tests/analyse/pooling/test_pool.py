"""Several runs of one profile, pooled; and runs that are not alike, refused in one line."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from after202.analyse.pooling import sessions
from after202.analyse.run import Run, read
from after202.cli import app
from after202.records.experiment import Layout
from after202.records.folder import RunFolder
from after202.records.run import RunRecord
from after202.report import pooled as pooled_page
from tests.analyse.run_folder import PROFILE, TrialHistory, write_run

BLOCKS = 8
OVERRIDDEN = {"celery_queue": {"documented": {"worker_prefetch_multiplier": 1}}}
WOBBLE = (1.0, 1.02, 0.98, 1.01, 0.99, 1.03, 0.97, 1.0)


def run(path: Path, slower_ms: float, *, lost: bool = False) -> RunFolder:
    """Write a run in which Celery answers later by so much; it may lose all of a block's work."""
    histories = []
    for block, wobble in enumerate(WOBBLE):
        histories.append(TrialHistory("background_tasks", block=block, response_ms=2 * wobble))
        gone = frozenset(range(40)) if lost else frozenset()
        later_ms = (2 + slower_ms) * wobble
        histories.append(TrialHistory("celery_queue", block=block, response_ms=later_ms, lost=gone))
    folder = write_run(path, histories)
    edit(folder, lambda record: record.model_copy(update={"run": path.name}))
    return folder


def edit(folder: RunFolder, change: Callable[[RunRecord], RunRecord]) -> None:
    """Write a run's record anew."""
    folder.write(change(folder.read()))


def pooled(folders: list[RunFolder], metric: str = "response") -> sessions.Comparison:
    """Return the p50 of a metric over the runs."""
    runs: list[Run] = [read(folder) for folder in folders]
    (found,) = [
        one
        for one in sessions.comparisons(runs)
        if (one.found[0].pairing.metric, one.quantile) == (metric, 0.5)
    ]
    return found


def test_sessions_that_agree_decide_and_those_that_do_not_are_wider(tmp_path: Path) -> None:
    """The interval comes from what lies between sessions, not from their blocks."""
    alike = pooled([run(tmp_path / f"a{n}", 4 + n / 100) for n in range(3)])
    apart = pooled([run(tmp_path / f"b{n}", 4 + 3 * n) for n in range(3)])
    assert alike.difference_ms is not None
    assert apart.difference_ms is not None
    assert alike.difference_ms.value == pytest.approx(4, abs=0.1)
    assert apart.difference_ms.value == pytest.approx(7, abs=0.2)
    assert apart.difference_ms.between == pytest.approx(3, abs=0.3)
    assert (alike.said, apart.said) == ("slower", "inconclusive")


def test_work_that_never_ended_cannot_be_averaged(tmp_path: Path) -> None:
    """A session in which it did not end has no difference in ms."""
    folders = [run(tmp_path / "a", 4), run(tmp_path / "b", 4, lost=True)]
    never = pooled(folders, "completion")
    assert never.difference_ms is None
    assert never.said == "inconclusive"
    assert "cannot be averaged" in str(
        pooled_page.section([read(f) for f in folders], [never]).blocks
    )


def invoke(*folders: RunFolder, results: Path) -> tuple[int, str]:
    """Return the exit code and the output of the command."""
    names = [str(folder.path) for folder in folders]
    done = CliRunner().invoke(app, ["pool", *names, "--results", str(results)])
    return done.exit_code, done.output + str(done.exception or "")


def test_the_command_writes_a_table_and_a_page(tmp_path: Path) -> None:
    """Two sessions are pooled, and said to be few."""
    code, output = invoke(run(tmp_path / "a", 4), run(tmp_path / "b", 5), results=tmp_path / "r")
    assert code == 0, output
    assert "three or more" in output
    (folder,) = (tmp_path / "r").iterdir()
    row = pd.read_csv(folder / pooled_page.CSV).iloc[0]
    assert (row["strategy"], row["sessions"], row["layout"]) == ("celery_queue", 2, "shared-core")
    assert row["difference_low_ms"] < row["difference_ms"] < row["difference_high_ms"]
    assert "+4.0 ms, +5.0 ms" in (folder / pooled_page.PAGE).read_text()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"versions": {"celery": "5.5"}}, "the version of celery: none and 5.5"),
        (
            {"environments": {"dbos": {"redis": "5.3"}}},
            "the version of redis in the environment of dbos: none and 5.3",
        ),
        ({"machine": {"cores": 8}}, "their machines' cores"),
        ({"stack": "compose"}, "their stacks"),
        ({"cpu_sets": {Layout.SHARED_CORE: {"api": (0,)}}}, "the processors of their parts"),
        ({"profile": PROFILE.model_copy(update={"slots": 2})}, "their profiles"),
        ({"profile": PROFILE.model_copy(update={"variant": OVERRIDDEN})}, "their profiles"),
        ({"run": "a"}, "the same run is named twice"),
    ],
)
def test_runs_that_are_not_alike_are_refused(
    tmp_path: Path, change: dict[str, object], words: str
) -> None:
    """The line says in what they differ."""
    one, other = run(tmp_path / "a", 4), run(tmp_path / "b", 4)
    edit(other, lambda record: record.model_copy(update=change))
    code, output = invoke(one, other, results=tmp_path / "r")
    assert code != 0
    assert words in output
    assert not (tmp_path / "r").exists()


def test_another_seed_is_the_same_profile(tmp_path: Path) -> None:
    """Each session may have arrivals of its own."""
    one, other = run(tmp_path / "a", 4), run(tmp_path / "b", 4)
    reseeded = PROFILE.model_copy(update={"seed": 7})
    edit(other, lambda record: record.model_copy(update={"profile": reseeded}))
    assert invoke(one, other, results=tmp_path / "r")[0] == 0


def test_one_run_is_not_enough(tmp_path: Path) -> None:
    """It is a session, and says nothing about another."""
    code, output = invoke(run(tmp_path / "a", 4), results=tmp_path / "r")
    assert code != 0
    assert "two runs or more" in output
