"""How the report writes times, ratios, counts and lists."""

import math
from collections.abc import Sequence

HUNDREDTHS_BELOW_MS, TENTHS_BELOW_MS = 1, 100
INFINITE = "infinity"
# Written with two digits below ten: what is rounded to ten is written without decimals.
HUNDREDTHS_BELOW, TENTHS_BELOW, SECONDS_FROM_MS = 0.995, 9.95, 999.5
MINUTES_FROM_S, HOURS_FROM_S = 90, 3570
SPACE, MINUS = "\N{NO-BREAK SPACE}", "\N{MINUS SIGN}"


def in_ms(value: float) -> str:
    """Format a number of ms, without the unit: two decimals below 1, one below 100."""
    if math.isinf(value):
        return INFINITE if value > 0 else f"-{INFINITE}"
    size = abs(value)
    digits = 2 if size < HUNDREDTHS_BELOW_MS else 1 if size < TENTHS_BELOW_MS else 0
    return f"{round(value, digits) + 0.0:.{digits}f}"  # adding 0 makes -0.0 positive


def signed_ms(value: float) -> str:
    """Format a difference in ms with its sign."""
    return f"{'+' if value > 0 else ''}{in_ms(value)} ms"


def factor(value: float) -> str:
    """Format a ratio."""
    return INFINITE if math.isinf(value) else f"{value:.2f}"


def ms(value: float) -> str:
    """Format a time: 0.95 ms, 1.4 ms, 28 ms, 1.2 s; "never" for what never ended."""
    if math.isinf(value):
        return "never"
    if value >= SECONDS_FROM_MS:
        return f"{number(value / 1000)}{SPACE}s"
    return f"{number(value)}{SPACE}ms"


def apart_ms(value: float) -> str:
    """Format a difference in time with its sign: +4.1 ms, -0.3 ms."""
    sign = "+" if value >= 0 else MINUS
    return f"{sign}{ms(abs(value))}"


def number(value: float) -> str:
    """Format a figure: two digits below ten, no decimals above: 0.95, 1.4, 28."""
    if value < HUNDREDTHS_BELOW:
        return f"{value:.2f}"
    return f"{value:.1f}" if value < TENTHS_BELOW else f"{value:,.0f}"


def span(values: Sequence[float]) -> str:
    """Format the smallest and the largest time: 1.4 to 1.5 ms, or 1.4 ms."""
    low, high = ms(min(values)), ms(max(values))
    if low == high:
        return low
    unit = high.partition(SPACE)[2]
    return f"{low.removesuffix(SPACE + unit)} to {high}"


def times(ratio: float) -> str:
    """Format a ratio: 1.2×, 4.7×, 20×."""
    if math.isinf(ratio):
        return INFINITE
    digits = 2 if ratio < HUNDREDTHS_BELOW else 1 if ratio < TENTHS_BELOW else 0
    return f"{ratio:.{digits}f}×"


def percent(share: float) -> str:
    """Format a share: 45 %."""
    return f"{100 * share:.0f}{SPACE}%"


def mib(size_bytes: float) -> str:
    """Format a size in memory."""
    return f"{size_bytes / 2**20:.0f}{SPACE}MiB"


def counted(count: int, noun: str) -> str:
    """Format a count with its noun: 1 job, 1,200 jobs, 2 crashes."""
    plural = f"{noun}es" if noun.endswith(("sh", "ch", "x")) else f"{noun}s"
    return f"{count:,} {noun if count == 1 else plural}"


def lasting(seconds: float) -> str:
    """Format a duration for people: 17 minutes, an hour, 6 s."""
    if seconds >= HOURS_FROM_S:
        hours = round(seconds / 3600)
        return "an hour" if hours == 1 else f"{hours} hours"
    return f"{seconds / 60:.0f} minutes" if seconds >= MINUTES_FROM_S else f"{seconds:g}{SPACE}s"


def listed(texts: Sequence[str], last: str = "and") -> str:
    """Join texts as a sentence does: a, b and c."""
    if len(texts) < 2:
        return "".join(texts)
    return f"{', '.join(texts[:-1])} {last} {texts[-1]}"
