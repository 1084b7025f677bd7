"""Sleep until a time of CLOCK_MONOTONIC, with a timerfd on Linux for its resolution.

`gevent.sleep` has a resolution of 1 ms. A timerfd armed with an absolute time wakes the hub by a
file event instead, within about 0.1 ms.
"""

import ctypes
import os
import sys
import time
from collections.abc import Callable
from typing import Protocol

import gevent

TFD_NONBLOCK = os.O_NONBLOCK
TFD_CLOEXEC = os.O_CLOEXEC
TFD_TIMER_ABSTIME = 1
READ = 1
NANOSECONDS = 1_000_000_000
EXPIRATIONS_BYTES = 8
# An idle core sleeps deeply and wakes late. Waking it once shortly before keeps its sleep light
# until the time itself, which cuts the slip at 5/s and at 50/s by a quarter.
ROUSE_NS = 300_000
# Waking takes about this long: the timer is set this much earlier, and the rest is spun.
SPIN_NS = 80_000
# A core that is needed again within this time does not fall asleep, so nothing need be spun.
AWAKE_NS = 1_000_000


class _TimeSpec(ctypes.Structure):
    _fields_ = (("tv_sec", ctypes.c_long), ("tv_nsec", ctypes.c_long))


class _TimerSpec(ctypes.Structure):
    _fields_ = (("it_interval", _TimeSpec), ("it_value", _TimeSpec))


class Clock(Protocol):
    """Waits for points in time."""

    def sleep_until(self, at_ns: int) -> None:
        """Return at `at_ns` of CLOCK_MONOTONIC; immediately if that is past."""

    def wake_at(self, at_ns: int) -> None:
        """Return once the event loop notices that it is `at_ns`; immediately if that is past."""

    def close(self) -> None:
        """Release the resources of the clock."""


class GeventClock:
    """The portable clock, based on the event loop's own timer."""

    def sleep_until(self, at_ns: int) -> None:
        """Return at `at_ns`, or up to a millisecond later."""
        remaining_ns = at_ns - time.monotonic_ns()
        if remaining_ns > 0:
            gevent.sleep(remaining_ns / NANOSECONDS)

    wake_at = sleep_until

    def close(self) -> None:
        """Do nothing: this clock has no resources."""


class TimerfdClock:
    """The precise clock, based on a timer of the Linux kernel."""

    def __init__(self) -> None:
        """Open the timer; OSError if the kernel cannot provide one."""
        self._descriptor, self._arm = _open_timer()
        self._watcher = gevent.get_hub().loop.io(self._descriptor, READ)

    def sleep_until(self, at_ns: int) -> None:
        """Return at `at_ns`, or about 0.1 ms later; the core is woken shortly before."""
        if at_ns - time.monotonic_ns() < AWAKE_NS:
            self.wake_at(at_ns)
            return
        for wake_ns in (at_ns - ROUSE_NS, at_ns - SPIN_NS):
            self.wake_at(wake_ns)
        while time.monotonic_ns() < at_ns:
            pass

    def wake_at(self, at_ns: int) -> None:
        """Return once the event loop notices that it is `at_ns`; immediately if that is past."""
        if at_ns > time.monotonic_ns():
            self._arm(at_ns)
            gevent.get_hub().wait(self._watcher)
            os.read(self._descriptor, EXPIRATIONS_BYTES)

    def close(self) -> None:
        """Close the timer."""
        self._watcher.close()
        os.close(self._descriptor)


def _open_timer() -> tuple[int, Callable[[int], None]]:
    """Return a timer's descriptor and the function that arms it with an absolute time."""
    if sys.version_info >= (3, 13):
        descriptor = os.timerfd_create(time.CLOCK_MONOTONIC, flags=TFD_NONBLOCK | TFD_CLOEXEC)
        return descriptor, lambda at_ns: _arm_by_os(descriptor, at_ns)
    libc = ctypes.CDLL(None, use_errno=True)
    descriptor = libc.timerfd_create(time.CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "timerfd_create failed")
    return descriptor, lambda at_ns: _arm_by_libc(libc, descriptor, at_ns)


def _arm_by_os(descriptor: int, at_ns: int) -> None:
    if sys.version_info >= (3, 13):
        os.timerfd_settime_ns(descriptor, flags=TFD_TIMER_ABSTIME, initial=at_ns)


def _arm_by_libc(libc: ctypes.CDLL, descriptor: int, at_ns: int) -> None:
    spec = _TimerSpec(_TimeSpec(0, 0), _TimeSpec(*divmod(at_ns, NANOSECONDS)))
    if libc.timerfd_settime(descriptor, TFD_TIMER_ABSTIME, ctypes.byref(spec), None):
        raise OSError(ctypes.get_errno(), "timerfd_settime failed")


def clock() -> Clock:
    """Return the most precise clock that this machine has."""
    return TimerfdClock() if sys.platform == "linux" else GeventClock()
