"""A catalogue by hand: what is planned of the strategies that ship, and no process is started."""

from after202.kernel.model import DEDUPLICATED, DOCUMENTED, HARDENED, StrategyFacts, VariantFacts
from after202.kernel.overrides import Overrides
from after202.plan.catalogue import BrokerFacts, Catalogue

IN_PROCESS = (DOCUMENTED, HARDENED)
QUEUED = (*IN_PROCESS, DEDUPLICATED, "one_message", "batched")
REDIS = BrokerFacts(
    ("no persistence", "save points", "AOF everysec", "AOF always"), usual="save points"
)
POSTGRES = BrokerFacts(("little", "all"), usual="all", lacks={"fill": "it has no such limit"})


def facts(
    name: str,
    *variants: str,
    broker: str | None = None,
    message_cpu_s: float = 0.0,
    file: str = "",
    overridable: Overrides | None = None,
) -> StrategyFacts:
    """Return what a strategy says of itself; one with a broker has a worker of its own name."""
    return StrategyFacts(
        name=name,
        label=name.replace("_", " ").title(),
        summary=f"{name}, by hand.",
        source=file or name,
        worker=name if broker else "",
        broker=broker,
        message_cpu_s=message_cpu_s,
        variants={variant: VariantFacts(overridable=overridable or {}) for variant in variants},
    )


def catalogue(*strategies: StrategyFacts) -> Catalogue:
    """Return a catalogue of these strategies."""
    return Catalogue({one.name: one for one in strategies}, {"redis": REDIS, "postgres": POSTGRES})


CATALOGUE = catalogue(
    facts("background_tasks", *IN_PROCESS, "sync", "short_shutdown"),
    facts(
        "celery_queue",
        *QUEUED,
        "no_prefetch",
        "short_visibility",
        "threads",
        "outbox",
        broker="redis",
        message_cpu_s=0.003,
        overridable={
            "worker_prefetch_multiplier": 4,
            "task_acks_late": False,
            "visibility_timeout": 3600,
        },
    ),
    facts("create_task", *IN_PROCESS),
    facts("gather", *IN_PROCESS),
    facts("inline", *IN_PROCESS),
    facts("process_pool", *IN_PROCESS),
    facts(
        "rq_queue", *QUEUED, "plain_workers", "simple_worker", broker="redis", message_cpu_s=0.02
    ),
)
