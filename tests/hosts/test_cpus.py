"""How processors are divided between the sides, in each layout."""

import pytest

from after202.hosts.cpus import CpuSets, anywhere, laid_out, share_out, usual_layout
from after202.records.experiment import Layout


def sets(cores: int, layout: Layout) -> CpuSets:
    """Return the split of a machine with this many cores."""
    return laid_out(share_out(list(range(cores))), layout)


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("cores", [2, 3, 4, 8])
def test_the_generator_never_shares_a_processor_with_the_api(cores: int, layout: Layout) -> None:
    """Two cores are one each; more go to the system under test, and none is left over."""
    found = sets(cores, layout)
    assert not set(found.generator) & set(found.under_test)
    assert not set(found.services) & set(found.under_test)
    every = {*found.generator, *found.under_test, *found.worker, *found.services}
    assert every == set(range(cores))
    assert set(anywhere(share_out(list(range(cores)))).worker) == every


@pytest.mark.parametrize(
    ("cores", "under_test", "worker"),
    [(2, (0,), (1,)), (3, (0,), (1,)), (4, (0,), (1,)), (8, (0, 1, 2), (3, 4, 5))],
)
def test_a_worker_apart_has_processors_that_the_api_does_not(
    cores: int, under_test: tuple[int, ...], worker: tuple[int, ...]
) -> None:
    """On two cores it has the generator's; on more, nobody else's."""
    found = sets(cores, Layout.WORKER_APART)
    assert (found.under_test, found.worker) == (under_test, worker)
    assert bool(set(worker) & set(found.generator)) == (cores == 2)


@pytest.mark.parametrize("cores", [2, 3, 4, 8])
def test_on_the_shared_core_a_worker_has_the_api_s_processors(cores: int) -> None:
    """As in every run that was stored before there were layouts."""
    found = sets(cores, Layout.SHARED_CORE)
    assert found.worker == found.under_test


def test_a_worker_is_apart_by_default_where_every_side_has_a_processor() -> None:
    """With four cores, it takes nothing from the load or the services."""
    usual = [usual_layout(list(range(cores))) for cores in (2, 3, 4, 8)]
    assert usual == [Layout.SHARED_CORE] * 2 + [Layout.WORKER_APART] * 2
