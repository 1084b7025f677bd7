"""What commands print with --json."""

from typing import Annotated, Any, Literal

from pydantic import Field

from after202.kernel.model import Value
from after202.records.document import Checked, Document, MaybeNumber, Number
from after202.records.tables import Verdict
from after202.records.trial import Trial


class PlanAnswer(Document):
    """What a profile would run, and how long that is expected to take.

    `expected_s` includes `search_s`, which is for the search for capacities. `asked_s` is what the
    profile as written would take, with fewer blocks than verdicts need.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    profile: str
    trials: tuple[Trial, ...]
    search_s: float
    expected_s: float
    asked_s: float
    notes: tuple[str, ...]


class CheckedTrial(Value):
    """What was found of one trial."""

    trial: str
    verdict: Checked
    valid: bool
    accepted: int
    classes: dict[str, int]
    done_at_least_once: str
    begun_at_most_once: str
    failure_visible: str
    reasons: tuple[str, ...]


class CheckAnswer(Document):
    """What was found of a stored run: `missing` of the `planned` trials are not stored."""

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    run: str
    verdict: Checked
    exit_code: int
    planned: int
    missing: int
    trials: tuple[CheckedTrial, ...]


class Side(Value):
    """One of two runs that are compared."""

    run: str
    profile: str
    started_at: str
    git_commit: str
    machine: dict[str, Any]


class Unlikeness(Value):
    """Something in which the runs differ."""

    what: str
    a: str
    b: str


class ComparedMishap(Value):
    """What befell jobs in how many trials or episodes of either run, and of how many that tell.

    `p_holm` is corrected over all that is compared. Without a fault, one job that B lost or began
    twice is enough for a verdict if A did neither.
    """

    strategy: str
    variant: str
    fault: str
    broker: str
    mishap: str
    a_bad: int
    a_trials: int
    a_jobs: int
    b_bad: int
    b_trials: int
    b_jobs: int
    p_holm: float
    verdict: str


class ComparedTime(Value):
    """An arm's quantile in both runs: `difference_ms` and `ratio` are of B against A.

    `p_holm` is that of the time beside its control, corrected over all that is compared. If a true
    change is as large as `detectable_ratio`, four pairs of runs of five show it. `beyond_doubt` is
    false if a doubt explains the difference.
    """

    strategy: str
    variant: str
    workload: str
    rate_per_s: float
    own_share: float | None
    api_processes: int
    slots_varied: int | None
    layout: str
    metric: str
    quantile: float
    a_trials: int
    b_trials: int
    a_ms: Number
    b_ms: Number
    difference_ms: Number
    difference_low_ms: MaybeNumber
    difference_high_ms: MaybeNumber
    ratio: MaybeNumber
    low: MaybeNumber
    high: MaybeNumber
    p_holm: float
    detectable_ratio: Number
    verdict: str
    doubts: tuple[str, ...]
    beyond_doubt: bool


class ComparedVerdict(Value):
    """A comparison with the baseline that reads differently in either run."""

    a: Verdict
    b: Verdict


class CompareAnswer(Document):
    """Two runs compared: B is `worse` if it is so in anything beyond doubt.

    `generator_ratio` is how much more CPU time a request took the generator in B.
    """

    schema_: Annotated[Literal[1], Field(alias="schema")] = 1
    a: Side
    b: Side
    worse: bool
    exit_code: int
    unlike: tuple[Unlikeness, ...]
    generator_ratio: float | None
    mishaps: tuple[ComparedMishap, ...]
    times: tuple[ComparedTime, ...]
    verdicts: tuple[ComparedVerdict, ...]
