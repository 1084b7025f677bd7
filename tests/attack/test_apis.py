"""Generated requests, valid and invalid, against every strategy's API and every workload."""

import pytest
from schemathesis import GenerationMode

from tests.apps.client import STRATEGIES, Apis
from tests.apps.conftest import apis
from tests.apps.test_validation import UNFIT, require_documented_answers
from workers import workloads

__all__ = ["apis"]
pytestmark = [pytest.mark.attack, pytest.mark.processes]


@pytest.mark.parametrize("mode", list(GenerationMode))
@pytest.mark.parametrize("strategy", STRATEGIES)
def test_every_answer_is_one_that_the_document_states(
    apis: Apis,
    strategy: str,
    mode: GenerationMode,
) -> None:
    """None is an error, whatever is sent."""
    for workload in sorted({*workloads.names()} - UNFIT):
        require_documented_answers(apis.of(strategy), workload, mode)
