"""One trial: a new stack, a canary job, the load, the drain, and a folder of raw events."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from after202.hosts.local import Child
from after202.kernel import ledger
from after202.kernel.errors import TrialError
from after202.kernel.ledger import Writer
from after202.kernel.model import Offer
from after202.measure.batches.rotation import Rotation
from after202.measure.load import gates
from after202.measure.load.generator import Generator, scheduled
from after202.measure.observed import Observed
from after202.measure.watch import canary
from after202.measure.watch import inspector as inspectors
from after202.measure.watch.inspector import Look
from after202.measure.watch.progress import QUIET_S, Progress, drain
from after202.measure.watch.resources import Sampler
from after202.measure.watch.strangers import foreign
from after202.records.experiment import Trial
from after202.records.trial import Load, TrialRecord
from after202.stacks.interface import Place, Services, Stack

LEDGER = "ledger"


class TrialRun:
    """Carries out one trial."""

    def __init__(
        self,
        trial: Trial,
        services: Services,
        folder: Path,
        broker_url: str | None,
        rotation: Rotation,
    ) -> None:
        """Make the trial's folder; nothing starts yet, nor before its turn in the rotation."""
        self._trial = trial
        self._rotation = rotation
        self._services = services
        self._folder = folder
        self._ledger = folder / LEDGER
        self._ledger.mkdir(parents=True)
        self._broker_url = broker_url
        self._seen = Observed()
        self._foreign: list[str] = []

    def carry_out(self) -> TrialRecord:
        """Run the trial; what makes it invalid is a reason in its record, not an error."""
        started_at = datetime.now(UTC).isoformat(timespec="seconds")
        start_s = time.monotonic()
        try:
            with self._timed("total"):
                self._measure()
            reasons = [*self._reasons(), *self._foreign]
        except TrialError as error:
            reasons = [str(error)]
        finally:
            self._rotation.leave(self._trial)
        ledger.join(self._ledger)
        seen = self._seen
        own_s = time.monotonic() - start_s - seen.timing_s.pop("waiting", 0.0)
        seen.timing_s["outside"] = own_s - self._trial.window_s
        return seen.record(self._trial, tuple(reasons), started_at)

    def _measure(self) -> None:
        place = Place(self._folder, self._ledger, self._broker_url)
        stack = self._services.stack(self._trial, place)
        generator = Generator(self._trial, self._folder, self._services.cpus.generator)
        with ExitStack() as running:
            with self._turn():
                loader = generator.start(stack.url)
                running.callback(loader.kill)
                with self._timed("start"):
                    running.enter_context(stack)
                self._seen.slots = stack.slots
                with self._timed("canary"):
                    offer = self._send_canary(stack)
            self._load_and_drain(stack, generator, loader, offer)
            with self._turn():
                self._foreign = foreign(stack)
                running.close()

    def _load_and_drain(
        self, stack: Stack, generator: Generator, loader: Child, offer: Offer
    ) -> None:
        """Have the load come, and wait for its work to end, while resources are sampled."""
        sampler, progress = Sampler(stack.roles), self._progress(stack)
        for turn in range(1, self._trial.turns + 1):
            if turn > 1 and not self._seen.drained:
                generator.end(loader)
                raise TrialError(
                    f"the work of a turn did not end within {self._trial.drain_s:g} s, and would"
                    " take the turns of others: offer less, or leave turns out of the profile"
                )
            with self._turn(), sampler:
                self._seen.load = self._put_under_load(generator, loader, stack, turn)
                with self._timed("drain"):
                    self._seen.drained = self._drain(stack, progress, offer, self._seen.load)
        self._seen.usage = sampler.usage()
        self._seen.timing_s["sampling_cpu"] = sampler.cpu_s
        sampler.write(self._folder / "resources.parquet")

    def _send_canary(self, stack: Stack) -> Offer:
        """Have one job go all the way through."""
        offer = stack.api.offer(self._trial.arm.workload)
        self._seen.offer, self._seen.settings = offer, stack.api.variant().settings
        progress = Progress(self._ledger, (), _lives_on(stack))
        wanted = self._canary(stack, offer)
        canary.send(stack, wanted, self._seen.canary, self._ledger, progress)
        return offer

    def _canary(self, stack: Stack, offer: Offer) -> Offer:  # noqa: ARG002 - one may differ
        """Return what the canary job is: one of the workload."""
        return offer

    def _put_under_load(self, generator: Generator, loader: Child, stack: Stack, turn: int) -> Load:
        loader.require_alive()
        loader.say("go")
        load = generator.finish(loader, turn=turn)
        stack.require_alive()
        return load

    def _drain(self, stack: Stack, progress: Progress, offer: Offer, load: Load) -> bool:
        steps = load.counts.accepted * len(offer.steps)
        quiet_s = QUIET_S if len(load.turns_us) == self._trial.turns else 0
        drained = drain(progress, steps, self._trial.drain_s, stack.require_alive, quiet_s)
        if not drained:
            self._seen.left = self._look(stack, progress) or Look()
        return drained

    def _progress(self, stack: Stack) -> Progress:
        """Follow the jobs of the load."""
        return Progress(self._ledger, {self._seen.canary}, _lives_on(stack))

    def _look(self, stack: Stack, progress: Progress) -> Look | None:
        """Return what is still held, by the queue or by a process that is at it, and what failed.

        None if the broker does not answer.
        """
        wiring = stack.wiring
        found = inspectors.look(self._trial.arm.strategy, wiring.broker_url, wiring.queue)
        running = dict.fromkeys(map(str, progress.running_jobs()), "running")
        return found and Look({**found.held, **running}, found.failed)

    def _reasons(self) -> list[str]:
        if self._seen.load is None:
            return ["nothing was measured"]
        load, expected = self._seen.load, scheduled(self._trial)
        self._seen.gates = gates.slip_ms(self._folder, load)
        self._seen.late = bool(gates.late(self._seen.gates))
        # A late generator may have a probe miss its level, and none keep it: who judges it is told.
        if self._trial.is_probe:
            return gates.incomplete(load, expected)
        return gates.reasons(load, expected, self._seen.gates)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Wait for the trial's next turn, and keep it."""
        with ExitStack() as keeping:
            with self._timed("waiting"):
                keeping.enter_context(self._rotation.turn(self._trial))
            yield

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        """Add what this takes to what the like of it took."""
        start_s = time.monotonic()
        yield
        timing_s = self._seen.timing_s
        timing_s[name] = timing_s.get(name, 0.0) + time.monotonic() - start_s


def _lives_on(stack: Stack) -> Callable[[Writer], bool]:
    return lambda writer: stack.process(writer) is not None
