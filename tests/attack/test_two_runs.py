"""Two runs at once: the second is refused, or waits."""

import pytest

from tests.test_run import test_a_second_run_at_the_same_time_is_refused_or_queues

__all__ = ["test_a_second_run_at_the_same_time_is_refused_or_queues"]
pytestmark = [pytest.mark.attack, pytest.mark.processes]
