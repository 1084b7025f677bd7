"""Running APIs."""

from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from tests.apps.client import Apis
from tests.services import Services


@pytest.fixture(scope="session")
def apis(services: Services) -> Iterator[Apis]:
    """Start APIs when asked, stop all of them at the end."""
    with ExitStack() as running:
        yield Apis(services, running)
