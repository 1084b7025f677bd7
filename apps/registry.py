"""Finds strategies: by name in this folder, which is the registry, or by the path of any file."""

import importlib
import importlib.util
import re
import sys
from functools import cache
from importlib import metadata
from pathlib import Path
from types import ModuleType

import workers
from after202.kernel.errors import UsageError
from after202.kernel.model import StrategyFacts, VariantFacts, Wiring
from apps import server
from apps.strategy import Strategy

FOLDER = Path(__file__).parent
HIDDEN = "_"
IS_STRATEGY = re.compile(r"^STRATEGY\b", re.MULTILINE)


def names() -> list[str]:
    """Return the names of the strategies in this folder, except the hidden ones."""
    files = sorted(FOLDER.glob("[!_]*.py"))
    return [path.stem for path in files if IS_STRATEGY.search(path.read_text(encoding="utf-8"))]


@cache
def load(source: str) -> Strategy:
    """Return a strategy by its name, or by the path of its file.

    In `_lossy_celery_queue`, the hidden strategy `_lossy` wraps the strategy `celery_queue`.
    UsageError if there is no such strategy, or its file defines no STRATEGY.
    """
    wrapper, wrapped = split(source)
    if wrapped:
        made: Strategy = importlib.import_module(f"apps.{wrapper}").over(load(wrapped))
        return made
    module = _module(source)
    if not isinstance(getattr(module, "STRATEGY", None), Strategy):
        raise UsageError(f"{source} defines no STRATEGY: see docs/adding.md")
    strategy: Strategy = module.STRATEGY
    return strategy


def split(source: str) -> tuple[str, str]:
    """Return (wrapper, wrapped); for a plain strategy, its own name and an empty string."""
    if source.startswith(HIDDEN) and not (FOLDER / f"{source}.py").exists():
        for path in FOLDER.glob("_*.py"):
            if source.startswith(f"{path.stem}_"):
                return path.stem, source.removeprefix(f"{path.stem}_")
    return source, ""


def _module(source: str) -> ModuleType:
    path = Path(source)
    if path.suffix != ".py":
        if not (FOLDER / f"{source}.py").exists():
            raise UsageError(f"unknown strategy {source!r}: `after202 strategies` lists them")
        return importlib.import_module(f"apps.{source}")
    twin = workers.twin(path)
    if twin.exists():
        workers.load(str(twin))
    return workers.from_file(f"apps.{path.stem}", path)


def describe(source: str) -> StrategyFacts:
    """Return a strategy's description of itself."""
    strategy, (_, wrapped) = load(source), split(source)
    name = Path(source).stem
    worker = _counterpart(wrapped or source, workers.IS_QUEUE)
    inspector = "" if worker else _counterpart(wrapped or source, workers.LOOKS)
    twin = workers.load(worker or inspector) if worker or inspector else None
    module = sys.modules[f"apps.{split(source)[0] if wrapped else name}"]
    return StrategyFacts(
        name=name,
        label=strategy.label,
        summary=(module.__doc__ or "").split("\n")[0],
        source=source,
        worker=worker,
        inspector=inspector,
        broker=strategy.broker,
        prepares=strategy.prepare is not None,
        inspected=strategy.broker is None or hasattr(twin, "held"),
        message_cpu_s=strategy.message_cpu_s,
        foreign_message=getattr(twin, "FOREIGN_MESSAGE", ""),
        failure_logged=getattr(twin, "FAILURE_LOGGED", ""),
        variants={name: _facts_of(strategy, name) for name in strategy.variants},
    )


def libraries(source: str) -> dict[str, str]:
    """Return the version of each installed library that is loaded once a strategy is, by name."""
    describe(source)
    owners = metadata.packages_distributions()
    loaded = {name.partition(".")[0] for name in sys.modules}
    names = {owner for package in loaded for owner in owners.get(package, ())}
    return {name: metadata.version(name) for name in sorted(names)}


def _facts_of(strategy: Strategy, variant: str) -> VariantFacts:
    """Return what a variant says of itself, with the settings of the server that all share."""
    facts = strategy.facts(Wiring(variant=variant))
    return facts.model_copy(update={"settings": (*server.SETTINGS, *facts.settings)})


def _counterpart(source: str, function: re.Pattern[str]) -> str:
    """Return the name or path of the module in workers/; empty if it lacks the function."""
    path = Path(source)
    if path.suffix == ".py":
        return str(workers.twin(path)) if workers.defines(workers.twin(path), function) else ""
    return source if workers.defines(workers.FOLDER / f"{source}.py", function) else ""
