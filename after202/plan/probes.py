"""Plans probes: the search for the rate up to which each arm keeps a level of service."""

from collections.abc import Callable, Generator, Sequence

from after202.plan.arms import arms
from after202.plan.catalogue import Catalogue, file_name
from after202.records.experiment import Arm, Condition, Layout
from after202.records.parts import CapacitySearch
from after202.records.profile import Profile
from after202.records.trial import Probe, Trial
from after202.records.tries import decided, interval

Met = Callable[[Probe], bool | None]
# Neighbouring rates differ by 4 %; a stride of 16 of them is a factor of 1.9.
PRECISION, LONGEST_STRIDE = 1.04, 16
# They narrow the interval of a fitted curve, most where the response is sharp.
FURTHER_PROBES = 6
MOST_PROBES = 30 + FURTHER_PROBES
TYPICAL_PROBES, TYPICAL_OUTSIDE_S = 17 + FURTHER_PROBES, 4.0
MOST_ATTEMPTS = 3
LOWEST_PER_S, HIGHEST_PER_S = 0.1, 4000.0


def search(start_per_s: float, tries: int) -> Generator[float, bool, None]:
    """Yield the rates to try; send back whether the level was met at each.

    The rates lie on a grid of 4 % steps through the start. Single tries find the capacity first,
    with long strides and then by bisection. Then both ends are tried until most of `tries` agree
    at each, so that one slow or lucky moment does not decide the result. Further tries move around
    what was found.
    """
    grid = _Grid(start_per_s)
    low, high = yield from grid.settle(0, LONGEST_STRIDE, stride=LONGEST_STRIDE, tries=1)
    low, _ = yield from grid.settle(low, high, stride=1, tries=tries)
    yield from grid.wander(low, FURTHER_PROBES)


class _Grid:
    """The rates that may be tried, by number, and the answers of the tries at each."""

    def __init__(self, start_per_s: float) -> None:
        self._start_per_s = start_per_s
        self._answers: dict[int, list[bool]] = {}

    def settle(
        self, low: int, high: int, *, stride: int, tries: int
    ) -> Generator[float, bool, tuple[int, int]]:
        """Return two neighbours: most tries at the lower one keep the level, and most above miss.

        While the lower end misses the level or the upper end keeps it, both move by a stride that
        doubles each time. The interval left between them is then bisected.
        """
        while self._rate_per_s(low) > LOWEST_PER_S and self._rate_per_s(high) < HIGHEST_PER_S:
            if not (yield from self._kept(low, tries)):
                low, high = low - stride, low
            elif (yield from self._kept(high, tries)):
                low, high = high, high + stride
            else:
                return (yield from self._halve(low, high, tries))
            stride = min(2 * stride, LONGEST_STRIDE)
        return low, high

    def wander(self, number: int, tries: int) -> Generator[float, bool, None]:
        """Move one step up after a level that was kept, and one down after one that was missed.

        This is the up-and-down method of Dixon and Mood (1948): the tries gather where the level is
        kept half of the time, and follow it if the machine changes. They end where rates do.
        """
        for _ in range(tries):
            if not LOWEST_PER_S < self._rate_per_s(number) < HIGHEST_PER_S:
                return
            number += 1 if (yield self._rate_per_s(number)) else -1

    def _halve(self, low: int, high: int, tries: int) -> Generator[float, bool, tuple[int, int]]:
        while high - low > 1:
            middle = (low + high) // 2
            if (yield from self._kept(middle, tries)):
                low = middle
            else:
                high = middle
        return low, high

    def _kept(self, number: int, tries: int) -> Generator[float, bool, bool]:
        """Return whether most of `tries` at a rate meet the level."""
        mine = self._answers.setdefault(number, [])
        while (met := decided(mine, tries)) is None:
            mine.append((yield self._rate_per_s(number)))
        return met

    def _rate_per_s(self, number: int) -> float:
        return self._start_per_s * PRECISION**number


def probes(
    profile: Profile, catalogue: Catalogue, planned: Sequence[Trial], met: Met
) -> list[Probe]:
    """Return the next probe of each arm whose search is not over, so that arms alternate."""
    wanted = profile.capacity
    if wanted is None:
        return []
    found: list[Probe] = []
    for arm in _arms(profile, catalogue, wanted):
        mine = _of(planned, arm)
        rate_per_s = next_rate(wanted, mine, met)
        if rate_per_s is not None:
            number = len(planned) + len(found)
            found.append(_probe(profile, wanted, arm, rate_per_s, number, len(mine)))
    return found


def next_rate(wanted: CapacitySearch, mine: Sequence[Probe], met: Met) -> float | None:
    """Return the next rate to try, given an arm's probes so far; None once the search is over.

    A probe that gives no answer is repeated, three attempts in all; then it counts as a miss.
    """
    steps = search(wanted.start_per_s, wanted.confirmations)
    rate_per_s = next(steps)
    attempts = 0
    for trial in mine:
        passed = met(trial)
        attempts = attempts + 1 if passed is None else 0
        if passed is not None or attempts == MOST_ATTEMPTS:
            attempts = 0
            try:
                rate_per_s = steps.send(bool(passed))
            except StopIteration:
                return None
    return rate_per_s if len(mine) < MOST_PROBES else None


def expected_s(profile: Profile, catalogue: Catalogue) -> float:
    """Return how long the searches may take, in seconds, from a typical number of probes."""
    wanted = profile.capacity
    if wanted is None:
        return 0.0
    probe_s = wanted.warm_up_s + wanted.window_s + TYPICAL_OUTSIDE_S
    return len(_arms(profile, catalogue, wanted)) * TYPICAL_PROBES * probe_s


def capacity_per_s(
    wanted: CapacitySearch, planned: Sequence[Trial], arm: Arm, met: Met
) -> float | None:
    """Return the highest rate that kept the level in most tries; None if none did.

    It is the search's own figure and needs no curve: a load to compare at, not an estimate. Every
    property of the arm but its strategy and variant is ignored: the search is in one condition.
    """
    answers = ((trial.arm.rate_per_s, met(trial)) for trial in _of(planned, arm))
    low, _ = interval(answers, wanted.confirmations)
    return low


def _arms(profile: Profile, catalogue: Catalogue, wanted: CapacitySearch) -> list[Arm]:
    layout = wanted.layout or Layout.SHARED_CORE
    condition = Condition(workload=wanted.workload, rate_per_s=0, layout=layout)
    return arms(profile, catalogue, condition, copies=1)


def _of(planned: Sequence[Trial], arm: Arm) -> list[Probe]:
    """Return an arm's probes so far."""
    side = (arm.strategy, arm.variant)
    probes = [trial for trial in planned if isinstance(trial, Probe)]
    return [trial for trial in probes if (trial.arm.strategy, trial.arm.variant) == side]


def _probe(  # noqa: PLR0913, PLR0917 - what a trial is made of
    profile: Profile, wanted: CapacitySearch, arm: Arm, rate_per_s: float, number: int, turn: int
) -> Probe:
    return Probe(
        id=f"{number:03d}-capacity-{file_name(arm.name)}-{rate_per_s:.3g}",
        block=turn,
        arm=arm.model_copy(update={"rate_per_s": rate_per_s}),
        seed=profile.seed + turn,
        arrivals=wanted.arrivals,
        warm_up_s=wanted.warm_up_s,
        window_s=max(wanted.window_s, wanted.level.least_requests / rate_per_s),
        drain_s=wanted.level.drain_s,
        slots=profile.slots,
    )
