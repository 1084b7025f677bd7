"""Messages that name somebody else's functions: neither queue's worker calls them."""

import pytest

from tests.workers.test_foreign import (
    broker,
    hook,
    test_an_abandoned_job_of_rqs_is_not_followed_by_a_foreign_callback,
    test_celerys_worker_calls_no_task_but_ours,
    test_rqs_worker_calls_no_function_but_ours,
)

__all__ = [
    "broker",
    "hook",
    "test_an_abandoned_job_of_rqs_is_not_followed_by_a_foreign_callback",
    "test_celerys_worker_calls_no_task_but_ours",
    "test_rqs_worker_calls_no_function_but_ours",
]
pytestmark = [pytest.mark.attack, pytest.mark.processes]
