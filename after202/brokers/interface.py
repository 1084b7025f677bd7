"""What the harness needs of a broker: to start it, query it and clean it up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from after202.hosts.part import Part


@dataclass(frozen=True)
class Client:
    """One connection to a broker, as the broker lists it."""

    address: str
    name: str

    @property
    def port(self) -> int:
        """The port at the client's end of the connection."""
        return int(self.address.rsplit(":", 1)[1])


@dataclass(frozen=True)
class ServerPlace:
    """Where a trial's server keeps its data and its log, and which processors it may use.

    `folder` does not exist yet. `run` is the folder of the run that the trial belongs to, where
    servers of all trials may find what they share.
    """

    folder: Path
    log: Path
    cpus: tuple[int, ...]
    run: Path | None = None


class Server(Protocol):
    """A running server that can be started again on the data it kept."""

    url: str

    @property
    def child(self) -> Part:
        """The server's process, from its most recent start."""

    def start(self) -> Part:
        """Start the server on the same port and data, and wait until it answers."""


class Broker(Protocol):
    """What keeps a queue's messages.

    `durabilities` lists what it can write to disk, in the broker's own terms; the first one is the
    least that it can, and comparisons use it. `usual` is the broker's own default, which episodes
    use unless their profile names others. `service` is the broker's name in docker-compose.yml,
    empty if it is not there. `lacks` are those of the methods below that it has no like of, each
    with the reason: faults that need them are left out, and a line says so.
    """

    durabilities: Sequence[str]
    usual: str
    service: str
    lacks: Mapping[str, str]

    def missing(self) -> str:
        """Return why its server cannot be started on this machine; empty if it can."""

    def serve(self, place: ServerPlace, durability: str) -> Server:
        """Start a server for one trial, and wait until it answers."""

    def url(self, host: str, port: int, password: str = "") -> str:
        """Return the URL of a server at an address, which requires the password if there is one."""

    def compose_settings(self, durability: str) -> dict[str, str]:
        """Return the variables that set the compose service's durability."""

    def answers(self, url: str) -> bool:
        """Return whether a server answers."""

    def clients(self, url: str) -> list[Client]:
        """Return the server's clients; none if it does not answer."""

    def disconnect(self, url: str) -> int:
        """Close every client's connection but the harness's; return how many are closed.

        0 if one of them is still there, or if the server does not answer.
        """

    def fill(self, url: str) -> bool:
        """Limit the server's memory to little more than it uses, and write until it refuses writes.

        Return whether it did. Only for a server of the trial's own.
        """

    def free(self, url: str) -> bool:
        """Delete what `fill` wrote; return whether writes were refused before and no longer are."""

    def burst(self, url: str, size: int) -> bool:
        """Write so many bytes, which are more than the server's memory may hold.

        Return whether it ended at that. Only for a server of the trial's own.
        """

    def require_unused(self, url: str) -> None:
        """Raise UsageError if a user's server does not answer, or has our queue names in use."""

    def clear(self, url: str, queue: str) -> None:
        """Delete what is named after a trial's queue, and nothing else, from a user's server.

        TrialError if the server does not answer.
        """
