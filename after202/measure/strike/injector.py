"""Does to a stack what a fault asks for, as `loadtests.faults.System`.

Every action is noted with its time. If one of them was not seen to happen, the fault is unproven.
"""

import time
from contextlib import suppress
from pathlib import Path
from random import Random

import psutil

from after202.hosts.processes import is_alive
from after202.kernel.model import Offer
from after202.measure.strike.broker import BrokerStrikes, Done
from after202.measure.strike.resets import ResetRequests
from after202.measure.strike.seen import POLL_S, dies, ends, listed
from after202.measure.strike.supervisor import Supervisor
from after202.measure.watch.progress import Progress
from after202.records.experiment import Role
from after202.records.trial import Episode
from after202.stacks.interface import Stack
from loadtests import faults

LOGGED_S = 30.0
# The phase, the point of a job's life at which the fault strikes, is drawn from the seed.
PHASE_S = 1.0
# A client resets the connection at most this long after its request.
RESET_S = 0.05
# How much more memory a broker may have than it has, before it ends for want of it.
SPARE_BYTES = 64 * 2**20
STRUCK, OVER = "struck", "over"


class Injector:
    """Carries out one episode's fault; the supervisor keeps looking meanwhile."""

    def __init__(
        self,
        stack: Stack,
        trial: Episode,
        offer: Offer,
        progress: Progress,
        supervisor: Supervisor,
    ) -> None:
        """Keep what to strike; nothing happens yet."""
        self.random = Random(trial.seed)  # noqa: S311 - the phase must be repeatable
        self.in_flight = 0
        self._stack = stack
        self._trial = trial
        self._progress = progress
        self._supervisor = supervisor
        self._mark = supervisor.mark
        self._proofs: list[bool] = []
        self.variant = stack.api.variant()
        self._requests = ResetRequests(stack.api, offer)
        self._broker = BrokerStrikes(stack)
        self._logged: dict[Role, int] = {}

    @property
    def proven(self) -> bool:
        """Whether everything that the fault did was seen to happen."""
        return all(self._proofs)

    def strike(self) -> None:
        """Wait for the load's first start of a step, then for the seeded phase, then strike."""
        self.wait_for_work(self._trial.load_s)
        self.pass_time(self._trial.fault_after_s + self.random.uniform(0, PHASE_S))
        fault = faults.load(self._trial.fault)
        if fault.hits in {None, Role.JOB}:
            return
        self.in_flight = len(self._progress.running())
        fault.strike(self, **self._trial.parameters)
        self._mark(fault.hits or Role.JOB, OVER)

    def write(self, folder: Path) -> None:
        """Write the rows of the requests that the fault itself sent, if it sent any."""
        self._requests.write(folder)

    # The methods below are what a fault may ask for.

    def kill(self, role: Role) -> None:
        """Kill every process of a part immediately."""
        self._supervisor.bring_down(role)
        child = self._stack.roles[role]
        self._logged[role] = len(child.log_text())
        whole = [process.pid for process in child.tree()]
        self._mark(role, STRUCK, f"KILL to {listed(whole)}")
        child.kill()
        self._proofs.append(bool(whole) and not any(map(is_alive, whole)))

    def kill_busy(self, role: Role) -> None:
        """Kill one process of a part, drawn from those in the middle of a step."""
        family = set(self._stack.roles[role].tree())
        busy = [
            process
            for writer in self._progress.running()
            if (process := self._stack.process(writer)) in family
        ]
        if not busy:
            self._mark(role, STRUCK, "none was busy")
            self._proofs.append(False)
            return
        victim = self.random.choice(busy)
        self._mark(role, STRUCK, f"KILL to {victim.pid}")
        with suppress(psutil.NoSuchProcess):
            victim.kill()
        self._proofs.append(dies(victim))

    def stop(self, role: Role, grace_s: float) -> None:
        """Ask a part's main process to end; kill what is left of the part after the grace."""
        self._supervisor.bring_down(role)
        child = self._stack.roles[role]
        was_up = child.exit_code is None
        self._mark(role, STRUCK, f"{child.stop_signal} to {', '.join(child.mains)}")
        start_s = time.monotonic()
        by_itself = child.stop(grace_s)
        took_s = time.monotonic() - start_s
        how = f"ended after {took_s:.2f} s" if by_itself else f"killed after {grace_s:g} s"
        self._mark(role, "down", how)
        self._proofs.append(was_up)

    def grace_s(self, default_s: float) -> float:
        """Return the variant's time between TERM and KILL in seconds, or this default."""
        return self.variant.stop_grace_s or default_s

    def start(self, role: Role) -> None:
        """Start a part again, on the same data."""
        self._supervisor.start(role)

    def freeze(self, role: Role) -> None:
        """Freeze every process of a part (STOP)."""
        frozen = self._stack.roles[role].freeze()
        self._mark(role, STRUCK, f"STOP to {listed(frozen)}")
        self._proofs.append(bool(frozen))

    def thaw(self, role: Role) -> None:
        """Let a frozen part continue."""
        thawed = self._stack.roles[role].thaw()
        self._mark(role, "thawed", f"CONT to {listed(thawed)}")

    def disconnect(self, role: Role) -> None:
        """Close every connection of the broker's clients; the harness's own are left alone."""
        self._note(role, STRUCK, self._broker.disconnect())

    def fill(self, role: Role) -> None:
        """Fill the broker's memory until it refuses writes."""
        self._note(role, STRUCK, self._broker.fill())

    def starve(self, role: Role) -> None:
        """Have the broker need more memory than it may have: it ends, which is no end of ours."""
        child = self._stack.roles[role]
        child.confine(SPARE_BYTES)
        self._note(role, STRUCK, self._broker.burst(2 * SPARE_BYTES))
        self._proofs.append(ends(child))

    def free(self, role: Role) -> None:
        """Free the broker's memory, which must have been full until now."""
        self._note(role, "freed", self._broker.free())

    def await_log(self, role: Role, text: str) -> None:
        """Wait until a part has logged a text since it was killed."""
        deadline_s = time.monotonic() + LOGGED_S
        part, since = self._stack.roles[role], self._logged.get(role, 0)
        while not (found := text in part.log_text()[since:]) and time.monotonic() < deadline_s:
            self.pass_time(POLL_S)
        self._note(role, "logged" if found else "did not log", Done(text, proven=found))

    def reset_requests(self, count: int) -> None:
        """Send this many requests for jobs, and reset each connection before the answer."""
        self._mark(Role.CLIENT, STRUCK, f"{count} requests")
        for _ in range(count):
            self._proofs.append(self._requests.send(self.random.uniform(0, RESET_S)))

    def wait_for_work(self, at_most_s: float) -> None:
        """Wait until a step starts, but no longer than `at_most_s`."""
        before, deadline_s = self._progress.started_steps(), time.monotonic() + at_most_s
        while self._progress.started_steps() == before and time.monotonic() < deadline_s:
            self._supervisor.look()
            time.sleep(POLL_S)

    def pass_time(self, seconds: float) -> None:
        """Wait for this long, and supervise meanwhile."""
        deadline_s = time.monotonic() + seconds
        while time.monotonic() < deadline_s:
            self._supervisor.look()
            time.sleep(POLL_S)

    def _note(self, role: Role, what: str, done: Done) -> None:
        self._mark(role, what, done.detail)
        self._proofs.append(done.proven)
