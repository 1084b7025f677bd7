"""Where should background work run behind FastAPI? A benchmark of speed, cost and survival."""

import sys

from after202.kernel.paths import SUITE

__version__ = "0.1.0"

# An installed package carries the suite's folders inside; a checkout has them beside it.
if str(SUITE) not in sys.path:
    sys.path.append(str(SUITE))
