"""Carries out a run: the rest of its plan, batch by batch, each stored before the next begins."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from after202.hosts import cpus
from after202.hosts.alone import alone_in
from after202.hosts.guard import guarded_scratch
from after202.hosts.processes import pinned
from after202.measure import overhead
from after202.measure.batches import together
from after202.measure.rig import Observer, Rig
from after202.measure.trial import Trials
from after202.measure.watch.inspector import Inspectors
from after202.plan.agenda import Agenda, Judge, Rate
from after202.records.folder import RunFolder
from after202.records.run import ENDED, INTERRUPTED
from after202.stacks import choice

Rigged = Callable[[RunFolder], AbstractContextManager[Rig]]


@contextmanager
def on_this_machine(folder: RunFolder, broker_url: str | None = None) -> Iterator[Rig]:
    """Start what the run's trials share; everything started in the block is ended with it.

    `broker_url` is the user's own broker, if the run uses one.
    """
    sets = cpus.share_out(cpus.available_cpus())
    with (
        guarded_scratch() as scratch,
        # Keep the harness itself off the processors of the system under test.
        pinned(sets.generator),
        choice.services(folder.read(), scratch, folder.logs, sets, broker_url) as services,
        Inspectors(folder) as inspectors,
    ):
        overhead.measure(folder, services)
        yield Rig(services, inspectors)


def carry_out(
    folder: RunFolder,
    observer: Observer,
    judge: Judge | None = None,
    rigged: Rigged = on_this_machine,
    done_per_s: Rate | None = None,
) -> None:
    """Measure what is left of a run, and the trials that follow from it.

    `judge` returns whether a stored probe kept the profile's level of service, `done_per_s`
    how fast jobs were done in a stored burst; `rigged` starts what the trials share. However the
    run ends, stored trials stay, `run.json` records how it ended, and everything that was started
    is ended.
    """
    with alone_in(folder.path):
        agenda = Agenda(folder, judge, done_per_s)
        folder.point_latest_here()
        _end_as(folder, INTERRUPTED)
        if not agenda.is_done:
            with rigged(folder) as rig:
                trials = Trials(folder, rig, observer)
                for batch in agenda:
                    together.carry_out(batch, trials)
        _end_as(folder, ENDED)


def _end_as(folder: RunFolder, how: str) -> None:
    folder.write(folder.read().model_copy(update={"ended": how}))
