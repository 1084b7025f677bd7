"""A matrix expands to cells and episodes: what can happen to whom, and nothing else."""

from collections import Counter
from pathlib import Path

import pytest

from after202.kernel.errors import UsageError
from after202.kernel.model import DOCUMENTED, HARDENED, VariantFacts
from after202.plan import episodes as plan
from after202.plan import reading
from after202.plan.catalogue import Catalogue
from after202.plan.estimate import expected_s, planned_at_first
from after202.plan.remarks import remarks
from after202.records.experiment import Reach
from after202.records.parts import FaultMatrix
from after202.records.profile import Profile
from after202.records.trial import NOT_DURABLE, Episode
from loadtests import faults
from tests.plan.catalogue import CATALOGUE, catalogue, facts

TABLES = catalogue(facts("tables", DOCUMENTED, HARDENED, broker="postgres"))
EVERY = (NOT_DURABLE, "save points", "AOF everysec", "AOF always")


def episodes(known: Catalogue = CATALOGUE, **options: object) -> list[Episode]:
    """Return the episodes of a profile with one matrix."""
    values = {"faults": ("A3", "W2"), "rate_per_s": 5, "episodes": 2, "window_s": 4, **options}
    matrix = FaultMatrix.model_validate(values)
    return plan.episodes(Profile(description="x", matrix=(matrix,)), known, 0)


def cells(planned: list[Episode]) -> Counter[tuple[str, str]]:
    """Count the episodes by fault and arm."""
    return Counter((trial.fault, trial.arm.label) for trial in planned)


def test_a_fault_is_tried_on_those_that_have_what_it_hits() -> None:
    """BackgroundTasks has no worker that could be killed."""
    found = cells(episodes())
    assert found["A3", "background_tasks"] == 2
    assert found["W2", "celery_queue"] == 2
    assert {label for fault, label in found if fault == "W2"} == {"celery_queue", "rq_queue"}
    assert {label for fault, label in found if fault == "A3"} == set(CATALOGUE.names())


def test_those_that_may_wait_for_a_redelivery_come_first_each_time() -> None:
    """Side by side with the others they cost no time; one that began last would wait alone."""
    waits = {DOCUMENTED: VariantFacts(redelivery_s=1095), HARDENED: VariantFacts(redelivery_s=60)}
    queue = CATALOGUE["rq_queue"].model_copy(update={"variants": waits})
    known = catalogue(queue, CATALOGUE["background_tasks"], CATALOGUE["celery_queue"])
    planned = episodes(known, variants=tuple(waits))
    order = [(t.fault, t.arm.label) for t in planned]
    each = len(order) // 2
    assert order[0] == order[each] == ("W2", "rq_queue hardened")
    # What takes longer than the horizon is not waited for.
    assert order.index(("W2", "rq_queue")) > 0


def test_a_database_is_what_every_strategy_has() -> None:
    """Its jobs write to it; and the record says which work the fault could take."""
    planned = episodes(faults=("D1", "W2"))
    assert {t.arm.strategy for t in planned if t.fault == "D1"} == set(CATALOGUE.names())
    assert {t.arm.workload for t in planned if t.fault == "D1"} == {"slow_insert"}
    assert {(t.fault, t.reach) for t in planned} == {("D1", Reach.OUTAGE), ("W2", Reach.STRIKE)}


def test_a_variant_whose_database_is_its_broker_has_no_other_that_could_crash() -> None:
    """Its broker's faults are those of its database."""
    both = {
        DOCUMENTED: VariantFacts(),
        "transactional": VariantFacts(one_database=True),
    }
    known = catalogue(TABLES["tables"].model_copy(update={"variants": both}))
    found = cells(episodes(known, faults=("D1", "R2"), variants=tuple(both), episodes=1))
    assert set(found) == {
        ("D1", "tables"), ("R2", "tables"), ("R2", "tables transactional"),
    }  # fmt: skip


def test_a_strategy_is_tried_in_the_variants_that_it_has() -> None:
    """Only queues deliver twice, so only they are deduplicated."""
    found = cells(episodes(variants=("documented", "hardened", "deduplicated")))
    assert ("A3", "gather hardened") in found
    assert ("A3", "celery_queue deduplicated") in found
    assert ("A3", "gather deduplicated") not in found


