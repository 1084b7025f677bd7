"""The course of an episode: a fault strikes under load, and every job is followed to its end.

Outcomes hardly depend on speed, so an episode stays valid however late its generator was.
"""

from collections.abc import Iterator
from functools import partial

from after202.kernel.model import Look, Offer
from after202.measure.courses.comparison import judge_complete
from after202.measure.courses.course import (
    Course,
    Drained,
    Loaded,
    Ready,
    Seen,
    Struck,
    Written,
    no_gates,
)
from after202.measure.strike.injector import Injector
from after202.measure.strike.supervisor import Supervisor
from after202.measure.watch.progress import settle
from after202.records import requests
from after202.records.experiment import Role
from after202.records.trial import Episode
from after202.records.trial_record import Strike
from after202.stacks.interface import Stack

# A drain may last this many times the documented redelivery time.
MARGIN = 1.5
LONGEST_JOB_S = 1.0
# A restarted part has this long to begin work; several stacks may share a core.
BOOT_S = 30.0
HARMLESS = "empty"


def course(episode: Episode) -> Course:
    """Return the course of an episode."""
    return Course(partial(run, episode), judge_complete, no_gates, partial(harmless, episode))


def run(episode: Episode, ready: Ready) -> Iterator[Seen]:
    """Strike under load, then wait until no unfinished work is held, or until the horizon."""
    supervisor = Supervisor(ready.stack, ready.progress)
    injector = Injector(ready.stack, episode, ready.offer, ready.progress, supervisor)
    ready.go()
    with ready.watch.timed("strike"):
        injector.strike()
    yield Loaded(ready.generator.finish(ready.loader, supervisor.look))
    injector.write(ready.folder.path)
    horizon = horizon_s(episode, injector.variant.redelivery_s)
    with ready.watch.timed("drain"):
        yield _settled(ready, supervisor, horizon)
    if ready.offer.writes:
        yield Written(ready.stack.written(ready.offer.writes))
    yield Struck(
        Strike(
            marks=tuple(supervisor.marks),
            proven=injector.proven,
            in_flight=injector.in_flight,
            horizon_s=horizon,
            redelivery_s=injector.variant.redelivery_s,
        )
    )


def _settled(ready: Ready, supervisor: Supervisor, horizon: float) -> Drained:
    jobs, steps = requests.accepted(ready.folder.path), len(ready.offer.steps)
    last = Look()

    def holds() -> bool:
        nonlocal last
        found = ready.look()
        last = found or last
        return found is None or found.holds

    drained = settle(
        ready.progress,
        lambda: ready.progress.undone(jobs, steps),
        holds,
        lambda: horizon + (BOOT_S if supervisor.is_booting else 0),
        supervisor.look,
    )
    holds()
    return Drained(drained, last)


def horizon_s(episode: Episode, redelivery_s: float | None) -> float:
    """Return the horizon in seconds: 1.5 x the documented redelivery time + 1 s, or `drain_s`.

    It is `drain_s` if that is longer, or if the former exceeds the profile's `horizon_s`.
    """
    needed_s = MARGIN * (redelivery_s or 0) + LONGEST_JOB_S
    return max(episode.drain_s, needed_s if needed_s <= episode.horizon_s else 0)


def harmless(episode: Episode, stack: Stack, offer: Offer) -> Offer:
    """Return the canary job's workload, which is never one that raises on purpose."""
    return stack.api.offer(HARMLESS) if episode.hits is Role.JOB else offer
