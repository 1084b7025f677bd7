"""What an episode shows, from hand-written histories."""

import pandas as pd
import pytest

from after202.analyse.jobs.executions import executions
from after202.analyse.jobs.guarantees import Guarantees, Verdict, decide
from after202.analyse.jobs.history import History
from after202.analyse.jobs.outcomes import classify
from after202.analyse.trials.episode import EpisodeSummary, summarise, why_unknown
from after202.analyse.trials.recovery import Recovery, recovery, starts_and_ends
from after202.kernel.ledger import EventKind
from after202.records.experiment import Arm, Arrivals, Reach, Role
from after202.records.trial import Episode
from after202.records.trial_record import Counts, Load, Mark, Strike, TrialRecord

START, END, FAIL = EventKind.START, EventKind.END, EventKind.FAIL
S = 1_000_000_000
STRUCK_AT_S = 10.0
KILLED = Mark(at_us=int(STRUCK_AT_S * 1e6), role=Role.WORKER, what="struck")
RESTARTED = Mark(at_us=int(11e6), role=Role.WORKER, what="started")
OVER = Mark(at_us=int(11.5e6), role=Role.WORKER, what="over")
RESET = Mark(at_us=10**7, role=Role.CLIENT, what="struck")


def record(
    fault: str = "W2",
    hits: Role | None = Role.WORKER,
    marks: tuple[Mark, ...] = (KILLED, RESTARTED, OVER),
    reach: Reach = Reach.STRIKE,
    **strike: object,
) -> TrialRecord:
    """Return an episode's record."""
    arm = Arm(strategy="celery_queue", workload="slow", rate_per_s=1)
    trial = Episode(
        id="000", block=0, arm=arm, seed=1, arrivals=Arrivals.CONSTANT, warm_up_s=0, window_s=20,
        drain_s=1, bystander_per_s=0, slots=1, number=1, fault=fault, hits=hits,
        reach=reach,
    )  # fmt: skip
    load = Load(
        load_start_us=0, window_start_us=0, window_end_us=20_000_000, load_end_us=20_000_000,
        counts=Counts(), dropped=0, cpu_s=1, recording_cpu_s=0,
    )  # fmt: skip
    details = Strike(marks=marks, **{"proven": True, **strike})  # type: ignore[arg-type]
    return TrialRecord(
        trial=trial, valid=True, reasons=(), started_at="", load=load, drained=True, strike=details
    )


def history(
    requests: list[tuple[str, float, str]],
    events: list[tuple[str, EventKind, float]],
    told: TrialRecord | None = None,
) -> History:
    """Return a history of (job, due in s, outcome) and (job, kind, at in s), of one step each."""
    numbers = {job: number for number, (job, _, _) in enumerate(requests)}
    recorded = pd.DataFrame(
        [(numbers[job], kind, 0, int(at_s * S)) for job, kind, at_s in events],
        columns=["job", "kind", "step", "at_ns"],
    ).astype("int64")
    return History(
        record=told or record(),
        requests=pd.DataFrame(
            {
                "due_us": [int(due_s * 1e6) for _, due_s, _ in requests],
                "response_us": [-1 if o == "unknown" else 1000 for _, _, o in requests],
                "outcome": [outcome for _, _, outcome in requests],
                "stream": "jobs",
            }
        ),
        executions=executions([recorded], len(requests)),
        events=recorded,
    )


def jobs_of(told: History) -> pd.DataFrame:
    """Classify the jobs."""
    return classify(told.jobs, told.executions.jobs, 1)


def planned(told: TrialRecord) -> Episode:
    """Return the episode as it was planned."""
    assert isinstance(told.trial, Episode)
    return told.trial


def shown(told: History, jobs: pd.DataFrame, reasons: tuple[str, ...] = ()) -> EpisodeSummary:
    """Return what an episode shows."""
    return summarise(planned(told.record), told, jobs, reasons)


def why(told: TrialRecord, jobs: pd.DataFrame, in_flight: int) -> list[str]:
    """Return why an episode shows nothing of its fault."""
    return why_unknown(planned(told), told.strike, jobs, in_flight)


def test_recovery_times_count_from_the_fault() -> None:
    """A job in the midst of its step is interrupted, another waits, and both are done later."""
    told = history(
        [("a", 1, "accepted"), ("b", 9, "accepted"), ("c", 9.5, "accepted"), ("d", 12, "accepted")],
        [
            ("a", START, 1), ("a", END, 2),
            ("b", START, 9), ("b", START, 16), ("b", END, 17),
            ("c", START, 13), ("c", END, 14), ("d", START, 14.5), ("d", END, 15),
        ],
    )  # fmt: skip
    found = recovery(told, jobs_of(told), int(STRUCK_AT_S * S))
    assert found == Recovery(
        service_ready_s=3, first_new_start_s=3, first_restart_s=6, last_end_s=7,
        accept_outage_s=0, done_twice_s=1,
    )  # fmt: skip


def test_the_outage_lasts_from_the_first_miss_to_the_next_accepted_request() -> None:
    """Refused and unknown requests are both misses."""
    told = history(
        [
            ("a", 9, "accepted"),
            ("b", 10.5, "unknown"),
            ("c", 11, "refused"),
            ("d", 12.5, "accepted"),
        ],
        [],
    )
    assert recovery(told, jobs_of(told), int(STRUCK_AT_S * S)).accept_outage_s == 2


