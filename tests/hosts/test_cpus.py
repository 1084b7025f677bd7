"""How processors are divided between the two sides."""

import pytest

from after202.hosts.cpus import share_out


@pytest.mark.parametrize("cores", [2, 3, 4, 8])
def test_the_generator_never_shares_a_processor_with_the_system_under_test(cores: int) -> None:
    """Two cores are one each; more go to the system under test."""
    sets = share_out(list(range(cores)))
    assert not set(sets.generator) & set(sets.under_test)
    assert not set(sets.services) & set(sets.under_test)
    used = {*sets.generator, *sets.under_test, *sets.services}
    assert used == set(range(cores))
