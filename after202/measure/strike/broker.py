"""What can be done to a running broker through its own protocol."""

import time
from dataclasses import dataclass

from after202.brokers.interface import Broker
from after202.kernel.errors import TrialError
from after202.stacks.interface import Stack

# Clients that lost their connections wait before they connect again, some for seconds.
CONNECTED_S, POLL_S = 10.0, 0.05


@dataclass(frozen=True)
class Done:
    """What was done, in words, and whether it was seen to happen."""

    detail: str
    proven: bool


class BrokerStrikes:
    """Strikes the broker of one trial."""

    def __init__(self, stack: Stack) -> None:
        """Keep the stack; nothing happens yet."""
        self._stack = stack
        self._url = stack.wiring.broker_url

    def disconnect(self) -> Done:
        """Close every connection of its clients; wait until there is one."""
        deadline_s = time.monotonic() + CONNECTED_S
        while not (closed := self._broker.disconnect(self._url)):
            if time.monotonic() > deadline_s:
                break
            time.sleep(POLL_S)
        return Done(f"{closed} connections closed", proven=closed > 0)

    def fill(self) -> Done:
        """Fill its memory until it refuses writes."""
        is_full = self._broker.fill(self._url)
        return Done("full: writes are refused" if is_full else "not full", proven=is_full)

    def burst(self, size: int) -> Done:
        """Have it need so many bytes of memory, which are more than it may have."""
        has_ended = self._broker.burst(self._url, size)
        return Done("ended for want of memory" if has_ended else "it goes on", proven=has_ended)

    def free(self) -> Done:
        """Free its memory, which must have been full until now."""
        freed = self._broker.free(self._url)
        detail = "writes are accepted again" if freed else "it was not full, or still is"
        return Done(detail, proven=freed)

    @property
    def _broker(self) -> Broker:
        if self._stack.broker is None:
            raise TrialError("the fault strikes a broker, and the strategy has none")
        return self._stack.broker