def test_work_done_again_counts_whole_performances_and_the_part_until_the_fault() -> None:
    """A job that ended twice has its first whole performance done again."""
    told = history(
        [("a", 1, "accepted"), ("b", 2, "accepted")],
        [
            ("a", START, 1), ("a", END, 3), ("a", START, 12), ("a", END, 14),
            ("b", START, 9.5), ("b", START, 12), ("b", END, 13),
        ],
    )  # fmt: skip
    found = recovery(told, jobs_of(told), int(STRUCK_AT_S * S))
    assert found.done_twice_s == pytest.approx(2 + 0.5)


def test_restarted_and_overlapping_are_told_apart() -> None:
    """Two starts and one end; and a second start before the first end."""
    told = history(
        [("a", 1, "accepted"), ("b", 1, "accepted"), ("c", 1, "accepted")],
        [
            ("a", START, 1), ("a", START, 11), ("a", END, 12),
            ("b", START, 1), ("b", START, 11), ("b", END, 12), ("b", END, 13),
            ("c", START, 1), ("c", END, 2), ("c", START, 11), ("c", END, 12),
        ],
    )  # fmt: skip
    found = shown(told, jobs_of(told))
    assert (found.restarted, found.overlapping) == (1, 1)
    assert found.classes == {"once": 1, "duplicated": 2}
    assert len(starts_and_ends(told.events)) == 3


def test_lost_jobs_are_split_by_whether_they_had_begun() -> None:
    """One was interrupted, one was never heard of."""
    told = history([("a", 1, "accepted"), ("b", 1, "accepted")], [("a", START, 1)])
    found = shown(told, jobs_of(told))
    assert (found.classes, found.lost_started) == ({"lost": 2}, 1)


WHOLE = [("a", START, 9.0), ("a", END, 11.0)]


@pytest.mark.parametrize(
    ("told", "due_s", "why"),
    [
        (record(), 9, None),
        (record(marks=()), 9, "did not strike"),
        (record(proven=False), 9, "not seen to happen"),
        (record(), 10.5, "no job was in flight"),
        (record(reach=Reach.OUTAGE), 10.5, None),
        (record(reach=Reach.OUTAGE), 11.6, "no job was in flight"),
        (record(reach=Reach.OUTAGE, marks=(KILLED,)), 10.5, "no job was in flight"),
        (record("F0", None, marks=()), 9, None),
        (record("T1", Role.JOB, marks=()), 9, "no job raised, and none ended its process"),
        (record("N1", Role.CLIENT, marks=(RESET,)), 10.5, None),
        (record().model_copy(update={"strike": None}), 9, "did not run to its end"),
    ],
)
def test_an_episode_that_shows_nothing_is_unknown_and_says_why(
    told: TrialRecord, due_s: float, why: str | None
) -> None:
    """A fault that did not strike, was not seen, or hit nothing is no evidence."""
    found = shown(history([("a", due_s, "accepted")], WHOLE, told), frame(due_s))
    assert found.known == (why is None)
    assert why is None or why in found.unknown[0]


@pytest.mark.parametrize(("reach", "taken"), [(Reach.REQUESTS, 1), (Reach.OUTAGE, 0)])
def test_a_fault_that_is_about_requests_takes_those_that_were_refused(
    reach: Reach, taken: int
) -> None:
    """What such a request did before it was refused is what the fault shows."""
    asked = [("a", 1.0, "accepted"), ("b", 10.5, "refused"), ("c", 11.6, "refused")]
    told = history(asked, [("a", START, 1.0), ("a", END, 2.0)], record(reach=reach))
    found = shown(told, jobs_of(told))
    assert (found.in_flight, found.known) == (taken, bool(taken))


def frame(due_s: float) -> pd.DataFrame:
    """Return the classified job of an episode with one."""
    return jobs_of(history([("a", due_s, "accepted")], WHOLE))


def test_nothing_accepted_shows_nothing_but_of_a_job_that_raises() -> None:
    """Inline answers 500 for a job that raised: that is what its client should see."""
    refused = history([("a", 9, "refused")], [("a", START, 9), ("a", FAIL, 9.5)])
    jobs = jobs_of(refused)
    assert why(record(), jobs, 1) == ["nothing was accepted"]
    assert why(record("T1", Role.JOB, marks=()), jobs, 0) == []


@pytest.mark.parametrize(
    ("events", "unknown"),
    [
        ([("a", START, 9), ("a", FAIL, 9.5)], ()),
        (WHOLE, ("no job raised, and none ended its process",)),
    ],
)
def test_a_fault_in_the_work_that_is_dropped_in_is_known_by_a_job_that_raised(
    events: list[tuple[str, EventKind, float]], unknown: tuple[str, ...]
) -> None:
    """What it hits says where its proof is, whatever the fault is called."""
    told = history([("a", 9, "accepted")], events, record("T3", Role.JOB, marks=()))
    found = shown(told, jobs_of(told))
    assert (found.unknown, found.known) == (unknown, not unknown)


def test_a_job_that_nobody_could_look_for_is_not_lost() -> None:
    """The episode is known, and leaves open what it does to accepted work."""
    told = history([("a", 9, "accepted"), ("b", 9, "accepted")], WHOLE)
    found = shown(told, classify(told.jobs, told.executions.jobs, 1, inspected=False))
    assert found.known
    assert (found.classes, found.lost_started, found.accepted) == ({"once": 1, "unseen": 1}, 0, 2)
    assert decide([found.seen]) == Guarantees(Verdict.UNKNOWN, Verdict.HOLDS, Verdict.UNKNOWN)


def test_a_trial_that_is_not_valid_shows_nothing() -> None:
    """A foreign consumer is enough, also to take what is missing."""
    told = history([("a", 9, "accepted")], [])
    found = shown(told, jobs_of(told), ("a client that is not ours",))
    assert found.classes == {"lost": 1}
    assert not found.known
    assert found.seen.classes == {}
