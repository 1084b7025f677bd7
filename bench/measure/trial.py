"""One trial: a new stack, a canary job, the load, the drain, and a folder of raw events."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID, uuid4

from bench import ledger
from bench.errors import TrialError, UsageError
from bench.ledger import Writer
from bench.measure import gates, inspectors
from bench.measure.drain import Progress, drain
from bench.measure.generator import Generator, scheduled
from bench.measure.inspectors import Look
from bench.measure.process import Child, until
from bench.measure.resources import Sampler
from bench.measure.stack.foreign import foreign
from bench.measure.stack.interface import Place, Services, Stack
from bench.model import Offer, Setting, Trial
from bench.records import Load, Strike, TrialRecord, Usage

CANARY_S = 30.0
LEDGER = "ledger"


@dataclass
class _Observed:
    """What is known of a trial so far; if it fails, its record holds just this."""

    offer: Offer | None = None
    load: Load | None = None
    slots: int | None = None
    canary: UUID = field(default_factory=uuid4)
    drained: bool = False
    left: Look = field(default_factory=Look)
    gates: dict[str, float] = field(default_factory=dict)
    usage: dict[str, Usage] = field(default_factory=dict)
    settings: tuple[Setting, ...] = ()
    strike: Strike | None = None
    timing_s: dict[str, float] = field(default_factory=dict)


class TrialRun:
    """Carries out one trial."""

    def __init__(
        self, trial: Trial, services: Services, folder: Path, broker_url: str | None
    ) -> None:
        """Make the trial's folder; nothing starts yet."""
        self._trial = trial
        self._services = services
        self._folder = folder
        self._ledger = folder / LEDGER
        self._ledger.mkdir(parents=True)
        self._broker_url = broker_url
        self._seen = _Observed()
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
        ledger.join(self._ledger)
        self._seen.timing_s["outside"] = time.monotonic() - start_s - self._trial.window_s
        seen = self._seen
        return TrialRecord(
            trial=self._trial,
            valid=not reasons,
            reasons=tuple(reasons),
            started_at=started_at,
            offer=seen.offer,
            load=seen.load,
            slots=seen.slots,
            canary_job_ids=(seen.canary,),
            drained=seen.drained,
            held=seen.left.held,
            failed=seen.left.failed,
            gates=seen.gates,
            usage=seen.usage,
            settings=seen.settings,
            strike=seen.strike,
            timing_s=seen.timing_s,
        )

    def _measure(self) -> None:
        place = Place(self._folder, self._ledger, self._broker_url)
        stack = self._services.stack(self._trial, place)
        generator = Generator(self._trial, self._folder, self._services.cpus.generator)
        with ExitStack() as running:
            loader = generator.start(stack.url)
            running.callback(loader.kill)
            with self._timed("start"):
                running.enter_context(stack)
            self._seen.slots = stack.slots
            with self._timed("canary"):
                offer = self._send_canary(stack)
            self._load_and_drain(stack, generator, loader, offer)
            self._foreign = foreign(stack)

    def _load_and_drain(
        self, stack: Stack, generator: Generator, loader: Child, offer: Offer
    ) -> None:
        """Have the load come, and wait for its work to end, while resources are sampled."""
        with Sampler(stack.roles) as sampler:
            self._seen.load = self._put_under_load(generator, loader, stack)
            with self._timed("drain"):
                self._seen.drained = self._drain(stack, offer, self._seen.load)
        self._seen.usage = sampler.usage()
        self._seen.timing_s["sampling_cpu"] = sampler.cpu_s
        sampler.write(self._folder / "resources.parquet")

    def _send_canary(self, stack: Stack) -> Offer:
        """Have one job go all the way through."""
        offer = stack.api.offer(self._trial.arm.workload)
        self._seen.offer, self._seen.settings = offer, stack.api.variant().settings
        progress = Progress(self._ledger, (), _lives_on(stack))
        canary = self._canary(stack, offer)
        asked_ns = time.monotonic_ns()
        stack.api.submit(canary, self._seen.canary)
        steps = len(canary.steps)
        done = lambda: progress.ended_steps() >= steps  # noqa: E731 - a condition to poll
        until("the canary job's end", done, CANARY_S, stack.children)
        self._require_one_clock(asked_ns, time.monotonic_ns())
        return offer

    def _require_one_clock(self, asked_ns: int, ended_ns: int) -> None:
        """Raise UsageError unless the canary's events lie between its sending and its end."""
        events = (event for file in ledger.read_folder(self._ledger) for event in file.events)
        off_ns = [at for event in events if not asked_ns <= (at := event.at_ns) <= ended_ns]
        if off_ns:
            raise UsageError(
                f"the clock of the system under test is not this machine's: they are"
                f" {abs(off_ns[0] - asked_ns) / 1e9:.3f} s apart, so no time can be taken;"
                " measure where the containers run: docker compose run --rm bench"
            )

    def _canary(self, stack: Stack, offer: Offer) -> Offer:  # noqa: ARG002 - one may differ
        """Return what the canary job is: one of the workload."""
        return offer

    def _put_under_load(self, generator: Generator, loader: Child, stack: Stack) -> Load:
        loader.require_alive()
        loader.say("go")
        load = generator.finish(loader)
        stack.require_alive()
        return load

    def _drain(self, stack: Stack, offer: Offer, load: Load) -> bool:
        progress = self._progress(stack)
        steps = load.counts.accepted * len(offer.steps)
        drained = drain(progress, steps, self._trial.drain_s, stack.require_alive)
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
        self._seen.gates = gates.slip_ms(self._folder, self._seen.load)
        return gates.reasons(self._seen.load, scheduled(self._trial), self._seen.gates)

    @contextmanager
    def _timed(self, name: str) -> Iterator[None]:
        start_s = time.monotonic()
        yield
        self._seen.timing_s[name] = time.monotonic() - start_s


def _lives_on(stack: Stack) -> Callable[[Writer], bool]:
    return lambda writer: stack.process(writer) is not None
