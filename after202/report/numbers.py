"""How the report writes times and factors."""

import math

HUNDREDTHS_BELOW_MS, TENTHS_BELOW_MS = 1, 100
INFINITE = "infinity"


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
