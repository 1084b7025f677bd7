"""A claim's page: the question, the verdict, the figures, the experiment, what to do instead."""

import re
import statistics
from collections.abc import Iterator, Sequence

from after202.report.rendering.markdown import inline
from loadtests import claims
from loadtests.claims import TOPICS, Listed
from tests.project import ROOT
from tests.questions.found import Found

PAGES = ROOT / "docs" / "questions"
TABLE = PAGES / "claims.csv"
NONE, ESCAPE = "-", "\\"
# Code, once its marks have been escaped like everything else.
CODE = re.compile(r"\\`(.+?)\\`")
HOW = (
    "Each claim is an experiment on real servers, and its verdict is computed from what was"
    " measured. A page has the figures and the whole experiment; `after202 run claims --claim 6`"
    " makes one again. Where an experiment was made several times, a figure is the median, with the"
    " least and the most in brackets."
)


def listed(number: int) -> Listed:
    """Return a claim's file by its number."""
    return next(one for one in claims.listed() if one.number == number)


def name(found: Found) -> str:
    """Return the name of a claim's page, which stays the same for ever."""
    one = listed(found.number)
    return f"{one.number:02}-{one.slug}.md"


def of(found: Found, others: Sequence[Found]) -> str:
    """Return a claim's page; `others` are the same claim with other versions of a library."""
    one = listed(found.number)
    claim = claims.load(one.name)
    code = (ROOT / "loadtests" / "claims" / f"{one.name}.py").read_text(encoding="utf-8").rstrip()
    parts = [
        f"# {text(claim.question)}",
        f"People say: *{text(claim.says)}* ({text(claim.source)})",
        f"**{text(found.word[:1].upper() + found.word[1:])}.** {sentence(found)}",
        f"This holds for {text(found.versions)}." if found.versions else "",
        "## What to do",
        text(claim.instead),
        *_figures(found),
        *_versions(found, others),
        "## The experiment",
        f"`after202 run claims --claim {one.number}` makes it again:",
        f"```python\n{code}\n```",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def sentence(found: Found) -> str:
    """Return what was seen, or why nothing was, as a sentence of Markdown."""
    said = text(found.sentence or found.reason)
    return f"{said[:1].upper()}{said[1:]}{'' if said.endswith('.') else '.'}"


def _figures(found: Found) -> Iterator[str]:
    """Yield a table of each set of conditions that have the same figures."""
    if not found.evidence:
        return
    times = len(found.evidence)
    yield f"## What was measured{f', {times} times' if times > 1 else ''}"
    seen = found.seen
    sets: dict[tuple[str, ...], list[str]] = {}
    for condition in seen.conditions:
        sets.setdefault(tuple(seen.figures(condition)), []).append(condition)
    for columns, conditions in sets.items():
        head = [f"| | {' | '.join(map(_cell, columns))} |", f"|---|{'---:|' * len(columns)}"]
        rows = [
            f"| {_cell(c)} | {' | '.join(_figure(found, c, column) for column in columns)} |"
            for c in conditions
        ]
        yield "\n".join([*head, *rows])


def _figure(found: Found, condition: str, figure: str) -> str:
    values = found.seen.values(condition, figure)
    missing = found.seen.missing(condition, figure)
    if not values:
        return "never"
    low, high = _number(min(values)), _number(max(values))
    told = _number(statistics.median(values))
    if low != high:
        told += f" ({low} to {high})"
    return f"{told}; never in {missing}" if missing else told


def _number(value: float) -> str:
    if value == int(value):
        return f"{value:,.0f}"
    size = abs(value)
    digits = 2 if size < 1 else 1 if size < 100 else 0
    return f"{value:,.{digits}f}"


def _versions(found: Found, others: Sequence[Found]) -> Iterator[str]:
    """Yield a row for each version that the claim was tried with."""
    if not others:
        return
    rows = [
        f"| {_cell(o.also or o.versions)} | {_cell(o.word)} | {sentence(o)} |"
        for o in (*others, found)
    ]
    yield "## With other versions"
    yield "\n".join(["| version | verdict | what was seen |", "|---|---|---|", *rows])


def index(found: Sequence[Found]) -> str:
    """Return the page that lists all claims by topic."""
    parts = ["# What people say, put to the test", HOW]
    for topic in TOPICS:
        rows = [_row(one) for one in found if claims.load(listed(one.number).name).topic == topic]
        if rows:
            head = ["| claim | what people say | verdict |", "|---:|---|---|"]
            parts += [f"## {topic}", "\n".join([*head, *rows])]
    return "\n\n".join(parts) + "\n"


def _row(found: Found) -> str:
    claim = claims.load(listed(found.number).name)
    return f"| {found.number} | [{_cell(claim.says)}]({name(found)}) | {_cell(found.word)} |"


def _cell(said: str) -> str:
    return text(said).replace("|", "\\|") or NONE


def text(said: str) -> str:
    """Return a text as Markdown that shows it as it is; what is in backticks is code."""
    return CODE.sub(lambda code: f"`{code[1].replace(ESCAPE, '')}`", inline(said))
