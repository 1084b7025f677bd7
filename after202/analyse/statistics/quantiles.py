"""Quantiles of times, of which some may be infinite: what never ended."""

from collections.abc import Sequence

import numpy as np

# Stands for infinity in interpolation, where infinities would give no number. In ms, it is longer
# than the universe is old; half of it is far above any time that was measured.
NEVER = 1e21
ABOVE_ALL = NEVER / 1e9
Values = np.ndarray[tuple[int], np.dtype[np.float64]]


def quantiles(values: Values, at: Sequence[float]) -> list[float]:
    """Return quantiles by linear interpolation (type 7 of Hyndman and Fan 1996).

    One that lies between a finite and an infinite value is infinite. ValueError if there are no
    values.
    """
    if not len(values):
        raise ValueError("a quantile needs at least one value")
    found = np.quantile(np.where(np.isinf(values), NEVER, values), at)
    return [float(value) if value < ABOVE_ALL else np.inf for value in found]
