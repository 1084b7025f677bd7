"""The rows of a run's tables as `summary.json` has them: each is a class, each column a field."""

from after202.kernel.model import Value
from after202.records.document import MaybeNumber, Number


class Latency(Value):
    """An arm's time at a quantile: an estimate over its valid trials, with its 95 % interval."""

    strategy: str
    variant: str
    workload: str
    rate_per_s: float
    metric: str
    quantile: float
    estimate_ms: Number
    low_ms: MaybeNumber
    high_ms: MaybeNumber
    trials: int
    unfinished: int
    note: str
    own_share: float | None
    api_processes: int
    slots_varied: int | None
    layout: str


class Verdict(Value):
    """An arm compared with the baseline of its blocks; a control is a copy of the baseline.

    With `detectable_ms` as the true difference, four runs of five would have found it.
    """

    strategy: str
    variant: str
    baseline: str
    baseline_variant: str
    is_control: bool
    workload: str
    rate_per_s: float
    metric: str
    quantile: float
    difference_ms: Number
    difference_low_ms: MaybeNumber
    difference_high_ms: MaybeNumber
    ratio: MaybeNumber
    low: MaybeNumber
    high: MaybeNumber
    p_holm: float | None
    verdict: str
    blocks: int
    detectable_ms: MaybeNumber
    more_blocks: int | None
    own_share: float | None
    api_processes: int
    slots_varied: int | None
    layout: str


class Completion(Value):
    """The jobs of a strategy under a fault by what became of them, and its three guarantees."""

    strategy: str
    variant: str
    fault: str
    broker: str
    episodes: int
    accepted: int
    once: int
    late: int
    duplicated: int
    failed_visibly: int
    stranded: int
    lost: int
    recovered: int
    refused: int
    unknown: int
    upper_bound_lost: float | None
    verdict: str
    unseen: int
    begun_again: int
    done_at_least_once: str
    begun_at_most_once: str
    failure_visible: str
    parameters: str = ""
    orphaned: int = 0


class Recovery(Value):
    """How a strategy recovered from a fault: medians over episodes in seconds, and counts."""

    strategy: str
    variant: str
    fault: str
    broker: str
    episodes: int
    service_ready_s: float | None
    first_new_start_s: float | None
    first_restart_s: float | None
    last_end_s: float | None
    accept_outage_s: float | None
    done_twice_s: float | None
    in_flight: int
    restarted: int
    overlapping: int
    lost_started: int
    alone: bool


class Resources(Value):
    """What a part of the system used for an arm's jobs; services are not in the total."""

    strategy: str
    variant: str
    workload: str
    rate_per_s: float
    role: str
    cpu_s_per_1000_jobs: Number
    peak_memory_bytes: Number
    trials: int
    low_cpu_s_per_1000_jobs: MaybeNumber
    high_cpu_s_per_1000_jobs: MaybeNumber
    peak_rss_bytes: int | None
    cpu_source: str
    memory_source: str
    own_share: float | None
    api_processes: int
    slots_varied: int | None
    layout: str


class Goodput(Value):
    """The jobs that an arm did per second: its limit if more was offered, else the offered load."""

    strategy: str
    variant: str
    workload: str
    rate_per_s: float
    slots: int
    estimate_per_s: float
    low_per_s: float | None
    high_per_s: float | None
    trials: int
    note: str
    own_share: float | None
    api_processes: int
    slots_varied: int | None
    layout: str


class Capacity(Value):
    """The rate at which an arm keeps the level of service half of the time, if it was found."""

    strategy: str
    variant: str
    workload: str
    objective: str
    low_per_s: float | None
    high_per_s: float | None
    trials: int
    estimate_per_s: float | None
    spread: float | None
    kept_per_s: float | None
    missed_per_s: float | None
    layout: str


class Pressure(Value):
    """A figure of an arm under pressure: its median, lowest and highest over the valid trials."""

    shape: str
    strategy: str
    variant: str
    workload: str
    ahead: str
    capacity_per_s: float | None
    pressed_per_s: float
    figure: str
    median: Number
    lowest: Number
    highest: Number
    trials: int
    late_trials: int
    watched_s: float
    pressed_jobs: int | None = None
