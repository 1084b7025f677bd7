"""Two runs compared: what differs, what befell work, what is faster or slower."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import median

from after202.analyse import alike
from after202.analyse.alike import Unlike
from after202.analyse.changes import mishaps, speed
from after202.analyse.changes.mishaps import Fate, MishapChange, Tallies
from after202.analyse.changes.samples import Samples, samples
from after202.analyse.changes.speed import Change
from after202.analyse.findings.comparisons import findings
from after202.analyse.findings.finding import EXPLORATORY, Finding
from after202.analyse.run import Run
from after202.analyse.statistics import tarone
from after202.analyse.statistics.difference import Difference
from after202.kernel.errors import UsageError
from after202.records.experiment import Arm
from after202.records.run import RunRecord

BETTER_OR_SAME, WORSE = 0, 1
Key = tuple[Arm, str, float]


@dataclass(frozen=True)
class Reading:
    """A comparison within each run whose verdict is another word in the second."""

    before: Finding
    after: Finding


@dataclass(frozen=True)
class Compared:
    """A first and a second run, and what changed from the first to the second.

    `generator_ratio` is how much more CPU time a request took the generator, which is the same work
    in both: it tells of the machine. None if no arm tells.
    """

    before: Run
    after: Run
    unlike: tuple[Unlike, ...]
    mishaps: tuple[MishapChange, ...]
    changes: tuple[Change, ...]
    readings: tuple[Reading, ...]
    generator_ratio: float | None

    @property
    def worse_mishaps(self) -> list[MishapChange]:
        """What befalls work more often."""
        return [one for one in self.mishaps if one.fate is Fate.WORSE]

    @property
    def slower(self) -> list[Change]:
        """What is slower beyond doubt."""
        return self._beyond_doubt(Difference.SLOWER)

    @property
    def faster(self) -> list[Change]:
        """What is faster beyond doubt."""
        return self._beyond_doubt(Difference.FASTER)

    @property
    def exit_code(self) -> int:
        """1 if the second run is worse in anything, else 0."""
        return WORSE if self.worse_mishaps or self.slower else BETTER_OR_SAME

    def _beyond_doubt(self, verdict: Difference) -> list[Change]:
        return [one for one in self.changes if one.is_beyond_doubt and one.verdict is verdict]


def require_comparable(before: RunRecord, after: RunRecord, *, force: bool) -> None:
    """Raise UsageError if the runs are one, or of unlike profiles and not forced."""
    alike.require_different([before.run, after.run])
    for found in () if force else alike.profiles(before, after):
        raise UsageError(
            f"{before.run} and {after.run} are of unlike profiles ({found.what}"
            " differ): compare runs of one profile, or add --force for what they have in common"
        )


def compare(before: Run, after: Run) -> Compared:
    """Compare two runs; UsageError if they have nothing in common.

    One correction by Holm covers everything that is tested, so two equal runs differ in anything
    at all in one comparison of twenty at most.
    """
    mine, theirs = _shared(before, after), _shared(after, before)
    tallied, sampled = mishaps.tallies(mine, theirs), samples(mine, theirs)
    if not tallied and not sampled:
        raise UsageError(
            f"{before.record.run} and {after.record.run} have nothing in common: compare runs with"
            " the same strategies, workloads and rates"
        )
    tests: list[Tallies | Samples] = [*tallied, *sampled]
    p_holm = tarone.adjusted([one.p_value for one in tests], [one.least_p for one in tests])
    found = {_key(one): one for one in findings(mine)}, {_key(one): one for one in findings(theirs)}
    return Compared(
        before,
        after,
        tuple(_unlike(before, after)),
        tuple(MishapChange(one, p) for one, p in zip(tallied, p_holm, strict=False)),
        tuple(
            speed.judged(one, p, len(sampled), tuple(_untrusted(one, *found)))
            for one, p in zip(sampled, p_holm[len(tallied) :], strict=True)
        ),
        tuple(_readings(*found)),
        _generator_ratio(mine, theirs),
    )


def _shared(run: Run, other: Run) -> Run:
    """Return a run with the arms alone that the other has too."""
    arms = {one.record.trial.arm for one in other.all}
    return replace(
        run,
        comparisons=tuple(one for one in run.comparisons if one.record.trial.arm in arms),
        episodes=tuple(one for one in run.episodes if one.record.trial.arm in arms),
        pressures=tuple(one for one in run.pressures if one.record.trial.arm in arms),
    )


def _unlike(before: Run, after: Run) -> Iterator[Unlike]:
    for differences in (alike.profiles, alike.surroundings, alike.origins, alike.settings):
        yield from differences(before.record, after.record)


def _key(finding: Finding) -> Key:
    return finding.pairing.arm, finding.pairing.metric, finding.pairing.quantile


def _readings(before: dict[Key, Finding], after: dict[Key, Finding]) -> Iterator[Reading]:
    for key, mine in before.items():
        theirs = after.get(key)
        if theirs and mine.said != theirs.said and mine.pairing.quantile != EXPLORATORY:
            yield Reading(mine, theirs)


def _untrusted(
    one: Samples, before: dict[Key, Finding], after: dict[Key, Finding]
) -> Iterator[str]:
    """Yield that two copies of the baseline differ within a run."""
    for name, found in (("A", before), ("B", after)):
        copies = [
            finding
            for (arm, metric, quantile), finding in found.items()
            if finding.is_control
            and (arm.condition, metric, quantile) == (one.arm.condition, one.metric, one.quantile)
        ]
        if any(finding.verdict in speed.DECIDED for finding in copies):
            yield f"two copies of the baseline differ in {name}"


def _generator_ratio(before: Run, after: Run) -> float | None:
    mine, theirs = _request_cpu_s(before), _request_cpu_s(after)
    ratios = [theirs[arm] / mine[arm] for arm in mine if arm in theirs]
    return median(ratios) if ratios else None


def _request_cpu_s(run: Run) -> dict[Arm, float]:
    """Return the median CPU time per request by arm."""
    found: dict[Arm, list[float]] = {}
    for trial in run.comparisons:
        load = trial.record.load
        if trial.valid and load and load.request_cpu_s:
            found.setdefault(trial.record.trial.arm, []).append(load.request_cpu_s)
    return {arm: median(values) for arm, values in found.items()}
