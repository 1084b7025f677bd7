"""Who took the processors under test while they were watched: their roles, others, or nobody."""

import time
from collections.abc import Collection
from typing import Any

import psutil


class Processors:
    """Adds up, from each `begin` to its `end`, what processors had and what was taken of it.

    `own` are those that nothing but the roles should use.
    """

    def __init__(self, own: Collection[int]) -> None:
        """Keep the processors; nothing is added up yet."""
        self.own = sorted(own)
        self._had_s = 0.0
        self._taken_s = 0.0
        self._all_s = 0.0
        self._stolen_s = 0.0

    def begin(self) -> None:
        """Count from now on."""
        self._count(sign=-1)

    def end(self) -> None:
        """Count no longer."""
        self._count(sign=1)

    def others_share(self, own_s: float) -> float | None:
        """Return the share of `own` that others took, if the roles took so much; None if unknown.

        Others are programs that are not the roles', and other machines on the same hardware
        ("steal"). Interrupts count for nobody, because most are the trial's own traffic.
        """
        return max(self._taken_s - own_s, 0.0) / self._had_s if self._had_s else None

    def steal_share(self) -> float | None:
        """Return the share of all processors that other machines took; None if not known."""
        return max(self._stolen_s, 0.0) / self._all_s if self._all_s else None

    def _count(self, sign: int) -> None:
        self._had_s += sign * time.monotonic() * len(self.own)
        every = psutil.cpu_times(percpu=True)
        self._taken_s += sign * sum(_taken_s(every[cpu]) for cpu in self.own)
        self._all_s += sign * time.monotonic() * len(every)
        self._stolen_s += sign * sum(map(_stolen_s, every))


def _taken_s(times: Any) -> float:
    """Return for how long a processor has been taken, in s."""
    own_s: float = times.user + times.system + getattr(times, "nice", 0.0)
    return own_s + _stolen_s(times)


def _stolen_s(times: Any) -> float:
    """Return for how long other machines on the same hardware have had a processor, in s."""
    return float(getattr(times, "steal", 0.0))
