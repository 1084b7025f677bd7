"""The broker needs more memory than it may have, and is killed for it; a supervisor restarts it.

In containers the kernel kills it, at the limit of its control group. As a child process, it finds
its address space at an end and aborts.
"""

from after202.records.experiment import Role
from loadtests.faults import DOWN_S, Fault, Seconds, System


def strike(system: System, down_s: Seconds = 2 * DOWN_S) -> None:
    """Confine it, write more than fits, and wait until the supervisor has started it again."""
    system.starve(Role.BROKER)
    system.pass_time(down_s)


FAULT = Fault(
    hits=Role.BROKER,
    strike=strike,
    compose="update --memory, SETRANGE; the kernel's kill, start",
    needs="burst",
)
