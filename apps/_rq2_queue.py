"""RQ 2: the same as rq_queue, in an environment of its own with the version before RQ 3."""

from rq.version import VERSION

from after202.kernel.errors import UsageError
from apps import rq_queue

if not VERSION.startswith("2."):
    raise UsageError(
        f"_rq2_queue is to run with RQ 2, not {VERSION}:"
        " requirements/strategies/_rq2_queue.txt is missing"
    )
STRATEGY = rq_queue.STRATEGY.with_variants("RQ 2", rq_queue.STRATEGY.variants)
