"""What changed between two runs, in words: each function is one rule."""

import math
from collections.abc import Iterator, Sequence

from after202.analyse.alike import Unlike
from after202.analyse.changes.compared import Compared
from after202.analyse.changes.mishaps import MishapChange, Tally
from after202.analyse.changes.samples import GENERATOR
from after202.analyse.changes.speed import Change
from after202.records.experiment import NO_FAULT
from after202.report.facts.names import Names, Who
from after202.report.numbers import factor, in_ms

DOES = {"response": "answers", "completion": "finishes the work"}
NOTHING_DIFFERS = "Both ran the same code and settings on the same machine."


def differs(one: Unlike) -> str:
    """Say what differs, and what it is in either run."""
    return f"{one.what}: {one.mine} in A, {one.theirs} in B"


def machine_speed(ratio: float | None) -> str:
    """Say how fast the machine was in B, by work that is the same in both."""
    if ratio is None:
        return "How fast the machine was in either run is not known."
    return (
        f"Sending a request took the generator {factor(ratio)} times as much CPU time in B as in A."
    )


def befell(change: MishapChange, names: Names) -> str:
    """Say in how many trials of either run a job was lost, begun twice, failed or refused."""
    one = change.tallies
    strategy, variant, fault, broker = one.cell
    who = names.who(Who(strategy, variant))
    kept = f" ({broker})" if broker else ""
    where = "without a fault" if fault == NO_FAULT else f"when {names.when(fault)}{kept}"
    return (
        f"{who}, {where}: jobs {one.mishap} in {_in(one.before)} of A and"
        f" {_in(one.after)} of B: {change.fate}"
    )


def _in(tally: Tally) -> str:
    return f"{tally} trials" + (f" ({tally.jobs} jobs)" if tally.jobs else "")


def took(change: Change, names: Names) -> str:
    """Say by how much an arm is faster or slower in B."""
    one = change.samples
    who = names.arm(one.arm.label)
    at = f"at p{one.quantile * 100:g} ({names.condition(one.arm.condition)})"
    if math.isinf(change.difference_ms):
        late, other = ("B", "A") if change.difference_ms > 0 else ("A", "B")
        return f"{who} never {DOES[one.metric]} {at} in {late}, but does in {other}"
    word = "later" if change.difference_ms >= 0 else "sooner"
    return (
        f"{who} {DOES[one.metric]} {in_ms(abs(change.difference_ms))} ms {word}"
        f"{_between(change)} {at} in B{_times(change)}: {judged(change, names)}"
    )


def judged(change: Change, names: Names) -> str:
    """Say what was found, and what speaks against it, which may be the arm's control."""
    control = change.samples.control
    named = control if control == GENERATOR else names.arm(control)
    return change.said.replace(control, named)


def detectable(changes: Sequence[Change]) -> str:
    """Say how small a change these runs would have shown."""
    found = sorted(one.detectable_ratio for one in changes if math.isfinite(one.detectable_ratio))
    if not found:
        return "With so few trials, no change of any size could have been shown."
    smallest, largest = (f"{ratio - 1:.0%}" for ratio in (found[0], found[-1]))
    between = smallest if smallest == largest else f"{smallest} to {largest}"
    return f"A change of {between} would have been shown in four pairs of runs of five."


def _between(change: Change) -> str:
    """Give the 95 % interval as positive numbers of the same direction."""
    if change.interval_ms is None:
        return ""
    low, high = change.interval_ms
    if change.difference_ms < 0:
        low, high = -high, -low
    return f" ({in_ms(low)} to {in_ms(high)})"


def _times(change: Change) -> str:
    return "" if change.ratio is None else f", {factor(change.ratio)} times as long"


def verdict(compared: Compared) -> str:
    """Say whether B is worse than A, and in what."""
    worse = list(_worse(compared))
    if worse:
        return f"B is worse than A: it {', and it '.join(worse)}."
    better = len(compared.faster)
    also = f" It is faster in {_comparisons(better)}." if better else ""
    return f"B is not worse than A in anything, beyond doubt.{also}"


def _worse(compared: Compared) -> Iterator[str]:
    mishaps = dict.fromkeys(one.tallies.mishap for one in compared.worse_mishaps)
    if mishaps:
        yield f"has jobs {' and '.join(mishaps)} that A kept"
    if compared.slower:
        yield f"is slower in {_comparisons(len(compared.slower))}"


def _comparisons(number: int) -> str:
    return "1 comparison" if number == 1 else f"{number} comparisons"
