"""Checks, one after the other: their folder, what is printed, and the page with all figures."""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from after202.hosts import machine as environment
from after202.hosts.guard import guarded
from after202.measure.run import Observer
from after202.records import folder as results
from after202.records.experiment import Trial
from after202.validate import checks
from after202.validate.finding import Context, Figure, Finding

PAGE = "VALIDATION.md"
WANTED = ("user", "nice", "system", "irq", "softirq")
Observe = Callable[[Sequence[Trial]], AbstractContextManager[Observer]]


def names() -> list[str]:
    """Return the checks' names: the folder is the registry."""
    return sorted(module.name for module in pkgutil.iter_modules(checks.__path__))


def check(name: str, context: Context) -> Finding:
    """Carry out one check, and say how much of the processors others had meanwhile."""
    module = importlib.import_module(f"{checks.__name__}.{name}")
    before = psutil.cpu_times()
    finding: Finding = module.check(context)
    return replace(finding, figures=(*finding.figures, stolen(before, psutil.cpu_times())))


def stolen(before: Any, after: Any) -> Figure:
    """Return which share of the processor time that was wanted the host gave to others.

    Its kernel says so where this machine is one of several on it (`steal` in proc(5)).
    """
    taken = {name: getattr(after, name) - getattr(before, name) for name in before._fields}
    kept_s = taken.get("steal", 0.0)
    wanted_s = kept_s + sum(taken.get(name, 0.0) for name in WANTED)
    return Figure("processor time given to others by the host", f"{kept_s / wanted_s:.0%}")


@contextmanager
def begun(results_folder: Path, observe: Observe) -> Iterator[Context]:
    """Make a folder for the checks; however they end, nothing that they started goes on."""
    cpus = environment.share_out(environment.available_cpus())
    folder = results_folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-validate"
    with ExitStack() as running:
        running.enter_context(results.writing(results_folder))
        folder.mkdir(parents=True)
        scratch = folder / "scratch"
        scratch.mkdir()
        running.enter_context(guarded(uuid4().hex, scratch))
        yield Context(folder, cpus, observe)


def lines(finding: Finding) -> list[str]:
    """Return a check's figures for a terminal."""
    head = f"{'pass' if finding.passed else 'FAIL'}  {finding.check}: {finding.question}"
    return [head, *(f"      {_mark(f)} {f.name}: {f.value}{_goal(f)}" for f in finding.figures)]


def _mark(figure: Figure) -> str:
    return {True: "ok ", False: "BAD", None: "   "}[figure.passed]


def _goal(figure: Figure) -> str:
    return f" ({figure.goal})" if figure.goal else ""


def write(folder: Path, findings: Sequence[Finding]) -> None:
    """Write the page, with the machine and the versions that the figures are of."""
    machine, versions = environment.machine(), environment.versions()
    text = [
        "# Validation",
        "",
        f"The harness against known answers, {datetime.now(UTC):%Y-%m-%d}.",
        "",
        f"- commit: {environment.git_commit() or 'unknown'}",
        *(f"- {name}: {value}" for name, value in machine.items()),
        "- versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        "",
    ]
    for finding in findings:
        text += [f"## {finding.check}: {'pass' if finding.passed else 'fail'}", ""]
        text += [finding.question, "", "| figure | measured | goal | |", "|---|---|---|---|"]
        text += [
            f"| {f.name} | {f.value} | {f.goal} | {_mark(f).strip()} |" for f in finding.figures
        ]
        text.append("")
    with results.writing(folder):
        (folder / PAGE).write_text("\n".join(text), encoding="utf-8")
