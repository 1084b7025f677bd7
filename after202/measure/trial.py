"""Carries out one trial: a new stack, a canary job, a course, and a folder of raw events."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from after202.hosts.cpus import CpuSets
from after202.kernel import ledger
from after202.kernel.errors import TrialError
from after202.kernel.model import Look, Offer
from after202.kernel.text import masked
from after202.measure.courses import comparison, episode, pressure
from after202.measure.courses.course import Course, Ready, Seen
from after202.measure.load.rotation import Rotation
from after202.measure.rig import Observer, Rig
from after202.measure.watch import canary, failures
from after202.measure.watch.clock_speed import Usual
from after202.measure.watch.progress import Progress
from after202.measure.watch.stopwatch import Stopwatch
from after202.measure.watch.strangers import Lookout
from after202.records import request_log
from after202.records.files import writing
from after202.records.folder import RunFolder, TrialFolder
from after202.records.trial import Comparison, Episode, Pressure, Probe, Trial
from after202.records.trial_record import TrialRecord
from after202.stacks.interface import Stack


@dataclass(frozen=True)
class Trials:
    """Carries out and stores the trials of one run."""

    folder: RunFolder
    rig: Rig
    observer: Observer
    speed: Usual = field(default_factory=Usual)

    def carry_out(self, trial: Trial, rotation: Rotation, cpus: CpuSets) -> TrialRecord:
        """Carry out one trial; a problem with it is a reason in its record, not an error.

        UsageError if the disk is full, or if the run cannot go on.
        """
        self.folder.require_space()
        folder = self.folder.trial(trial.id)
        folder.empty()
        self.observer.begins(trial)
        with writing(folder.path):
            attempt = _Attempt(self.rig, trial, folder, rotation, cpus)
            return attempt.carry_out(self.speed)

    def store(self, record: TrialRecord) -> None:
        """Store a trial's record; UsageError if the disk is full, as rows may then be missing."""
        self.folder.require_space()
        self.folder.trial(record.trial.id).store(record)
        self.observer.ended(record)


def course_of(trial: Trial) -> Course:
    """Return the course for the trial's kind."""
    match trial:
        case Comparison():
            return comparison.COURSE
        case Probe():
            return comparison.PROBE_COURSE
        case Episode():
            return episode.course(trial)
        case Pressure():
            return pressure.course(trial)


class _Attempt:
    """One trial in progress; its record grows with what is seen, and an error ends it early."""

    def __init__(
        self,
        rig: Rig,
        trial: Trial,
        folder: TrialFolder,
        rotation: Rotation,
        cpus: CpuSets,
    ) -> None:
        self._rig = rig
        self._trial = trial
        self._folder = folder
        self._rotation = rotation
        self._cpus = cpus
        self._course = course_of(trial)
        self._canary = uuid4()
        self._watch = Stopwatch()
        self._record = TrialRecord(
            trial=trial,
            valid=False,
            started_at=datetime.now(UTC).isoformat(timespec="seconds"),
            canary_job_ids=(self._canary,),
        )

    def carry_out(self, speed: Usual) -> TrialRecord:
        """Carry out the trial, and return the record of all that is known about it."""
        start_s = time.monotonic()
        try:
            with self._watch.timed("total"):
                foreign = self._measure()
            self._note(self._course.gates(self._record, self._folder))
            odd = speed.differs(self._record.clock_loop_ms)
            reasons = [*self._course.judge(self._record), *odd, *foreign]
        except TrialError as error:
            reasons = [masked(str(error))]
        finally:
            self._rotation.leave(self._trial)
        if request_log.convert(self._folder.path):
            # What the generator reported last is not of all the rows that it left.
            self._note({"load": None})
        ledger.join(self._folder.ledger)
        own_s = time.monotonic() - start_s - self._watch.seconds.pop("waiting", 0.0)
        timing_s = {**self._watch.seconds, "outside": own_s - self._trial.window_s}
        self._note({"valid": not reasons, "reasons": tuple(reasons), "timing_s": timing_s})
        return self._record

    def _note(self, fields: dict[str, Any]) -> None:
        self._record = self._record.model_copy(update=fields)

    def _measure(self) -> list[str]:
        """Run the course on a stack that is up; return reasons if its broker had other users."""
        stack = self._rig.services.stack(self._trial, self._folder, self._cpus)
        generator = self._rig.generator(self._trial, self._folder, self._cpus.generator)
        with ExitStack() as running:
            with self._turn():
                loader = generator.start(stack.url, stack.api.key)
                running.callback(loader.kill)
                with self._watch.timed("start"):
                    running.enter_context(stack)
                self._note({"slots": stack.slots})
                with self._watch.timed("canary"):
                    offer = self._send_canary(stack)
            facts = self._rig.inspectors.facts(self._trial)
            lookout = running.enter_context(Lookout(stack, facts))
            progress = Progress(self._folder.ledger, {self._canary}, stack.lives)
            look = self._look(stack, progress)
            ready = Ready(
                self._trial, self._folder, stack, offer, generator, loader, progress, look,
                self._turn, self._watch, stack.own_cpus,
            )  # fmt: skip
            for seen in self._course.run(ready):
                self._see(seen)
            with self._turn():
                found = lookout.reasons()
                running.close()
        return found

    def _see(self, seen: Seen) -> None:
        self._note(seen.fields())

    def _send_canary(self, stack: Stack) -> Offer:
        """Send one job all the way through, and return the API's description of the workload."""
        offer = stack.api.offer(self._trial.arm.workload)
        self._note({"offer": offer, "settings": stack.api.variant().settings})
        progress = Progress(self._folder.ledger, (), stack.lives)
        wanted = self._course.canary(stack, offer)
        canary.send(stack, wanted, self._canary, self._folder.ledger, progress)
        return offer

    def _look(self, stack: Stack, progress: Progress) -> Callable[[], Look | None]:
        """Return a function that returns the jobs that the queue or a working process still has.

        That function returns None if the broker does not answer.
        """
        facts = self._rig.inspectors.facts(self._trial)
        self._note({"inspected": facts.inspected})

        def look() -> Look | None:
            found = self._rig.inspectors.look(facts, stack.wiring)
            if found is None:
                return None
            running = dict.fromkeys(map(str, progress.running_jobs()), "running")
            held = {**found.held, **running}
            logged = failures.logged(stack, facts, progress)
            return Look(
                held=held,
                failed={
                    **{job: log for job, log in logged.items() if job not in held},
                    **found.failed,
                },
                unread=found.unread,
            )

        return look

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the trial's next turn, and keep it for the block."""
        with ExitStack() as keeping:
            with self._watch.timed("waiting"):
                keeping.enter_context(self._rotation.turn(self._trial))
            yield
