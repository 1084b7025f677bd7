"""Whether a level of service is kept at a rate: a majority of the tries at it decides."""

from collections.abc import Iterable, Mapping, Sequence


def decided(answers: Sequence[bool], tries: int) -> bool | None:
    """Return the answer that more than half of `tries` give; None until they do.

    If there were more tries than that, it is the answer that more than half of all give.
    """
    enough = max(tries, len(answers)) // 2 + 1
    for answer in (True, False):
        if answers.count(answer) >= enough:
            return answer
    return None


def interval(
    answers: Iterable[tuple[float, bool | None]], tries: int
) -> tuple[float | None, float | None]:
    """Return the highest kept rate below every missed rate, and the lowest missed rate.

    `answers` are pairs of a rate and the answer of one try at it (None: no answer). If no rate is
    decided, the majority of the tries so far stands in. An end is None if there is no such rate.
    """
    by_rate: dict[float, list[bool]] = {}
    for rate, answer in answers:
        if answer is not None:
            by_rate.setdefault(rate, []).append(answer)
    sure = {rate: decided(some, tries) for rate, some in by_rate.items()}
    likely = {rate: decided(some, len(some)) for rate, some in by_rate.items()}
    high = min(_rates(sure, kept=False), default=None)
    low = max(_below(high, sure) or _below(high, likely), default=None)
    if high is None:
        high = min((r for r in _rates(likely, kept=False) if r > (low or 0)), default=None)
    return low, high


def _rates(view: Mapping[float, bool | None], *, kept: bool) -> list[float]:
    return [rate for rate, answer in view.items() if answer is kept]


def _below(high: float | None, view: Mapping[float, bool | None]) -> list[float]:
    return [rate for rate in _rates(view, kept=True) if high is None or rate < high]
