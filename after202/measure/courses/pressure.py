"""The course of a pressure trial: the load in its stages, then a rest until its work is done.

Work that is not done at the limit is a finding, not an error.
"""

import math
from collections.abc import Iterator

from after202.kernel.errors import TrialError
from after202.kernel.model import Look
from after202.measure.courses.comparison import judge_complete
from after202.measure.courses.course import Course, Drained, Loaded, Ready, Seen, Used
from after202.measure.watch.progress import settle
from after202.measure.watch.resources import Sampler
from after202.records import requests


def run(ready: Ready) -> Iterator[Seen]:
    """Run the load, and wait for its work while resources are sampled.

    TrialError if the stages' workloads differ in their number of steps, by which jobs are counted.
    """
    _require_equal_steps(ready)
    sampler = Sampler(ready.stack.roles, ready.own_cpus, ready.stack.services)
    with ready.turn(), sampler:
        ready.go()
        yield Loaded(ready.generator.finish(ready.loader, ready.stack.require_alive))
        with ready.watch.timed("drain"):
            yield _drained(ready)
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


def _drained(ready: Ready) -> Drained:
    """Wait until nothing more can happen to the accepted jobs, at most for the trial's drain."""
    jobs, steps = requests.accepted(ready.folder.path), len(ready.offer.steps)
    drained = settle(
        ready.progress,
        lambda: ready.progress.undone(jobs, steps),
        lambda: (ready.look() or Look()).holds,
        lambda: math.inf,
        ready.stack.require_alive,
        longest_s=ready.trial.drain_s,
    )
    return Drained(drained, ready.look() or Look())


COURSE = Course(run, judge_complete)
