"""Where a strategy is checked: real services, a stack per variant, and a run's folder for both."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import count

from after202.hosts import cpus, environments
from after202.hosts.cpus import CpuSets
from after202.hosts.guard import guarded_scratch
from after202.kernel.model import DOCUMENTED, StrategyFacts
from after202.measure.begin import Options, begin
from after202.measure.watch.inspector import Inspectors
from after202.plan.catalogue import Catalogue
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import RunFolder, TrialFolder
from after202.records.trial import Comparison
from after202.stacks import choice
from after202.stacks.embedded.services import EmbeddedServices
from after202.validate.contract import killed
from after202.validate.contract.checks import effects
from after202.validate.contract.system import System
from after202.validate.result import Context

# A number that no library has as its default.
SLOTS = 3
# The strategy whose effects are right: the request itself does the work.
REFERENCE = "inline"
Reference = Mapping[str, Mapping[str, int]]


@dataclass
class Bench:
    """Starts stacks with variants of one strategy; `reference` are the effects that are right."""

    folder: RunFolder
    services: EmbeddedServices
    inspectors: Inspectors
    cpus: CpuSets
    strategies: Mapping[str, StrategyFacts]
    reference: Reference = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=count)

    @contextmanager
    def system(self, name: str, variant: str) -> Iterator[System]:
        """Start a stack, and end it; TrialError if it does not come up."""
        facts = self.strategies[name]
        planned = _trial(f"{next(self._numbers):02d}-{name}-{variant}", name, variant)
        folder = TrialFolder(self.folder.path / "systems" / planned.id)
        folder.empty()
        stack = self.services.stack(planned, folder, self.cpus)
        with stack:
            look = partial(self.inspectors.look, facts, stack.wiring)
            yield System(
                facts, variant, stack, folder.ledger, self.services.mails, SLOTS, look,
                self.reference,
            )  # fmt: skip

    def learn_effects(self) -> None:
        """Learn the effects that are right, of the strategy that is the reference."""
        with self.system(REFERENCE, DOCUMENTED) as system:
            jobs = {name: system.submit(name, effects.JOBS) for name in system.offers}
            self.reference = effects.of_workloads(system, jobs)


def _trial(name: str, strategy: str, variant: str) -> Comparison:
    """Return a trial that says which stack is meant; its load is not used."""
    return Comparison(
        id=name,
        block=0,
        arm=Arm(strategy=strategy, workload="empty", rate_per_s=1, variant=variant),
        seed=0,
        arrivals=Arrivals.CONSTANT,
        warm_up_s=0,
        window_s=1,
        drain_s=1,
        slots=SLOTS,
    )


def run_folder(name: str, known: Catalogue, variants: Sequence[str], context: Context) -> RunFolder:
    """Create the folder of a run whose episodes kill what does the work of these variants."""
    planned = killed.profile(known[name], variants, SLOTS)
    options = Options(choice.choose(choice.EMBEDDED))
    return begin("killed", planned, known, context.folder, options)


@contextmanager
def started(facts: StrategyFacts, folder: RunFolder, context: Context) -> Iterator[Bench]:
    """Start the services and all that stacks share; everything ends with the block."""
    strategies = {**environments.describe([REFERENCE]), facts.name: facts}
    anywhere = cpus.anywhere(context.cpus)
    with ExitStack() as running:
        scratch = running.enter_context(guarded_scratch())
        services = running.enter_context(
            EmbeddedServices(scratch, folder.logs, anywhere, mail_delay_ms=0, strategies=strategies)
        )
        inspectors = running.enter_context(Inspectors(folder))
        yield Bench(folder, services, inspectors, anywhere, strategies)
