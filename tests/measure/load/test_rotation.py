"""Trials that take turns: one at a time, each once a round, and nobody waits for who has left."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from after202.measure.load.rotation import OTHERS, Rotation
from after202.plan.comparisons import comparisons
from after202.records.parts import ComparisonPlan
from after202.records.profile import Profile
from after202.records.trial import Comparison, Trial
from tests.plan.catalogue import CATALOGUE

ARMS, TURNS = 4, 5


def block() -> list[Comparison]:
    """Return a block of four arms that take five turns."""
    wanted = ComparisonPlan(
        workload="login", rate_per_s=5, blocks=1, window_s=1, turns=TURNS, baseline_copies=ARMS
    )
    profile = Profile(
        description="x", baseline="inline", strategies=("inline",), comparison=(wanted,)
    )
    return comparisons(profile, CATALOGUE)


def test_one_at_a_time_and_each_once_a_round() -> None:
    """In each round every trial has its turn, alone."""
    trials, stopping, busy, order = block(), Event(), [], []
    rotation = Rotation(trials, stopping)

    def take_part(trial: Trial) -> None:
        for _ in range(TURNS + OTHERS):
            with rotation.turn(trial):
                busy.append(trial.id)
                time.sleep(0.002)
                assert busy == [trial.id]
                busy.remove(trial.id)
                order.append(trial.id)

    with ThreadPoolExecutor(ARMS) as pool:
        list(pool.map(take_part, trials))
    rounds = [tuple(order[n : n + ARMS]) for n in range(0, len(order), ARMS)]
    assert len(rounds) == TURNS + OTHERS
    assert {frozenset(each) for each in rounds} == {frozenset(trial.id for trial in trials)}


def test_over_the_turns_of_load_every_trial_has_every_place() -> None:
    """Four rounds are a Latin square; those of start and stop, which carry no load, stand aside."""
    trials = block()
    order = list(Rotation(trials, Event())._queue)
    rounds = [order[n : n + ARMS] for n in range(0, len(order), ARMS)]
    for column in zip(*rounds[1 : 1 + ARMS], strict=True):
        assert len(set(column)) == ARMS


def test_nobody_waits_for_a_trial_that_is_over() -> None:
    """One that fails leaves the others all their turns."""
    trials = block()[:2]
    rotation = Rotation(trials, Event())
    rotation.leave(trials[0])
    for _ in range(TURNS + OTHERS):
        with rotation.turn(trials[1]):
            pass


def test_a_turn_that_fails_is_over() -> None:
    """The next one's comes."""
    trials = block()[:1]
    rotation = Rotation(trials, Event())
    with pytest.raises(ZeroDivisionError), rotation.turn(trials[0]):
        1 / 0  # noqa: B018 - it raises
    with rotation.turn(trials[0]):
        pass


def test_who_waits_is_told_when_the_run_is_stopped() -> None:
    """A turn that will not come is not waited for."""
    trials, stopping = block()[:2], Event()
    rotation = Rotation(trials, stopping)
    first, second = sorted(trials, key=lambda trial: trial.id != rotation._queue[0])
    stopping.set()
    with pytest.raises(InterruptedError), rotation.turn(second):
        pass
    with rotation.turn(first):
        pass
