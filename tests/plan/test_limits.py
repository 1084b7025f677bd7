"""What of a profile a stack cannot do is said and left out."""

from dataclasses import replace

import pytest

from after202.kernel.errors import UsageError
from after202.kernel.model import DOCUMENTED
from after202.plan import limits, narrowing, reading
from loadtests import faults
from tests.plan.catalogue import CATALOGUE, catalogue, facts


def test_what_compose_cannot_make_is_said_and_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not skipped silently; and there is one stack, so one episode at a time."""
    load = faults.load
    unmade = replace(load("W2"), compose="")
    monkeypatch.setattr(faults, "load", lambda name: unmade if name == "W2" else load(name))
    said: list[str] = []
    chosen = limits.on_compose(reading.read("quick"), CATALOGUE, said.append)
    assert [m.faults for m in chosen.matrix] == [("A3", "A2", "W5")]
    assert chosen.side_by_side == 1
    assert said == ["Left out, because Compose cannot make them: W2"]


def test_where_there_is_one_broker_trials_follow_each_other() -> None:
    """Turns are for stacks that are up together; it is said, and the rest is as it was."""
    chosen = reading.read("answers")
    assert [c.turns for c in chosen.comparison] == [12]
    said: list[str] = []
    alone = limits.on_compose(chosen, CATALOGUE, said.append)
    assert [c.turns for c in alone.comparison] == [1]
    assert alone.comparison[0].window_s == chosen.comparison[0].window_s
    (line,) = said
    assert "follow each other instead of taking turns" in line


def test_a_strategy_from_a_file_is_in_no_image() -> None:
    """Compose cannot measure it; the line says what can."""
    known = catalogue(*CATALOGUE.strategies.values(), facts("mine", file="/home/ann/mine.py"))
    with pytest.raises(UsageError, match="no image holds mine: measure it with --stack embedded"):
        limits.on_compose(narrowing.narrow(reading.read("quick"), ["mine"], []), known, print)


def test_a_broker_of_the_user_s_own_is_not_struck() -> None:
    """Episodes are left out, and that is said; a profile of nothing else is refused."""
    said: list[str] = []
    chosen = limits.on_own_broker(reading.read("quick"), CATALOGUE, "redis", said.append)
    assert chosen.matrix == ()
    assert chosen.comparison == reading.read("quick").comparison
    assert said == ["The episodes are left out: faults are not tried on a broker of yours."]
    with pytest.raises(UsageError, match="--redis-url: faults are not tried"):
        limits.on_own_broker(reading.read("faults"), CATALOGUE, "redis", said.append)


def test_a_strategy_on_another_broker_than_the_user_s_own_is_said_and_left_out() -> None:
    """Also from the comparisons that name it; where it is the baseline, there is nothing to do."""
    known = catalogue(
        *CATALOGUE.strategies.values(), facts("tables", DOCUMENTED, broker="postgres")
    )
    quick = narrowing.narrow(reading.read("quick"), ["inline", "tables"], [])
    named = quick.comparison[0].model_copy(update={"strategies": ("inline", "tables")})
    alone = named.model_copy(update={"strategies": ("tables",)})
    profile = quick.model_copy(update={"matrix": (), "comparison": (named, alone)})
    said: list[str] = []
    chosen = limits.on_own_broker(profile, known, "redis", said.append)
    assert "tables" not in chosen.strategies
    assert "inline" in chosen.strategies
    assert [c.strategies for c in chosen.comparison] == [("inline",)]
    assert said == ["Left out, because they have another broker than redis: tables (postgres)"]
    with pytest.raises(UsageError, match="--redis-url: the baseline tables has another broker"):
        limits.on_own_broker(
            profile.model_copy(update={"baseline": "tables"}), known, "redis", said.append
        )
