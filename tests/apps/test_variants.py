"""Variants: what a strategy declares, what a profile may name, what the API tells."""

import subprocess
import sys

import pytest

from after202.hosts import environments
from after202.kernel.model import DEDUPLICATED, DOCUMENTED, HARDENED, StrategyFacts
from after202.plan import reading
from after202.plan.catalogue import Catalogue
from after202.plan.comparisons import comparisons
from tests.apps.client import QUEUES, STRATEGIES
from tests.plan.catalogue import CATALOGUE
from tests.project import ROOT
from tests.services import Services
from workers.grace import STOP_GRACE_S

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def described() -> dict[str, StrategyFacts]:
    """Give what every strategy of the common environment says of itself, and a hidden one."""
    return environments.describe([*STRATEGIES, "_spin"])


def test_every_strategy_has_the_documented_variant(described: dict[str, StrategyFacts]) -> None:
    """The settings of its library's getting-started are where a comparison begins.

    A deploy waits for the work of a hardened one, in the API or in a worker.
    """
    for name in STRATEGIES:
        variants = list(described[name].variants)
        assert variants[0] == DOCUMENTED
        assert HARDENED in variants
        assert (DEDUPLICATED in variants) == bool(described[name].worker)
        grace_s = {
            variant: facts.stop_grace_s for variant, facts in described[name].variants.items()
        }
        assert grace_s[DOCUMENTED] is None
        assert grace_s[HARDENED] == STOP_GRACE_S
    assert "simple_worker" in described["rq_queue"].variants
    assert list(described["_spin"].variants) == ["0", "50", "100", "300", "1000"]


def test_the_catalogue_by_hand_is_that_of_the_strategies_that_ship(
    described: dict[str, StrategyFacts],
) -> None:
    """The tests of the plan start no process, and plan what would be planned."""

    def planned_by(facts: StrategyFacts) -> tuple[object, ...]:
        return facts.worker, facts.broker, facts.message_cpu_s, set(facts.variants)

    assert {name: planned_by(CATALOGUE[name]) for name in CATALOGUE.names()} == {
        name: planned_by(described[name]) for name in STRATEGIES
    }


def test_an_arm_is_a_strategy_in_a_variant_that_it_has(
    described: dict[str, StrategyFacts],
) -> None:
    """Celery has no SimpleWorker, and no arm that pretends so."""
    planned = comparisons(reading.read("headlines"), Catalogue(described))
    assert {(trial.arm.strategy, trial.arm.variant) for trial in planned} == {
        ("rq_queue", DOCUMENTED),
        ("rq_queue", "simple_worker"),
        ("celery_queue", DOCUMENTED),
    }


def test_strategies_without_messages_stand_once_beside_the_variants_of_the_queues(
    described: dict[str, StrategyFacts],
) -> None:
    """What a message costs is asked of queues alone; the others are what it is compared with."""
    profile = reading.read("messages")
    planned = comparisons(profile, Catalogue(described))
    sides = {(trial.arm.strategy, trial.arm.variant) for trial in planned}
    assert sides == {
        *((name, DOCUMENTED) for name in profile.strategies),
        *((name, variant) for name in QUEUES for variant in ("one_message", "batched")),
    }
    assert len(planned) == len(sides) * profile.comparison[0].blocks


@pytest.mark.parametrize("variant", ["nonsense", "simple_worker"])
def test_an_api_does_not_start_in_a_variant_that_it_has_not(
    services: Services, variant: str
) -> None:
    """The error names those that there are."""
    wiring = services.wiring.model_copy(update={"variant": variant})
    done = subprocess.run(
        [sys.executable, "-m", "apps", "serve", "inline", "1"],
        cwd=ROOT, env=wiring.environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert f"unknown variant '{variant}': there are documented" in done.stderr
    assert done.stderr.count("\n") == 1


def test_importing_a_strategy_reads_no_environment() -> None:
    """What a strategy says of itself does not depend on where it is asked."""
    command = [sys.executable, "-m", "apps", "describe", *STRATEGIES]
    told = {"AFTER202_VARIANT": "nonsense", "AFTER202_SLOTS": "none"}
    plain, odd = (
        subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=True, timeout=60)
        for env in ({}, told)
    )
    assert plain.stdout == odd.stdout
