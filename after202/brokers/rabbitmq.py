"""RabbitMQ: a server of the trial's own, where `rabbitmq-server` is installed."""

import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from after202.brokers.interface import Broker, Client, Server, ServerPlace
from after202.kernel.errors import TrialError, UsageError
from after202.kernel.model import HARNESS
from after202.servers import rabbitmq, rabbitmq_asked

GONE_S, POLL_S = 5.0, 0.05
DECLARED = "as declared"
NO_REFUSAL = (
    "RabbitMQ refuses no write for want of memory: it stops reading from the connections that"
    " publish, until there is room again"
)
NO_LIMIT = (
    "RabbitMQ keeps its messages on disk and stops reading from the connections that publish"
    " before its memory is used up"
)
NOT_OURS = "a RabbitMQ server of the user's own is not supported"


class RabbitMQ:
    """The broker of queues that speak AMQP 0-9-1.

    What it writes to disk is not set on the server: a queue is transient, durable or a quorum queue
    as its client declares it, and a message is persistent or not as its publisher says. So there
    is one durability here, and the variants of a strategy differ in what they declare.
    """

    durabilities: Sequence[str] = (DECLARED,)
    usual = DECLARED
    service = ""
    lacks: Mapping[str, str] = MappingProxyType({"fill": NO_REFUSAL, "burst": NO_LIMIT})

    def missing(self) -> str:
        """Return that `rabbitmq-server` is not installed, if it is not."""
        return rabbitmq.missing()

    def serve(self, place: ServerPlace, _: str) -> Server:
        """Start a RabbitMQ for one trial."""
        return rabbitmq.RabbitMQ(place.folder, place.log, place.cpus)

    def url(self, host: str, port: int, password: str = "") -> str:
        """Return the URL of the virtual host `/` at an address."""
        user = f"{rabbitmq.USER}:{password}@" if password else ""
        return f"amqp://{user}{host}:{port}//"

    def compose_settings(self, _: str) -> dict[str, str]:
        """Return none: docker-compose.yml has no such broker."""
        return {}

    def answers(self, url: str) -> bool:
        """Return whether the server opens a channel."""
        return rabbitmq_asked.answers(url)

    def clients(self, url: str) -> list[Client]:
        """Return the open connections, each with the name it gave; none if there is no answer."""
        return [Client(address, name) for address, name in rabbitmq_asked.ask(url, "clients") or []]

    def disconnect(self, url: str) -> int:
        """Have the server close every connection but the harness's (CONNECTION_FORCED)."""
        closed = rabbitmq_asked.ask(url, f"close.{HARNESS}") or []
        struck = {Client(address, name) for address, name in closed}
        deadline_s = time.monotonic() + GONE_S
        while struck & set(self.clients(url)):
            if time.monotonic() > deadline_s:
                return 0
            time.sleep(POLL_S)
        return len(struck)

    def fill(self, _: str) -> bool:
        """Return False: see `lacks`."""
        return False

    def free(self, _: str) -> bool:
        """Return False: see `lacks`."""
        return False

    def burst(self, _: str, __: int) -> bool:
        """Return False: see `lacks`."""
        return False

    def require_unused(self, _: str) -> None:
        """Raise UsageError: nothing is measured on a RabbitMQ of the user's own."""
        raise UsageError(NOT_OURS)

    def clear(self, _: str, __: str) -> None:
        """Raise TrialError: nothing is measured on a RabbitMQ of the user's own."""
        raise TrialError(NOT_OURS)


BROKER: Broker = RabbitMQ()
