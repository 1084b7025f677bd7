"""A matrix expands to cells and episodes: what can happen to whom, and nothing else."""

from collections import Counter
from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.plan import comparisons as plan
from after202.plan import reading as profiles
from after202.records.experiment import Persistence, Trial
from after202.records.profile import Matrix, Profile
from loadtests import faults

EVERY = (Persistence.NONE, Persistence.SAVE_POINTS, Persistence.EVERYSEC, Persistence.ALWAYS)


def episodes(**options: object) -> list[Trial]:
    """Return the episodes of a profile with one matrix."""
    values = {"faults": ("A3", "W2"), "rate_per_s": 5, "episodes": 2, "window_s": 4, **options}
    matrix = Matrix.model_validate(values)
    return plan.trials(Profile(description="x", matrix=(matrix,)))


def cells(planned: list[Trial]) -> Counter[tuple[str, str]]:
    """Count the episodes by fault and arm."""
    return Counter((trial.fault, trial.arm.label) for trial in planned)


def test_a_fault_is_tried_on_those_that_have_what_it_hits() -> None:
    """BackgroundTasks has no worker that could be killed."""
    found = cells(episodes())
    assert found["A3", "background_tasks"] == 2
    assert found["W2", "celery_queue"] == 2
    assert {label for fault, label in found if fault == "W2"} == {"celery_queue", "rq_queue"}
    assert len({label for fault, label in found if fault == "A3"}) == 5


def test_a_strategy_is_tried_in_the_variants_that_it_has() -> None:
    """Only queues deliver twice, so only they are deduplicated."""
    found = cells(episodes(variants=("documented", "hardened", "deduplicated")))
    assert ("A3", "gather hardened") in found
    assert ("A3", "celery_queue deduplicated") in found
    assert ("A3", "gather deduplicated") not in found


def test_the_broker_is_an_axis_of_those_that_have_one() -> None:
    """An in-process strategy has the cell once."""
    planned = episodes(brokers=EVERY, faults=("A3",), episodes=1)
    assert cells(planned)["A3", "rq_queue"] == len(EVERY)
    assert cells(planned)["A3", "inline"] == 1
    assert {t.broker for t in planned if t.arm.strategy == "rq_queue"} == set(EVERY)


def test_a_fault_in_the_work_asks_for_its_own_workload() -> None:
    """The others ask for the matrix's."""
    planned = episodes(faults=("T1", "A3"), workload="wait", episodes=1)
    assert {(t.fault, t.arm.workload) for t in planned} == {("T1", "raises"), ("A3", "wait")}


def test_every_cell_comes_once_before_any_comes_again_and_each_has_its_phase() -> None:
    """A run that is stopped early has seen everything."""
    planned = episodes()
    half = len(planned) // 2
    assert cells(planned[:half]) == cells(planned[half:])
    assert len({trial.seed for trial in planned}) == len(planned)
    assert len({trial.id for trial in planned}) == len(planned)
    assert planned == episodes()


def test_the_profile_that_ships_has_every_fault_and_five_episodes_a_cell() -> None:
    """All but W8 of the soak, which has sixty."""
    planned = plan.trials(profiles.read("faults"))
    found = Counter((t.fault, t.arm.label, t.broker) for t in planned)
    assert set(found.values()) == {5}
    assert {fault for fault, _, _ in found} == set(faults.ids())
    soak = plan.trials(profiles.read("soak"))
    assert set(Counter(t.arm.label for t in soak).values()) == {60}


def test_episodes_run_side_by_side_and_comparisons_do_not() -> None:
    """The expected time says so."""
    planned = plan.trials(profiles.read("quick"))
    alone = [t for t in planned if t.episode is None]
    together = [t for t in planned if t.episode is not None]
    assert len(together) == 7
    assert plan.expected_s(together, 7) < plan.expected_s(together) / 3
    assert plan.expected_s(alone, 7) == plan.expected_s(alone)


MATRIX = 'description = "x"\n[[matrix]]\nrate_per_s = 1\nepisodes = 1\nwindow_s = 1\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('description = "x"', "has a [[comparison]] or a [[matrix]]"),
        (MATRIX + 'faults = ["X1"]', "unknown fault 'X1': there are A1, A2"),
        (MATRIX + 'faults = ["A1"]\nvariants = ["fast"]', "has a variant 'fast'"),
        (MATRIX + 'faults = ["A1"]\nstrategies = ["fast"]', "unknown strategy 'fast'"),
        (MATRIX + 'faults = ["A1"]\nworkload = "fast"', "unknown workload 'fast'"),
        (MATRIX + 'faults = ["A1"]\nbrokers = ["fast"]', "matrix.0.brokers.0"),
        (MATRIX + "faults = []", "matrix.0.faults"),
    ],
)
def test_a_profile_that_cannot_be_run_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In one line."""
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        profiles.read(str(path))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
