"""What the project says of a strategy's services: whose image they are, and their order."""

from collections import Counter
from typing import Any

import pytest

from after202 import brokers
from after202.kernel.errors import TrialError, UsageError
from after202.plan.catalogue import strategy_files
from after202.stacks import choice
from after202.stacks.compose import project as projects
from after202.stacks.compose.engine import EngineError
from after202.stacks.compose.project import (
    FILE,
    PREPARE,
    ROLE,
    SECRET,
    STRATEGY,
    Project,
    labelled,
)


def service(image: str, role: str, strategy: str = "") -> dict[str, Any]:
    """Return a service as Compose prints it."""
    labels = {ROLE: role} | ({STRATEGY: strategy} if strategy else {})
    return {"image": image, "labels": labels}


SERVICES = {
    SECRET: {"image": "common"},
    "inline": service("common", "api", "inline"),
    "one": service("one", "api", "one_queue"),
    "one-worker": service("one", "worker", "one_queue"),
    "two": service("two", "api", "two_queue"),
    "two-prepare": service("two", PREPARE, "two_queue"),
    "cache": service("redis", "cache"),
}
PROJECT = Project("after202", SERVICES)


@pytest.mark.parametrize(
    ("running", "expected"),
    [
        ([], {"inline"}),
        (["cache", "of-another-file"], {"inline"}),
        (["one-worker"], {"inline", "one_queue"}),
        (["two", "one"], {"inline", "one_queue", "two_queue"}),
    ],
)
def test_a_strategy_is_up_if_something_runs_in_its_image(
    running: list[str], expected: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The common image is made whenever anything is brought up."""
    monkeypatch.setattr(Project, "running", lambda _: Counter(running))
    assert {n for n in ("inline", "one_queue", "two_queue") if PROJECT.is_up(n)} == expected


def test_a_strategy_that_the_file_lacks_is_refused_in_a_line() -> None:
    """With what to add."""
    with pytest.raises(UsageError, match="has no api of mine: add a service with the labels"):
        PROJECT.is_up("mine")


def test_services_of_a_strategy_that_is_prepared_wait_for_that() -> None:
    """All of its services, and nobody else's."""
    assert PROJECT.of("two_queue") == ["two", "two-prepare"]
    assert {name for name in SERVICES if PROJECT.is_prepared(name)} == {"two", "two-prepare"}
    assert not PROJECT.is_prepared("of-another-file")


def test_the_strategies_that_are_up_are_those_of_running_services(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Servers belong to none, and a service that the file has no more to nobody."""
    monkeypatch.setattr(Project, "running", lambda _: Counter(["cache", "one-worker", "gone"]))
    assert PROJECT.strategies() == {"one_queue"}


@pytest.mark.parametrize(
    ("named", "up", "expected"),
    [
        ([], set(), []),
        ([], {"one_queue"}, ["--profile one_queue"]),
        (["two_queue"], {"one_queue"}, ["--profile one_queue --profile two_queue", "one two"]),
    ],
)
def test_what_is_up_is_built_again_with_what_is_named(
    named: list[str], up: set[str], expected: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without names it is the common environment's strategies that are started beside it."""
    told: list[str] = []
    monkeypatch.setattr(projects, "read", lambda: PROJECT)
    monkeypatch.setattr(Project, "strategies", lambda _: up)
    monkeypatch.setattr(choice, "shown", lambda *words: told.extend(words))
    choice.bring_up(named)
    words = " ".join(told)
    assert words.startswith(" ".join(["compose", *expected[:1], "up --detach --build --wait"]))
    assert words.endswith(" ".join(["--wait", *expected[1:]]))


def test_a_strategy_that_cannot_be_prepared_is_a_reason_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With the last that it said, after all that Compose says."""

    def fail(*_: str, environment: dict[str, str]) -> str:
        raise EngineError(f" Container x  Created\nTraceback:\nno such server {environment}")

    monkeypatch.setattr(projects, "docker", fail)
    with pytest.raises(
        TrialError, match=r"^the strategy's prepare\(\) failed: docker says: no such"
    ):
        PROJECT.prepare("two_queue", {})


def test_the_services_are_of_strategies_that_there_are() -> None:
    """A label with a slip in it would leave a strategy out."""
    assert len(labelled()) >= 14
    assert labelled() - set(strategy_files()) == set()


@pytest.mark.parametrize("name", [n for n in brokers.names() if brokers.load(n).service])
def test_a_broker_in_containers_sets_all_that_its_durability_is_made_of(name: str) -> None:
    """Each durability sets the same variables, so that none is left from the environment."""
    broker, text = brokers.load(name), FILE.read_text(encoding="utf-8")
    told = [broker.compose_settings(one) for one in broker.durabilities]
    assert len({tuple(sorted(one)) for one in told}) == 1
    assert len({tuple(one.values()) for one in told}) == len(told)
    for variable in told[0]:
        assert f"${{AFTER202_{variable}" in text, variable
    assert f"\n  {broker.service}:\n" in text
