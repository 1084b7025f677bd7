"""Who counts as a stranger on a broker, look by look."""

from collections.abc import Collection
from types import SimpleNamespace
from typing import Any

import pytest

from after202.brokers.interface import Client
from after202.measure.watch import strangers
from after202.measure.watch.strangers import LOOKS, Lookout

OURS, THEIRS = Client("127.0.0.1:1", "worker"), Client("127.0.0.1:2", "")


class Broker:
    """A stack whose broker lists these clients, look by look, and the last ones for ever."""

    roles: dict[str, Any] = {}  # noqa: RUF012 - nobody writes to it

    def __init__(self, *lists: set[Client], alive: int = 99) -> None:
        """Our own client is one of a living process in as many look-ups."""
        self._lists = list(lists)
        self._alive = alive
        self.looked_up: list[Client] = []
        self.is_spared = False

    def clients(self) -> list[Client]:
        """Return the next list."""
        return list(self._lists.pop(0) if len(self._lists) > 1 else self._lists[0])

    def strangers(self, clients: Collection[Client]) -> set[Client]:
        """Return the clients of no process of ours."""
        self.looked_up += clients
        self._alive -= 1
        return {one for one in clients if one is THEIRS or self._alive < 0}

    def spare_broker(self) -> None:
        """Note it."""
        self.is_spared = True


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look again at once."""
    monkeypatch.setattr(strangers, "AGAIN_S", 0)


def reasons(broker: Broker) -> list[str]:
    """Return what is said at the end of a trial that has a look or more there."""
    facts = SimpleNamespace(foreign_message="")
    return Lookout(broker, facts).reasons()  # type: ignore[arg-type]


def test_a_client_that_stays_is_a_stranger() -> None:
    """It is named, and the broker's keys are left alone."""
    broker = Broker({OURS, THEIRS})
    assert reasons(broker) == ["a client that is not ours is on the broker, from 127.0.0.1:2"]
    assert broker.is_spared


def test_our_own_client_is_looked_up_once() -> None:
    """Looking it up takes processor time."""
    broker = Broker({OURS})
    assert reasons(broker) == []
    assert broker.looked_up == [OURS]
    assert not broker.is_spared


def test_a_client_that_comes_and_goes_is_not_looked_up() -> None:
    """Each of RQ's jobs has connections of its own."""
    broker = Broker(*({Client(f"127.0.0.1:{port}", "")} for port in range(10, 10 + LOOKS)))
    assert reasons(broker) == []
    assert broker.looked_up == []


def test_a_process_of_ours_that_was_killed_meanwhile_is_no_stranger() -> None:
    """It was there in two looks, and is gone when its connections are looked up."""
    broker = Broker({OURS}, {OURS}, set(), alive=0)
    assert reasons(broker) == []
    assert broker.looked_up == [OURS]
