"""Ports: each is given once, also where several stacks start at a time."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from after202.hosts import ports
from after202.kernel.errors import UsageError


def test_no_port_is_given_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever had one may be down, and come back on it."""
    monkeypatch.setattr(ports, "_given", set())
    monkeypatch.setattr(ports, "HIGHEST", ports.LOWEST + 40)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda _: ports.free_port(), range(20)))
    assert len(set(given)) == len(given)

    # And when there is none left, that is said
    monkeypatch.setattr(ports, "HIGHEST", ports.LOWEST + 1)
    ports._given.add(ports.LOWEST)
    with pytest.raises(UsageError, match="no free port"):
        ports.free_port()
