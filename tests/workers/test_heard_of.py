"""What the health check of a worker's container asks: whether the queue has heard of the worker."""

from pathlib import Path

import pytest

from after202.hosts.local import until
from after202.kernel.model import DOCUMENTED
from tests.workers.queued import TIMEOUT_S, queued

pytestmark = pytest.mark.processes


@pytest.mark.parametrize(
    ("strategy", "variant"),
    [
        ("dramatiq_queue", DOCUMENTED),
        ("dramatiq_queue", "processes"),
        ("huey_queue", DOCUMENTED),
        ("taskiq_queue", DOCUMENTED),
    ],
)
def test_a_worker_is_heard_of_once_it_asks_for_messages(
    strategy: str, variant: str, tmp_path: Path, broker: str
) -> None:
    """Not before, although the API has put a message there."""
    own = queued(strategy, tmp_path, broker, variant)
    own.enqueue("empty")
    assert not own.is_heard_of()
    with own.worker() as child:
        until("the worker heard of", own.is_heard_of, TIMEOUT_S, [child])
