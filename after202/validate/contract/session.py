"""Checks a strategy: every check of every variant on a real stack, and then the kills."""

import importlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from after202.analyse.run import read
from after202.hosts import cpus
from after202.kernel.errors import TrialError
from after202.kernel.model import DOCUMENTED, HARDENED
from after202.measure import run
from after202.plan.catalogue import Catalogue
from after202.records.files import writing
from after202.validate.contract import bench, checks, killed
from after202.validate.contract.bench import Bench
from after202.validate.contract.line import Line, Verdict, fails
from after202.validate.contract.system import System
from after202.validate.result import Context, Observe

# In this order: the last one kills the broker.
ON_A_STACK = ("settings", "effects", "order", "slots", "held", "broker")
IN_EPISODES = (killed.KILLED, killed.REDELIVERY)
NAME = "check-strategy"
NAMES = (*ON_A_STACK, *IN_EPISODES)
VARIANTS = (DOCUMENTED, HARDENED)


def begun(results_folder: Path, observe: Observe) -> Context:
    """Make a folder for the events and the logs of a strategy's checks."""
    folder = results_folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{NAME}"
    with writing(results_folder):
        folder.mkdir(parents=True)
    return Context(folder, cpus.share_out(cpus.available_cpus()), observe)


def lines(
    name: str,
    known: Catalogue,
    variants: Sequence[str],
    wanted: Sequence[str],
    context: Context,
) -> Iterator[Line]:
    """Yield a line for each wanted check of each of the variants, as soon as it is known."""
    facts = known[name]
    folder = bench.run_folder(name, known, variants, context)
    on_a_stack = [one for one in ON_A_STACK if one in wanted]
    if on_a_stack:
        with bench.started(facts, folder, context) as started:
            if "effects" in on_a_stack:
                started.learn_effects()
            for variant in variants:
                yield from _of_variant(started, name, variant, on_a_stack)
    if set(IN_EPISODES) & set(wanted):
        with context.observe(folder.read().planned, known) as observer:
            run.carry_out(folder, observer)
        yield from (line for line in killed.lines(read(folder)) if line.check in wanted)


def _of_variant(started: Bench, name: str, variant: str, wanted: Sequence[str]) -> Iterator[Line]:
    """Yield a variant's lines; a check that fails leaves the next ones a new stack."""
    with ExitStack() as running:
        system: System | None = None
        for each in wanted:
            try:
                if system is None:
                    system = running.enter_context(started.system(name, variant))
                line = _tried(each, system)
            except TrialError as error:
                line = fails(str(error), f"see the logs below {started.folder.path}")
            yield replace(line, check=each, variant=variant)
            if line.verdict is Verdict.FAILS:
                running.close()
                system = None


def _tried(name: str, system: System) -> Line:
    """Return what a check says: the first line that it yields."""
    check = importlib.import_module(f"{checks.__name__}.{name}").check
    line: Line = next(check(system))
    return line
