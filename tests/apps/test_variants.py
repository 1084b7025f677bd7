"""Variants: what a strategy declares, what a profile may name, what the API tells."""

import subprocess
import sys

import pytest

from after202.kernel.model import DEDUPLICATED, DOCUMENTED, HARDENED
from after202.plan import catalogue as strategies
from after202.plan import comparisons as plan
from after202.plan import reading as profiles
from tests.project import ROOT
from tests.services import Services


def test_every_strategy_has_the_documented_variant() -> None:
    """The settings of its library's getting-started are where a comparison begins."""
    for name in strategies.names():
        assert strategies.variants(name)[0] == DOCUMENTED
        assert HARDENED in strategies.variants(name)
        assert (DEDUPLICATED in strategies.variants(name)) == strategies.has_worker(name)
    assert "simple_worker" in strategies.variants("rq_queue")
    assert strategies.variants("_spin") == ("0", "50", "100", "300", "1000")


def test_an_arm_is_a_strategy_in_a_variant_that_it_has() -> None:
    """Celery has no SimpleWorker, and no arm that pretends so."""
    arms = {(t.arm.strategy, t.arm.variant) for t in plan.trials(profiles.read("headlines"))}
    assert arms == {
        ("rq_queue", DOCUMENTED),
        ("rq_queue", "simple_worker"),
        ("celery_queue", DOCUMENTED),
    }


@pytest.mark.parametrize("variant", ["nonsense", "simple_worker"])
def test_an_api_does_not_start_in_a_variant_that_it_has_not(
    services: Services, variant: str
) -> None:
    """The error names those that there are."""
    wiring = services.wiring.model_copy(update={"variant": variant})
    done = subprocess.run(
        [sys.executable, "-m", "apps", "inline", "1"],
        cwd=ROOT, env=wiring.environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"unknown variant '{variant}': there are documented" in done.stderr
