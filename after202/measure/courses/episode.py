"""An episode: a trial in which a fault strikes, and whose jobs are asked for until nobody has them.

Outcomes do not depend on speed, so an episode is not judged by how late its generator was.
"""

from pathlib import Path
from uuid import UUID

import pyarrow.parquet as pq

from after202.hosts.local import Child
from after202.kernel.model import Offer
from after202.measure.load import gates
from after202.measure.load.generator import Generator, scheduled
from after202.measure.strike.injector import Injector
from after202.measure.strike.supervisor import Supervisor
from after202.measure.trial import TrialRun
from after202.measure.watch.inspector import Look
from after202.measure.watch.progress import Progress, settle
from after202.records.experiment import Outcome
from after202.records.trial import Strike
from after202.stacks.interface import Stack
from loadtests import faults

# A drain may last so much longer than redelivery is said to take.
MARGIN = 1.5
LONGEST_JOB_S = 1.0
# What was started again may take so long until it begins, where several stacks share a core.
BOOT_S = 30.0
SURE = "empty"


class Episode(TrialRun):
    """Carries out one episode."""

    def _load_and_drain(
        self, stack: Stack, generator: Generator, loader: Child, offer: Offer
    ) -> None:
        progress = self._progress(stack)
        supervisor = Supervisor(stack, progress)
        injector = Injector(stack, self._trial, offer, progress, supervisor)
        loader.require_alive()
        loader.say("go")
        with self._timed("strike"):
            injector.strike()
        self._seen.load = generator.finish(loader, supervisor.look)
        injector.write(self._folder)
        with self._timed("drain"):
            horizon_s = self._horizon_s(injector.variant.redelivery_s)
            self._settle(stack, supervisor, progress, offer, horizon_s)
        self._seen.strike = Strike(
            marks=tuple(supervisor.marks),
            proven=injector.proven,
            in_flight=injector.in_flight,
            horizon_s=horizon_s,
            redelivery_s=injector.variant.redelivery_s,
        )

    def _settle(
        self,
        stack: Stack,
        supervisor: Supervisor,
        progress: Progress,
        offer: Offer,
        horizon_s: float,
    ) -> None:
        jobs, steps = accepted(self._folder), len(offer.steps)
        last = Look()

        def holds() -> bool:
            nonlocal last
            found = self._look(stack, progress)
            last = found or last
            return found is None or bool(found.held)

        self._seen.drained = settle(
            progress,
            lambda: progress.undone(jobs, steps),
            holds,
            lambda: horizon_s + (BOOT_S if supervisor.is_booting else 0),
            supervisor.look,
        )
        holds()
        self._seen.left = last

    def _canary(self, stack: Stack, offer: Offer) -> Offer:
        """Return what the canary job is: none that is meant to raise."""
        return stack.api.offer(SURE) if faults.load(self._trial.fault).workload else offer

    def _horizon_s(self, redelivery_s: float | None) -> float:
        """Return how long the drain may last: until redelivery, if that is soon enough."""
        needed_s = MARGIN * (redelivery_s or 0) + LONGEST_JOB_S
        return max(self._trial.drain_s, needed_s if needed_s <= self._trial.horizon_s else 0)

    def _reasons(self) -> list[str]:
        if self._seen.load is None:
            return ["nothing was measured"]
        return gates.incomplete(self._seen.load, scheduled(self._trial))


def accepted(folder: Path) -> set[UUID]:
    """Return the jobs that were accepted, by the rows of the requests."""
    found: set[UUID] = set()
    for path in sorted(folder.glob("requests-*.parquet")):
        table = pq.read_table(path, columns=["job_id", "outcome"])
        pairs = zip(table["job_id"].to_pylist(), table["outcome"].to_pylist(), strict=True)
        found |= {
            UUID(job_id) for job_id, outcome in pairs if job_id and outcome == Outcome.ACCEPTED
        }
    return found
