"""An experiment's own Redis."""

from after202 import brokers
from after202.brokers.interface import Server
from after202.claims.process import Process
from after202.hosts.local import Child
from after202.kernel.model import HARNESS

REDIS = "redis"


class Broker(Process):
    """A Redis server under the hands of an experiment."""

    def __init__(self, server: Server) -> None:
        """Take over a server that was started."""
        self._server = server
        self._broker = brokers.load(REDIS)
        self._is_new = True
        super().__init__(self._started)

    @property
    def url(self) -> str:
        """Its URL, with the password."""
        return self._server.url

    def clients(self, *names: str) -> int:
        """Return how many connections there are but ours; only those of these names, if given."""
        found = [one for one in self._broker.clients(self.url) if one.name != HARNESS]
        return sum(not names or one.name in names for one in found)

    def disconnect(self) -> int:
        """Close every client's connection; return how many."""
        return self._broker.disconnect(self.url)

    def _started(self) -> Child:
        """Return the child that runs already, or, after that, one that was started again."""
        is_new, self._is_new = self._is_new, False
        part = self._server.child if is_new else self._server.start()
        assert isinstance(part, Child)  # noqa: S101 - what `serve` starts is on this machine
        return part
