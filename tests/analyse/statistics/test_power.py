"""What could have been seen, against simulated experiments with a known answer."""

import math

import numpy as np
import pytest

from after202.analyse.statistics import holm, power
from after202.analyse.statistics.difference import (
    EQUIVALENCE_MS,
    Difference,
    decide,
    in_ms,
)
from after202.analyse.statistics.hodges_lehmann import p_value
from after202.records.design import SIGNIFICANT

EXPERIMENTS = 600
SPREAD = 0.1
REGION = EQUIVALENCE_MS[0.5]


def found_share(effect: float, blocks: int, tests: int) -> float:
    """Return the share of simulated experiments in which the effect is found by Holm's test.

    The other tests of the family find nothing, so the strictest level applies.
    """
    random = np.random.default_rng(202)
    samples = random.normal(effect, SPREAD, (EXPERIMENTS, blocks))
    others = [1.0] * (tests - 1)
    found = [holm.adjusted([p_value(s), *others])[0] < SIGNIFICANT for s in samples]
    return sum(found) / EXPERIMENTS


@pytest.mark.parametrize(("blocks", "tests"), [(8, 1), (12, 1), (12, 4), (24, 4), (40, 1)])
def test_the_detectable_difference_is_found_four_times_of_five(blocks: int, tests: int) -> None:
    """The formula's power of 80 % is the simulated one, within 10 %."""
    effect = power.detectable(SPREAD, blocks, tests)
    assert found_share(effect, blocks, tests) == pytest.approx(0.8, abs=0.1)


def test_too_few_blocks_find_nothing_however_large_it_is() -> None:
    """Seven blocks agree with a p of 1/64, and Holm's first of four levels is 1/80."""
    assert math.isinf(power.detectable(SPREAD, 7, 4))
    assert found_share(10.0, 7, 4) == 0
    assert found_share(10.0, 8, 4) == 1


@pytest.mark.parametrize("effect", [0.13, 0.15])
def test_the_blocks_asked_for_find_a_difference(effect: float) -> None:
    """With as many blocks as are asked for, it is found four times of five."""
    blocks = power.blocks_to_settle(effect, REGION, SPREAD, 1)
    assert blocks is not None
    assert found_share(effect, blocks, 1) == pytest.approx(0.8, abs=0.1)


def test_the_blocks_asked_for_show_that_there_is_no_difference() -> None:
    """Without a difference, that is shown at least three times of five."""
    blocks = power.blocks_to_settle(0.0, REGION, SPREAD, 1)
    assert blocks is not None
    random = np.random.default_rng(202)
    samples = random.normal(0.0, SPREAD, (EXPERIMENTS // 3, blocks))
    verdicts = [decide([in_ms([(value, 0.0) for value in s], 0.5)], p_value(s)) for s in samples]
    assert verdicts.count(Difference.SAME) / len(verdicts) >= 0.6


def test_a_difference_at_the_edge_of_the_region_cannot_be_settled() -> None:
    """No number of blocks decides what lies on the line."""
    assert power.blocks_to_settle(REGION, REGION, SPREAD, 1) is None
    assert power.blocks_to_settle(REGION * 0.999, REGION, SPREAD, 1) is None


def test_scatter_is_the_standard_deviation_of_a_normal_sample_and_ignores_an_outlier() -> None:
    """One wild block of many does not move it much; three values are the least."""
    sample = np.random.default_rng(202).normal(0, SPREAD, 2000)
    assert power.scatter(sample.tolist()) == pytest.approx(SPREAD, rel=0.05)
    assert power.scatter([*sample.tolist(), 1000.0]) == pytest.approx(SPREAD, rel=0.05)
    assert power.scatter([0.1, 0.2]) is None
    assert power.scatter([0.0, 0.0, 0.0, 0.4]) == pytest.approx(0.2)
