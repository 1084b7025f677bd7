"""The search for each arm's capacity: the highest rate at which it keeps a level of service."""

from collections.abc import Callable, Generator, Sequence

from bench.measure.profile import CapacitySearch, Profile
from bench.model import Arm, Trial
from bench.tries import decided, interval

Met = Callable[[Trial], bool | None]
BRACKET, PRECISION = 1.5, 1.04
MOST_PROBES = 30
TYPICAL_PROBES, TYPICAL_OUTSIDE_S = 19, 4.0
MOST_ATTEMPTS = 3
LOWEST_PER_S, HIGHEST_PER_S = 0.1, 4000.0


def search(start_per_s: float, tries: int) -> Generator[float, bool, None]:
    """Yield the rates to try; each is answered by whether the level was met at it.

    Bracketed by a factor of 1.5 and bisected to 4 %. Then either end of what is left is tried until
    most of so many tries at it agree. If they miss the level at the lower end, or meet it at the
    upper one, both ends move by 4 %: a slow or a lucky moment decides nothing for good.
    """
    low, high = yield from _bracket(start_per_s)
    while high / low > PRECISION:
        middle = (low * high) ** 0.5
        if (yield middle):
            low = middle
        else:
            high = middle
    answers = {low: [True], high: [False]}
    while low > LOWEST_PER_S:
        if not (yield from _most(low, answers, tries)):
            low, high = low / PRECISION, low
        elif (yield from _most(high, answers, tries)):
            low, high = high, high * PRECISION
        else:
            return


def _most(
    rate_per_s: float, answers: dict[float, list[bool]], tries: int
) -> Generator[float, bool, bool]:
    """Return whether the level is met in most of so many tries at a rate."""
    mine = answers.setdefault(rate_per_s, [])
    while (met := decided(mine, tries)) is None:
        mine.append((yield rate_per_s))
    return met


def _bracket(rate_per_s: float) -> Generator[float, bool, tuple[float, float]]:
    """Return a rate that passes and one that does not, a factor of 1.5 apart."""
    if (yield rate_per_s):
        while rate_per_s < HIGHEST_PER_S and (yield rate_per_s * BRACKET):
            rate_per_s *= BRACKET
        return rate_per_s, rate_per_s * BRACKET
    while rate_per_s > LOWEST_PER_S and not (yield rate_per_s / BRACKET):
        rate_per_s /= BRACKET
    return rate_per_s / BRACKET, rate_per_s


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
