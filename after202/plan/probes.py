"""The search for each arm's capacity: the highest rate at which it keeps a level of service."""

from collections.abc import Callable, Generator, Sequence

from after202.records.experiment import Arm, Trial
from after202.records.profile import CapacitySearch, Profile
from after202.records.tries import decided, interval

Met = Callable[[Trial], bool | None]
# Rates differ by 4 %; sixteen times that is a factor of 1.9.
PRECISION, LONGEST_STRIDE = 1.04, 16
MOST_PROBES = 30
TYPICAL_PROBES, TYPICAL_OUTSIDE_S = 17, 4.0
MOST_ATTEMPTS = 3
LOWEST_PER_S, HIGHEST_PER_S = 0.1, 4000.0


def search(start_per_s: float, tries: int) -> Generator[float, bool, None]:
    """Yield the rates to try; each is answered by whether the level was met at it.

    They lie on a grid of 4 % through the start. The capacity is found by single tries first, by
    large strides and by halves. Then either end is tried until most of so many tries at it agree: a
    slow or a lucky moment decides nothing for good.
    """
    grid = _Grid(start_per_s)
    low, high = yield from grid.settle(0, LONGEST_STRIDE, stride=LONGEST_STRIDE, tries=1)
    yield from grid.settle(low, high, stride=1, tries=tries)


class _Grid:
    """The rates that may be tried, by their number, and what the tries at them said."""

    def __init__(self, start_per_s: float) -> None:
        self._start_per_s = start_per_s
        self._answers: dict[int, list[bool]] = {}

    def settle(
        self, low: int, high: int, *, stride: int, tries: int
    ) -> Generator[float, bool, tuple[int, int]]:
        """Return two neighbours of which most tries at the lower keep the level, and not above.

        While the lower end misses it or the upper one keeps it, both move, each time by a stride
        twice as long; what is left between them is halved.
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

    def _halve(self, low: int, high: int, tries: int) -> Generator[float, bool, tuple[int, int]]:
        while high - low > 1:
            middle = (low + high) // 2
            if (yield from self._kept(middle, tries)):
                low = middle
            else:
                high = middle
        return low, high

    def _kept(self, number: int, tries: int) -> Generator[float, bool, bool]:
        """Return whether the level is met in most of so many tries at a rate."""
        mine = self._answers.setdefault(number, [])
        while (met := decided(mine, tries)) is None:
            mine.append((yield self._rate_per_s(number)))
        return met

    def _rate_per_s(self, number: int) -> float:
        return self._start_per_s * PRECISION**number


def probes(profile: Profile, planned: Sequence[Trial], met: Met) -> list[Trial]:
    """Return the next probe of each arm whose search is not over: arms take turns."""
    wanted = profile.capacity
    if wanted is None:
        return []
    found: list[Trial] = []
    for arm in _arms(profile, wanted):
        mine = [trial for trial in planned if trial.is_probe and _same(trial.arm, arm)]
        rate_per_s = next_rate(wanted, mine, met)
        if rate_per_s is not None:
            number = len(planned) + len(found)
            found.append(_probe(profile, wanted, arm, rate_per_s, number, len(mine)))
    return found


def next_rate(wanted: CapacitySearch, mine: Sequence[Trial], met: Met) -> float | None:
    """Return the rate to try next, after an arm's probes so far; None once it is known.

    A probe that tells nothing is tried again, three times in all; then the search goes on below.
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


def expected_s(profile: Profile) -> float:
    """Return how long the searches may take; how many probes they need is not known before."""
    wanted = profile.capacity
    if wanted is None:
        return 0.0
    probe_s = wanted.warm_up_s + wanted.window_s + TYPICAL_OUTSIDE_S
    return len(_arms(profile, wanted)) * TYPICAL_PROBES * probe_s


def slowest_per_s(profile: Profile, planned: Sequence[Trial], met: Met) -> float:
    """Return the lowest capacity of all arms: of each, the highest rate that kept the level."""
    wanted = profile.capacity
    if wanted is None:
        return LOWEST_PER_S
    capacities = []
    for arm in _arms(profile, wanted):
        mine = [trial for trial in planned if trial.is_probe and _same(trial.arm, arm)]
        answers = ((trial.arm.rate_per_s, met(trial)) for trial in mine)
        low, _ = interval(answers, wanted.confirmations)
        capacities.append(low or LOWEST_PER_S)
    return min(capacities, default=LOWEST_PER_S)


def _arms(profile: Profile, wanted: CapacitySearch) -> list[Arm]:
    return [
        Arm(strategy=name, variant=variant, workload=wanted.workload, rate_per_s=0)
        for name, variant in profile.sides()
    ]


def _same(one: Arm, other: Arm) -> bool:
    return (one.strategy, one.variant) == (other.strategy, other.variant)


def _probe(  # noqa: PLR0913, PLR0917 - what a trial is made of
    profile: Profile, wanted: CapacitySearch, arm: Arm, rate_per_s: float, number: int, turn: int
) -> Trial:
    return Trial(
        id=f"{number:03d}-capacity-{arm.label.replace(' ', '-')}-{rate_per_s:.3g}",
        block=turn,
        arm=arm.model_copy(update={"rate_per_s": rate_per_s}),
        seed=profile.seed + turn,
        arrivals=wanted.arrivals,
        warm_up_s=wanted.warm_up_s,
        window_s=max(wanted.window_s, wanted.level.least_requests / rate_per_s),
        drain_s=wanted.level.drain_s,
        bystander_per_s=0,
        slots=profile.slots,
        is_probe=True,
    )
