"""A session of checks, one after the other: folder, printed lines, and the page of figures."""

import importlib
import pkgutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import psutil

from after202.hosts import cpus, machine
from after202.hosts.guard import guarded
from after202.records.files import writing
from after202.validate import checks
from after202.validate.result import Context, Figure, Observe, Result

PAGE = "VALIDATION.md"
WANTED = ("user", "nice", "system", "irq", "softirq")


def names() -> list[str]:
    """Return the checks' names: the folder is the registry."""
    return sorted(module.name for module in pkgutil.iter_modules(checks.__path__))


def check(name: str, context: Context) -> Result:
    """Run one check; add how much processor time the host gave to others meanwhile."""
    module = importlib.import_module(f"{checks.__name__}.{name}")
    before = psutil.cpu_times()
    result: Result = module.check(context)
    return replace(result, figures=(*result.figures, stolen(before, psutil.cpu_times())))


def stolen(before: Any, after: Any) -> Figure:
    """Return the share of the processor time wanted here that the host gave to others.

    The kernel reports it on a virtual machine (`steal` in proc(5)).
    """
    taken = {name: getattr(after, name) - getattr(before, name) for name in before._fields}
    kept_s = taken.get("steal", 0.0)
    wanted_s = kept_s + sum(taken.get(name, 0.0) for name in WANTED)
    return Figure("processor time given to others by the host", f"{kept_s / wanted_s:.0%}")


@contextmanager
def begun(results_folder: Path, observe: Observe) -> Iterator[Context]:
    """Make a folder for the checks; nothing that they start outlives them, however they end."""
    sets = cpus.share_out(cpus.available_cpus())
    folder = results_folder / f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-validate"
    with ExitStack() as running:
        running.enter_context(writing(results_folder))
        folder.mkdir(parents=True)
        scratch = folder / "scratch"
        scratch.mkdir()
        running.enter_context(guarded(uuid4().hex, scratch))
        yield Context(folder, sets, observe)


def lines(result: Result) -> list[str]:
    """Return a check's figures for a terminal."""
    head = f"{'pass' if result.passed else 'FAIL'}  {result.check}: {result.question}"
    return [head, *(f"      {_mark(f)} {f.name}: {f.value}{_goal(f)}" for f in result.figures)]


def _mark(figure: Figure) -> str:
    return {True: "ok ", False: "BAD", None: "   "}[figure.passed]


def _goal(figure: Figure) -> str:
    return f" ({figure.goal})" if figure.goal else ""


def write(folder: Path, results: Sequence[Result]) -> None:
    """Write the page of figures, with the machine and the versions that they belong to."""
    here, versions = machine.machine(), machine.versions()
    text = [
        "# Validation",
        "",
        f"The harness against known answers, {datetime.now(UTC):%Y-%m-%d}.",
        "",
        f"- commit: {machine.git_commit() or 'unknown'}",
        *(f"- {name}: {value}" for name, value in here.items()),
        "- versions: " + ", ".join(f"{name} {version}" for name, version in versions.items()),
        "",
    ]
    for result in results:
        text += [f"## {result.check}: {'pass' if result.passed else 'fail'}", ""]
        text += [result.question, "", "| figure | measured | goal | |", "|---|---|---|---|"]
        text += [
            f"| {f.name} | {f.value} | {f.goal} | {_mark(f).strip()} |" for f in result.figures
        ]
        text.append("")
    with writing(folder):
        (folder / PAGE).write_text("\n".join(text), encoding="utf-8")
