"""How large a comparison must be: blocks for a verdict, requests for a quantile.

Both halves decide by these rules, and neither may import the other.
"""

import math

SIGNIFICANT = 0.05
# Up to this many blocks are a look; whoever asks for more wants verdicts.
MOST_FOR_A_LOOK = 3
# A block that is lost must not leave every verdict of its comparison open: it is run again, or
# else this many blocks are spare.
SPARE_BLOCKS = 1
# The fewest requests in a window for each quantile; any number supports the p50.
LEAST_REQUESTS = {0.9: 30, 0.99: 100}


def least_blocks(tests: int) -> int:
    """Return the fewest blocks with which the first of Holm's `tests` tests can reject at all.

    If all of n blocks agree, Wilcoxon's exact two-sided signed-rank test (1945) gives 2 / 2**n, its
    smallest p. Holm (1979) rejects the smallest of several at 5 % divided by their number.
    """
    return math.ceil(math.log2(2 * tests / SIGNIFICANT))
