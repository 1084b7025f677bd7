"""The course of a comparison, and of a probe: the load runs, in turns, and its work drains."""

from collections.abc import Iterator

from after202.kernel.errors import TrialError
from after202.kernel.model import Look
from after202.measure.courses.course import Course, Drained, Legs, Loaded, Ready, Seen, Used
from after202.measure.load import gates
from after202.measure.load.generator import scheduled
from after202.measure.watch.progress import QUIET_S, drain
from after202.measure.watch.resources import Sampler
from after202.records.trial_record import Load, TrialRecord

NOTHING_MEASURED = "nothing was measured"


def run(ready: Ready) -> Iterator[Seen]:
    """Run the load turn by turn, and wait for its work while resources are sampled.

    TrialError if the work of a turn does not end in time, because it would run into the turns of
    other trials.
    """
    trial, stack, drained = ready.trial, ready.stack, True
    sampler = Sampler(stack.roles, ready.own_cpus, stack.services)
    work = _Work(ready)
    for turn in range(1, trial.goes + 1):
        if not drained:
            ready.generator.end(ready.loader)
            raise TrialError(work.not_done())
        with ready.turn(), sampler:
            ready.go()
            load = ready.generator.finish(ready.loader, turn=turn)
            stack.require_alive()
            yield Loaded(load)
            with ready.watch.timed("drain"):
                drained = work.drain(load)
            yield Drained(drained, Look() if drained else ready.look() or Look())
    ready.watch.seconds["sampling_cpu"] = sampler.cpu_s
    yield Used.of(sampler)
    yield Legs.of(work.offers, sampler)
    sampler.write(ready.folder.resources)


class _Work:
    """The work that was accepted so far, turn by turn or leg by leg."""

    def __init__(self, ready: Ready) -> None:
        self._ready = ready
        wanted = [stage.workload for stage in ready.trial.stages]
        self.offers = [ready.offer, *map(ready.stack.api.offer, wanted[1:])]
        self._accepted = 0
        self._steps = 0
        self._goes = 0

    def not_done(self) -> str:
        """Say that what was offered last is not done, and what to do about it."""
        trial = self._ready.trial
        within = f"did not end within {trial.drain_s:g} s, and would"
        if len(self.offers) == 1:
            return (
                f"the work of a turn {within} take the turns of others: offer less, or leave turns"
                " out of the profile"
            )
        workload = trial.stages[self._goes - 1].workload
        return (
            f"the work of {workload} {within} run into the next leg: offer less, or give it a"
            " comparison of its own"
        )

    def drain(self, load: Load) -> bool:
        """Wait until all accepted work is done; return whether it is."""
        ready, self._goes = self._ready, len(load.turns_us)
        offer = self.offers[min(self._goes, len(self.offers)) - 1]
        self._steps += (load.counts.accepted - self._accepted) * len(offer.steps)
        self._accepted = load.counts.accepted
        quiet_s = QUIET_S if self._goes == ready.trial.goes else 0
        limit_s, alive = ready.trial.drain_s, ready.stack.require_alive
        return drain(ready.progress, self._steps, limit_s, alive, quiet_s)


def judge(record: TrialRecord) -> list[str]:
    """Return why a comparison's times may not be used; nothing if they may."""
    if record.load is None:
        return [NOTHING_MEASURED]
    found = gates.reasons(record.load, scheduled(record.trial), record.gates)
    return [*found, *gates.crowded(record.others_share)]


def judge_complete(record: TrialRecord) -> list[str]:
    """Return what was not sent of the schedule; nothing if all of it was.

    A probe has to meet only one other condition, that it had its processors to itself. A late
    generator can make it miss its level but never keep it, and the judge of the level knows whether
    the generator was late.
    """
    if record.load is None:
        return [NOTHING_MEASURED]
    found = gates.incomplete(record.load, scheduled(record.trial))
    return [*found, *gates.crowded(record.others_share)]


COURSE = Course(run, judge)
PROBE_COURSE = Course(run, judge_complete)
