"""What a profile overrides: who gets it, under what name, and what is refused in one line."""

from pathlib import Path
from typing import Any

import pytest

from after202.kernel.errors import UsageError
from after202.plan import arms, narrowing, reading
from after202.plan.comparisons import comparisons
from after202.plan.episodes import episodes
from after202.records.experiment import Condition
from after202.records.profile import Profile
from after202.records.trial_record import TrialRecord
from loadtests import faults
from tests.plan.catalogue import CATALOGUE

PROFILE = """
description = "x"
baseline = "celery_queue"
strategies = ["celery_queue", "rq_queue"]
variants = ["documented", "hardened"]

[variant.celery_queue.documented]
worker_prefetch_multiplier = 1
task_acks_late = true

[fault.W8]
times = 3
every_s = 2

[[comparison]]
workload = "empty"
rate_per_s = 5
blocks = 1
window_s = 1
baseline_copies = 2

[[matrix]]
faults = ["W2", "W8"]
rate_per_s = 3
window_s = 9
episodes = 1
"""
LABEL = "celery_queue (task_acks_late = true, worker_prefetch_multiplier = 1)"


def read(folder: Path, text: str = PROFILE) -> Profile:
    """Read a profile and check it, as every command does."""
    path = folder / "mine.toml"
    path.write_text(text)
    profile = reading.read(str(path))
    reading.require_known(profile, CATALOGUE)
    return profile


def test_an_overridden_variant_says_so_in_its_name_and_no_other_does(tmp_path: Path) -> None:
    """The baseline's copy is the same; folders keep their short names."""
    planned = comparisons(read(tmp_path), CATALOGUE)
    assert sorted(trial.arm.label for trial in planned) == [
        LABEL, f"{LABEL}#2", "celery_queue hardened", "rq_queue", "rq_queue hardened",
    ]  # fmt: skip
    assert {trial.id[4:] for trial in planned} > {"empty-celery_queue", "empty-celery_queue-2"}
    (first,) = (one.arm for one in planned if one.arm.label == LABEL)
    assert first.variant_label == LABEL.replace("celery_queue", "documented")


def test_the_baseline_of_a_condition_is_the_overridden_arm(tmp_path: Path) -> None:
    """Arms are paired by being equal, so a baseline without its overrides would have no trial."""
    profile, condition = read(tmp_path), Condition(workload="empty", rate_per_s=5)
    baseline = arms.baseline_of(profile, condition)
    assert baseline.label == LABEL
    assert baseline in {trial.arm for trial in comparisons(profile, CATALOGUE)}


def test_an_episode_has_its_faults_parameters_and_its_arms_overrides(tmp_path: Path) -> None:
    """A stored trial is read back as it was planned, types included."""
    planned = episodes(read(tmp_path), CATALOGUE, before=0)
    parameters = {(one.fault, tuple(one.parameters.items())) for one in planned}
    assert parameters == {("W2", ()), ("W8", (("times", 3), ("every_s", 2)))}
    assert {one.arm.label for one in planned if one.arm.overrides} == {LABEL}
    record = TrialRecord(trial=planned[0], valid=True, started_at="")
    assert TrialRecord.model_validate_json(record.model_dump_json()).trial == planned[0]


def test_a_faults_parameters_are_what_its_strike_takes() -> None:
    """No other list has to be kept in step with it."""
    found = {name: default for name, (_, default) in faults.parameters("W8").items()}
    assert found == {"times": 5, "every_s": 0.0, "phase_s": 1.0, "down_s": 1.0}
    assert faults.parameters("T1") == {}
    for name in faults.ids():
        for default in faults.parameters(name).values():
            assert isinstance(default[1], int | float)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("worker_prefetch_multiplier", "prefetch", "variant.celery_queue.documented: unknown"),
        ("multiplier = 1", 'multiplier = "1"', "worker_prefetch_multiplier: Input should be a val"),
        ("multiplier = 1", "multiplier = 1.5", "valid integer, like the default 4"),
        ("multiplier = 1", "multiplier = true", "valid integer, like the default 4"),
        ("multiplier = 1", "multiplier = -1", "between 0 and 1,000,000,000"),
        ("multiplier = 1", "multiplier = [1]", "should be a number, a text, true or false"),
        ("late = true", "late = 1", "valid boolean, like the default false"),
        ("queue.documented", "queue.batched", "the profile has no such variant"),
        ("variant.celery_queue", "variant.gather", "not among the profile's strategies"),
        ("variant.celery_queue", "variant.rq_queue", "a profile may set nothing"),
        ("times = 3", "times = 0", "fault.W8.times: Input should be greater than or equal to 1"),
        ("times = 3", "kills = 3", "unknown 'kills': a profile may set times, every_s, phase_s"),
        ("every_s = 2", "every_s = inf", "between 0 and 1,000,000,000"),
        ("fault.W8", "fault.W4", "fault.W4: no [[matrix]] has this fault"),
    ],
)
def test_what_cannot_be_overridden_is_one_line(
    tmp_path: Path, before: str, after: str, said: str
) -> None:
    """It says where, what is wrong, and what there is."""
    with pytest.raises(UsageError) as error:
        read(tmp_path, PROFILE.replace(before, after))
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_that_leaves_the_strategy_out_is_not_refused(tmp_path: Path) -> None:
    """The profile is right; `--strategy` only narrows it."""
    narrowed = narrowing.narrow(read(tmp_path), ["rq_queue"], [])
    reading.require_known(narrowed, CATALOGUE)
    assert {trial.arm.strategy for trial in comparisons(narrowed, CATALOGUE)} >= {"rq_queue"}


def test_a_profile_without_overrides_plans_the_arms_that_it_always_did(tmp_path: Path) -> None:
    """Stored runs are read as before: the same labels, ids and arms."""
    text = PROFILE[: PROFILE.index("[variant")] + PROFILE[PROFILE.index("[[comparison") :]
    changed: dict[str, Any] = {"variant": {}, "fault": {}}
    assert read(tmp_path, text) == read(tmp_path).model_copy(update=changed)