def test_the_broker_is_an_axis_of_those_that_have_one() -> None:
    """An in-process strategy has the cell once."""
    planned = episodes(durabilities=EVERY, faults=("A3",), episodes=1)
    assert cells(planned)["A3", "rq_queue"] == len(EVERY)
    assert cells(planned)["A3", "inline"] == 1
    assert {t.durability for t in planned if t.arm.strategy == "rq_queue"} == set(EVERY)


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


def test_the_profile_that_ships_has_every_fault_and_four_episodes_a_cell() -> None:
    """Two where each comes out the same; W8 of the soak has sixty."""
    planned = plan.episodes(reading.read("faults"), CATALOGUE, 0)
    found = Counter((t.fault, t.arm.label, t.durability) for t in planned)
    same = {"F0", "A1", "N1", "T1", "T2"}
    # Two more matrices meet A1 with variants of their own, four times.
    own = ("sync", "short_shutdown")
    assert {n for (f, arm, _), n in found.items() if f not in same or arm.endswith(own)} == {4}
    assert {n for (f, arm, _), n in found.items() if f in same and not arm.endswith(own)} == {2}
    assert {fault for fault, _, _ in found} == set(faults.ids())
    soak = plan.episodes(reading.read("soak"), CATALOGUE, 0)
    assert set(Counter(t.arm.label for t in soak).values()) == {60}


def test_episodes_run_side_by_side_and_comparisons_do_not() -> None:
    """The expected time says so."""
    planned = planned_at_first(reading.read("quick"), CATALOGUE)
    alone = [t for t in planned if not isinstance(t, Episode)]
    together = [t for t in planned if isinstance(t, Episode)]
    # A3 and A2 hit all five in two variants each, W2 and W5 the two queues.
    assert len(together) == 2 * (5 + 5) + 2 * (2 + 2)
    assert expected_s(together, CATALOGUE, 7) < expected_s(together, CATALOGUE) / 3
    assert expected_s(alone, CATALOGUE, 7) == expected_s(alone, CATALOGUE)


MATRIX = 'description = "x"\n[[matrix]]\nrate_per_s = 1\nepisodes = 1\nwindow_s = 2\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('description = "x"', "needs a [[comparison]], a [[matrix]] or a [[pressure]]"),
        (MATRIX + 'faults = ["X1"]', "unknown fault 'X1': there are A1, A2"),
        (MATRIX + 'faults = ["A1"]\nvariants = ["fast"]', "has a variant 'fast'"),
        (MATRIX + 'faults = ["A1"]\nstrategies = ["fast"]', "unknown strategy 'fast'"),
        (MATRIX + 'faults = ["A1"]\nworkload = "fast"', "unknown workload 'fast'"),
        (MATRIX + 'faults = ["A1"]\ndurabilities = []', "matrix.0.durabilities"),
        (MATRIX + 'faults = ["A1"]\nhorizon_s = 301', "matrix.0.horizon_s"),
        (MATRIX + "faults = []", "matrix.0.faults"),
    ],
)
def test_a_profile_that_cannot_be_run_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """In one line."""
    path = tmp_path / "profile.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as error:
        reading.require_known(reading.read(str(path)), CATALOGUE)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_broker_writes_what_it_usually_does_unless_the_profile_names_more() -> None:
    """Of the named durabilities, those that the broker has; without any, its own default."""
    usual = episodes(faults=("W2",), episodes=1)
    assert {episode.durability for episode in usual} == {"save points"}
    named = episodes(faults=("W2",), episodes=1, durabilities=("AOF always", "journal"))
    assert {episode.durability for episode in named} == {"AOF always"}
    unknown = episodes(TABLES, faults=("R2",), episodes=1, durabilities=EVERY)
    assert {episode.durability for episode in unknown} == {"all"}


def test_a_fault_that_a_broker_cannot_have_is_left_out_and_said_once() -> None:
    """It would strike in vain, and its episodes would show nothing; the other brokers have it."""
    faults_of = {"faults": ("R6", "R2"), "rate_per_s": 5, "episodes": 1, "window_s": 4}
    matrix = FaultMatrix.model_validate(faults_of)
    profile = Profile(description="x", variants=(DOCUMENTED, HARDENED), matrix=(matrix, matrix))
    both = catalogue(TABLES["tables"], CATALOGUE["rq_queue"])
    found = {(t.fault, t.arm.strategy) for t in plan.episodes(profile, both, 0)}
    assert found == {("R6", "rq_queue"), ("R2", "rq_queue"), ("R2", "tables")}
    assert list(remarks(profile, both)) == ["R6 leaves out tables: it has no such limit"]
