"""Groups of strategies, which a profile and `--strategy` may name in place of strategies."""

import re
from collections.abc import Callable, Iterable, Mapping

from after202.kernel.paths import SUITE
from after202.plan.catalogue import APPS, strategy_files

# What a profile compares the others with that names nothing else.
BASELINE = "background_tasks"
# What a profile compares that names nothing else.
CORE = ("background_tasks", "celery_queue", "gather", "inline", "rq_queue")
WORKS = re.compile(r"^def run\(", re.MULTILINE)
BROKER = re.compile(r'^ +broker="(\w+)"', re.MULTILINE)


def core() -> list[str]:
    """Return the five that most people choose among."""
    return list(CORE)


def in_process() -> list[str]:
    """Return the strategies whose work is done by the API's own processes."""
    return [name for name in strategy_files() if not _has_worker(name)]


def on(broker: str) -> list[str]:
    """Return the strategies that keep their jobs in a broker, as their files say."""
    return [name for name in strategy_files() if _broker(name) == broker]


def _has_worker(name: str) -> bool:
    """Whether a module of the strategy's name works; one without `run` only looks at a broker."""
    path = SUITE / "workers" / f"{name}.py"
    return path.is_file() and WORKS.search(path.read_text(encoding="utf-8")) is not None


def _broker(name: str) -> str:
    text = (APPS / f"{name}.py").read_text(encoding="utf-8")
    found = BROKER.search(text)
    return found[1] if found else ""


GROUPS: Mapping[str, Callable[[], list[str]]] = {
    "core": core,
    "all": strategy_files,
    "in_process": in_process,
    "redis": lambda: on("redis"),
    "postgres": lambda: on("postgres"),
    "rabbitmq": lambda: on("rabbitmq"),
}


def expanded(named: Iterable[str]) -> list[str]:
    """Return the strategies that are named, each once, with groups as the strategies in them."""
    every = (GROUPS[name]() if name in GROUPS else [name] for name in named)
    return list(dict.fromkeys(name for some in every for name in some))
