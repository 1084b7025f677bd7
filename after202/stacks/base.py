"""What a trial's stack does whatever its parts are: start whole or not at all, and end whole."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack
from threading import Event
from typing import Generic, Self, TypeVar

from after202.hosts.part import Part
from after202.kernel.errors import TrialError
from after202.records.experiment import Role
from after202.stacks.api import Api

P = TypeVar("P", bound=Part)


class BaseStack(ABC, Generic[P]):
    """A stack whose parts are of one kind; what it takes to end them goes to `_exit`."""

    def __init__(self, api: Api, stopping: Event) -> None:
        """Say where the API will be; `stopping` says that the run is being stopped."""
        self.api = api
        self.url = api.url
        self.roles: dict[Role, P] = {}
        self._stopping = stopping
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Start every role; ready means that the API answers."""
        try:
            self._start_all()
        except BaseException:
            self._exit.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop every role."""
        self._exit.close()

    @property
    def children(self) -> Sequence[P]:
        """The parts that must stay alive."""
        return list(self.roles.values())

    @property
    def is_stopping(self) -> bool:
        """Whether the run is being stopped."""
        return self._stopping.is_set()

    def start(self, role: Role) -> None:
        """Start a role, or start it again: at the same address, and on the same data.

        TrialError once the run is being stopped: nothing may come back then.
        """
        if self.is_stopping:
            raise TrialError("the run is being stopped")
        self._start(role)

    def answers(self, role: Role) -> bool:
        """Say whether a role can be heard of; a worker cannot, apart from what it does."""
        if role is Role.API:
            return self.api.is_up()
        return role is not Role.BROKER or self._broker_answers()

    def require_alive(self) -> None:
        """Raise TrialError if a role has ended."""
        for part in self.children:
            part.require_alive()

    @abstractmethod
    def _start_all(self) -> None:
        """Start every role."""

    @abstractmethod
    def _start(self, role: Role) -> None:
        """Start a role."""

    @abstractmethod
    def _broker_answers(self) -> bool:
        """Say whether the broker does."""
