"""A strategy's page: what it is, its code, its settings and why, and what was measured."""

import json
import re
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from after202.hosts import environments
from after202.kernel.model import Setting, StrategyFacts
from apps import server
from tests.project import ROOT

NAMED = re.compile(r"^[A-Za-z][\w.-]*", re.MULTILINE)
# Beside a strategy's own library, an environment has a client for the workloads' cache.
CACHE_CLIENT = "redis"
ASK = """
import json, sys
from importlib import metadata
found = metadata.metadata(sys.argv[1])
keys = ("Author", "Maintainer", "Author-email", "Maintainer-email")
people = next((found[key] for key in keys if found[key]), "")
print(json.dumps([metadata.version(sys.argv[1]), people]))
"""
SHARED = (
    "The API's server is set alike for all strategies ([method](../method.md)); a variant's own"
    " settings follow."
)
ADDRESS = re.compile(r"\s*<[^>]*>")
INDEX = """# Strategies

One page for each, made by `make strategies` from its files and from a run of all of them. What a
variant sets, and why, is what its processes say of themselves.

{table}

Something unfair, or out of date? [Say so, or change it](../adding.md#a-strategy): the maintainers
of each library are invited to review their page.
"""


class Library(NamedTuple):
    """What a strategy stands on: a distribution, its version, and who publishes it."""

    name: str
    version: str
    people: str


def library(strategy: str) -> Library | None:
    """Return a strategy's library; None if it needs nothing but FastAPI and the interpreter."""
    listed = environments.REQUIREMENTS / f"{strategy}.in"
    wanted = NAMED.findall(listed.read_text(encoding="utf-8")) if listed.exists() else []
    name = next((one for one in wanted if one != CACHE_CLIENT), strategy.partition("_")[0])
    done = subprocess.run(
        [environments.python(strategy), "-c", ASK, name],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return None
    version, people = json.loads(done.stdout)
    return Library(name, version, ADDRESS.sub("", people))


def of(facts: StrategyFacts, found: Library | None, measured: str) -> str:
    """Return the page, in Markdown."""
    parts = [
        f"# {facts.label}",
        facts.summary,
        table(("what", "is"), _about(facts, found)),
        "## The code",
        *_code(facts),
        "## What is set, and why",
        *_settings(facts),
        measured,
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def row(facts: StrategyFacts, found: Library | None) -> tuple[str, ...]:
    """Return the strategy's row in the table of all."""
    where = "worker processes" if facts.worker else "the API's process"
    held = facts.broker or "nothing outside it"
    link = f"[{facts.label}]({facts.name}.md)"
    return link, f"{found.name} {found.version}" if found else "–", where, held, _redelivery(facts)


def index(rows: Sequence[tuple[str, ...]]) -> str:
    """Return the page that lists all strategies."""
    head = ("strategy", "library", "work is done by", "jobs are kept by", "redelivered within")
    return INDEX.format(table=table(head, rows))


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(map(_cell, line))} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _about(facts: StrategyFacts, found: Library | None) -> Iterator[tuple[str, str]]:
    if found:
        yield "Library", f"{found.name} {found.version}"
        yield "Published by", found.people or "its contributors"
    yield "Work is done by", "worker processes" if facts.worker else "the API's own process"
    yield "Jobs are kept by", facts.broker or "nothing: they live in the process alone"
    yield "Variants", ", ".join(facts.variants)
    yield "Redelivered within", _redelivery(facts)


def _redelivery(facts: StrategyFacts) -> str:
    """Return how long what a dead worker held waits, by variant, for the two that all have."""
    bounds = {name: facts.variants[name].redelivery_s for name in _main_variants(facts)}
    if all(bound_s is None for bound_s in bounds.values()):
        return "never"
    told = {n: "never" if s is None else f"{s:,.0f} s" for n, s in bounds.items()}
    if len(set(told.values())) == 1:
        return next(iter(told.values()))
    return ", ".join(f"{bound} ({name})" for name, bound in told.items())


def _main_variants(facts: StrategyFacts) -> list[str]:
    return [name for name in ("documented", "hardened") if name in facts.variants]


def _code(facts: StrategyFacts) -> Iterator[str]:
    for folder in ("apps", "workers"):
        path = ROOT / folder / f"{facts.source}.py"
        if path.is_file():
            yield f"`{folder}/{path.name}`:"
            yield f"```python\n{path.read_text(encoding='utf-8').rstrip()}\n```"


def _settings(facts: StrategyFacts) -> Iterator[str]:
    """Yield what each variant sets, beside what all strategies share and the one before sets."""
    said: set[Setting] = set(server.SETTINGS)
    yield SHARED
    for name in _main_variants(facts):
        own = [one for one in facts.variants[name].settings if one not in said]
        said.update(own)
        yield f"**{name}**" + ("" if own else ": nothing else.")
        if own:
            yield table(("setting", "value", "whose", "why", "source"), map(_row, own))


def _row(one: Setting) -> tuple[str, ...]:
    whose = "the library's" if one.is_default else "ours"
    return one.name, one.value, whose, one.why, one.source
