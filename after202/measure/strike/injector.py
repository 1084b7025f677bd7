"""Does to a stack what a fault asks for, as `loadtests.faults.System`.

Each thing done is noted with its time; each that could not be seen to happen makes the whole
unproven.
"""

import time
from contextlib import suppress
from pathlib import Path
from random import Random
from uuid import uuid4

import psutil

from after202.hosts.processes import is_alive
from after202.kernel.model import Offer
from after202.measure.strike.supervisor import Supervisor
from after202.measure.watch.progress import Progress
from after202.records.experiment import Outcome, Role, Stream, Trial
from after202.stacks.interface import Stack
from loadtests import faults
from loadtests.recorder import OUTCOMES, STREAMS, Recorder

POLL_S = 0.02
DEATH_S = 5.0
# Where in the life of a job the fault strikes is drawn from the seed.
PHASE_S = 1.0
# How long after a request its client resets the connection, at most.
RESET_S = 0.05
RESETTER = 1  # its rows stand beside the generator's, whose process is 0
STRUCK, OVER = "struck", "over"


class Injector:
    """One episode's fault; meanwhile the supervisor goes on looking."""

    def __init__(
        self,
        stack: Stack,
        trial: Trial,
        offer: Offer,
        progress: Progress,
        supervisor: Supervisor,
    ) -> None:
        """Name what is to be struck; nothing happens yet."""
        self.random = Random(trial.seed)  # noqa: S311 - a phase that can be repeated is the point
        self.in_flight = 0
        self._stack = stack
        self._trial = trial
        self._offer = offer
        self._progress = progress
        self._supervisor = supervisor
        self._mark = supervisor.mark
        self._proofs: list[bool] = []
        self.variant = stack.api.variant()
        self._rows = Recorder()

    @property
    def proven(self) -> bool:
        """Whether everything that the fault did was seen to happen."""
        return all(self._proofs)

    def strike(self) -> None:
        """Wait for the load's first event and the seeded phase, and let the fault do its own."""
        self.wait_for_work(self._trial.load_s)
        self.pass_time(self._trial.fault_after_s + self.random.uniform(0, PHASE_S))
        fault = faults.load(self._trial.fault)
        if fault.hits in {None, Role.JOB}:
            return
        self.in_flight = len(self._progress.running())
        fault.strike(self)
        self._mark(fault.hits or Role.JOB, OVER)

    def write(self, folder: Path) -> None:
        """Write the rows of the requests that the fault itself sent, if it sent any."""
        if self._rows.due_us:
            self._rows.write(folder, RESETTER)

    # What a fault may ask for.

    def kill(self, role: Role) -> None:
        """Kill every process of a part at once."""
        self._supervisor.bring_down(role)
        child = self._stack.roles[role]
        whole = [process.pid for process in child.tree()]
        self._mark(role, STRUCK, f"KILL to {_listed(whole)}")
        child.kill()
        self._proofs.append(bool(whole) and not any(map(is_alive, whole)))

    def kill_busy(self, role: Role) -> None:
        """Kill one process of a part, of those in the midst of a step."""
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
        self._proofs.append(_dies(victim))

    def stop(self, role: Role, grace_s: float) -> None:
        """Ask a part's main process to end; kill all that is left of it after the grace."""
        self._supervisor.bring_down(role)
        child = self._stack.roles[role]
        was_up = child.exit_code is None
        self._mark(role, STRUCK, f"TERM to {', '.join(child.mains)}")
        start_s = time.monotonic()
        by_itself = child.stop(grace_s)
        took_s = time.monotonic() - start_s
        how = f"ended after {took_s:.2f} s" if by_itself else f"killed after {grace_s:g} s"
        self._mark(role, "down", how)
        self._proofs.append(was_up)

    def grace_s(self, default_s: float) -> float:
        """Return how long the strategy's variant has a supervisor wait."""
        return self.variant.stop_grace_s or default_s

    def start(self, role: Role) -> None:
        """Start a part again, on the same data."""
        self._supervisor.start(role)

    def freeze(self, role: Role) -> None:
        """Stop every process of a part where it is."""
        frozen = self._stack.roles[role].freeze()
        self._mark(role, STRUCK, f"STOP to {_listed(frozen)}")
        self._proofs.append(bool(frozen))

    def thaw(self, role: Role) -> None:
        """Let a frozen part go on."""
        thawed = self._stack.roles[role].thaw()
        self._mark(role, "thawed", f"CONT to {_listed(thawed)}")

    def reset_requests(self, count: int) -> None:
        """Send so many requests for jobs, and reset each connection before the answer."""
        self._mark(Role.CLIENT, STRUCK, f"{count} requests")
        for _ in range(count):
            job_id, now_ns = uuid4(), time.monotonic_ns()
            try:
                after_s = self.random.uniform(0, RESET_S)
                self._stack.api.submit_and_reset(self._offer, job_id, after_s)
            except OSError:
                self._proofs.append(False)
                continue
            self._proofs.append(True)
            outcome = OUTCOMES.index(Outcome.UNKNOWN)
            times_ns = (now_ns, now_ns, -1)
            self._rows.record(STREAMS.index(Stream.JOBS), str(job_id), times_ns, 0, outcome)

    def wait_for_work(self, at_most_s: float) -> None:
        """Wait until a step starts, for so long at the most."""
        before, deadline_s = self._progress.started_steps(), time.monotonic() + at_most_s
        while self._progress.started_steps() == before and time.monotonic() < deadline_s:
            self._supervisor.look()
            time.sleep(POLL_S)

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and supervise meanwhile."""
        deadline_s = time.monotonic() + seconds
        while time.monotonic() < deadline_s:
            self._supervisor.look()
            time.sleep(POLL_S)


def _listed(pids: list[int]) -> str:
    return f"{len(pids)} processes: {', '.join(map(str, pids))}"


def _dies(process: psutil.Process) -> bool:
    """Say whether a killed process is seen to end."""
    gone, _ = psutil.wait_procs([process], DEATH_S)
    return bool(gone) or process.status() == psutil.STATUS_ZOMBIE
