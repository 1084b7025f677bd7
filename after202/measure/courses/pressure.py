"""The course of a pressure trial: the load in its stages, then a rest until its work is done.

In a prefill the worker is stopped before the load, and started after it. Work that is not done at
the limit is a finding, not an error.
"""

import math
import time
from collections.abc import Iterator
from functools import partial

from after202.kernel.errors import TrialError
from after202.kernel.model import Look
from after202.measure.courses.comparison import judge_complete
from after202.measure.courses.course import (
    Course,
    Drained,
    Loaded,
    Ready,
    Seen,
    Used,
    WorkerStarted,
)
from after202.measure.watch.progress import settle
from after202.measure.watch.resources import Sampler
from after202.records import requests
from after202.records.experiment import Role
from after202.records.trial import Pressure

# A worker that has nothing to do has this long to end.
STOPPED_S = 60.0


def course(pressure: Pressure) -> Course:
    """Return the course of a pressure trial."""
    return Course(partial(run, pressure), judge_complete)


def run(pressure: Pressure, ready: Ready) -> Iterator[Seen]:
    """Run the load, and wait for its work while resources are sampled.

    TrialError if the stages' workloads differ in their number of steps, by which jobs are counted.
    """
    _require_equal_steps(ready)
    sampler = Sampler(ready.stack.roles, ready.own_cpus, ready.stack.services)
    with ready.turn():
        if pressure.shape == "prefill":
            _stop_worker(ready)
        with sampler:
            ready.go()
            if pressure.shape == "prefill":
                yield Loaded(ready.generator.finish(ready.loader, partial(_others_live, ready)))
                yield _started_worker(ready)
            else:
                yield Loaded(ready.generator.finish(ready.loader, ready.stack.require_alive))
            with ready.watch.timed("drain"):
                yield _drained(ready, waits=pressure.shape == "prefill")
    ready.watch.seconds["sampling_cpu"] = sampler.cpu_s
    yield Used.of(sampler)
    sampler.write(ready.folder.resources)


def _require_equal_steps(ready: Ready) -> None:
    for stage in ready.trial.stages:
        steps = len(ready.stack.api.offer(stage.workload).steps)
        if steps != len(ready.offer.steps):
            raise TrialError(
                f"{stage.workload} has {steps} steps and {ready.trial.arm.workload}"
                f" {len(ready.offer.steps)}: choose workloads with as many"
            )


def _stop_worker(ready: Ready) -> None:
    """Let the worker end by itself; TrialError if it does not, although it has nothing to do."""
    if not ready.stack.roles[Role.WORKER].stop(STOPPED_S):
        raise TrialError(f"the idle worker did not end within {STOPPED_S:g} s of TERM")


def _others_live(ready: Ready) -> None:
    """Raise TrialError if a part other than the worker has ended."""
    for role, part in ready.stack.roles.items():
        if role is not Role.WORKER:
            part.require_alive()


def _started_worker(ready: Ready) -> WorkerStarted:
    at_us = time.monotonic_ns() // 1000
    ready.stack.start(Role.WORKER)
    return WorkerStarted(at_us)


def _drained(ready: Ready, *, waits: bool) -> Drained:
    """Wait until nothing more can happen to the accepted jobs, at most for the trial's drain.

    `waits`: whether the work begins only now, once the worker is up.
    """
    jobs, steps = requests.accepted(ready.folder.path), len(ready.offer.steps)

    def holds() -> bool:
        if waits and jobs and not ready.progress.started_steps():
            return True
        return (ready.look() or Look()).holds

    drained = settle(
        ready.progress,
        lambda: ready.progress.undone(jobs, steps),
        holds,
        lambda: math.inf,
        ready.stack.require_alive,
        longest_s=ready.trial.drain_s,
    )
    return Drained(drained, ready.look() or Look())
