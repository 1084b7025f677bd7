"""Runs that schema 1 stored, written here as it wrote them, are read as today's."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from after202.kernel.errors import UsageError
from after202.kernel.model import Example, Offer
from after202.records import legacy
from after202.records.experiment import Arm, Arrivals, Layout, Role, ServiceLevel
from after202.records.files import sealed
from after202.records.folder import RunFolder
from after202.records.trial import NOT_DURABLE, Comparison, Episode, Probe, Trial
from after202.records.trial_record import SCHEMA, Counts, Load, Mark, Strike, Usage

Stored = dict[str, Any]
JOB_ID = "55931e41-c604-4ef7-abb8-4b04ac3fc25a"
ARM = Arm(strategy="rq_queue", workload="slow", rate_per_s=6, variant="hardened")
EVERY: dict[str, Any] = {
    "block": 4, "arm": ARM, "seed": 2909146298, "arrivals": Arrivals.CONSTANT, "warm_up_s": 0.5,
    "window_s": 6.0, "drain_s": 10.0, "bystander_per_s": 5.0, "rest_s": 0.25, "turns": 3,
    "slots": 2,
}  # fmt: skip
STRUCK: dict[str, Any] = {"fault_after_s": 1.0, "deadline_s": 15.0, "horizon_s": 100.0}


def old_trial(name: str, **changes: Any) -> Stored:
    """Return a trial as schema 1 planned it: one shape for all kinds."""
    return {
        "id": name,
        "block": 4,
        "arm": {
            "strategy": "rq_queue",
            "workload": "slow",
            "rate_per_s": 6.0,
            "variant": "hardened",
            "copy_number": 1,
        },
        "seed": 2909146298,
        "arrivals": "constant",
        "warm_up_s": 0.5,
        "window_s": 6.0,
        "drain_s": 10.0,
        "bystander_per_s": 5.0,
        "rest_s": 0.25,
        "turns": 3,
        "slots": 2,
        "episode": None,
        "fault": "F0",
        "fault_after_s": 0.0,
        "broker": "no persistence",
        "deadline_s": None,
        "horizon_s": 0.0,
        "repeats": None,
        "is_probe": False,
        **changes,
    }


TRIALS: list[tuple[Stored, Trial]] = [
    (old_trial("compared"), Comparison(id="compared", **EVERY)),
    (old_trial("again", repeats=2), Comparison(id="again", **EVERY, repeats=2)),
    (old_trial("probe", is_probe=True), Probe(id="probe", **EVERY)),
    (
        old_trial("control", episode=1, **STRUCK),
        Episode(id="control", **EVERY, **STRUCK, number=1, fault="F0", hits=None),
    ),
    (
        old_trial("raises", episode=2, fault="T1", **STRUCK),
        Episode(
            id="raises", **EVERY, **STRUCK, number=2, fault="T1", hits=Role.JOB,
            durability=NOT_DURABLE,
        ),
    ),
    (
        old_trial("killed", episode=3, fault="W2", broker="AOF always", **STRUCK),
        Episode(
            id="killed", **EVERY, **STRUCK, number=3, fault="W2", hits=Role.WORKER,
            durability="AOF always",
        ),
    ),
]  # fmt: skip
OLD = [old for old, _ in TRIALS]
TODAY = [today for _, today in TRIALS]


def old_run() -> Stored:
    """Return a run as schema 1 stored it, in which the profile's name is one of its fields."""
    level = {
        "response_ms": 50.0,
        "completion_ms": 500.0,
        "response_quantile": 0.95,
        "completion_quantile": 0.95,
    }
    return {
        "run": "20261124T132952Z-faults",
        "profile": {
            "name": "faults",
            "description": "Which accepted work survives which fault.",
            "baseline": "background_tasks",
            "strategies": ["background_tasks", "rq_queue"],
            "variants": ["documented", "hardened"],
            "seed": 7,
            "slots": 2,
            "mail_delay_ms": 20.0,
            "repeats": 2,
            "capacity": {
                "workload": "slow",
                "level": level,
                "start_per_s": 5.0,
                "confirmations": 3,
                "warm_up_s": 1.0,
                "window_s": 6.0,
                "arrivals": "poisson",
            },
            "comparison": [],
            "matrix": [
                {
                    "faults": ["F0", "T1", "W2"],
                    "strategies": [],
                    "variants": ["documented"],
                    "brokers": ["save points", "AOF always"],
                    "workload": "slow",
                    "rate_per_s": 6.0,
                    "episodes": 5,
                    "window_s": 6.0,
                    "fault_after_s": 1.0,
                    "deadline_s": 15.0,
                    "drain_s": 10.0,
                    "horizon_s": 100.0,
                    "arrivals": "constant",
                }
            ],
            "side_by_side": 8,
        },
        "seed": 7,
        "stack": "embedded",
        "stack_reason": "asked for",
        "workers": {"rq_queue": 2},
        "baseline": "background_tasks",
        "baseline_variant": "documented",
        "level": level,
        "faults": {"T1": "Every job raises.", "W2": "A whole worker is killed."},
        "planned": OLD,
        "machine": {"cpu": "a cpu", "cores": 4},
        "versions": {"rq": "2.0"},
        "git_commit": "c515bb1",
        "started_at": "2026-11-24T13:29:52+00:00",
        "wall_minus_monotonic_ns": 12,
        "cpu_sets": {"under_test": [0, 1], "generator": [3]},
        "options": {"broker": "valkey, no persistence but where an episode says otherwise"},
        "overheads": {"instrumented_to_bare_throughput": 0.99},
        "ended": "ended",
    }


def old_record(trial: Stored) -> Stored:
    """Return a trial as schema 1 stored it when it had been measured."""
    return {
        "trial": trial,
        "valid": False,
        "reasons": ["the generator was late"],
        "started_at": "2026-11-24T13:29:55+00:00",
        "attempt": 2,
        "offer": {
            "steps": ["wait"],
            "ordered": False,
            "example": {"method": "POST", "path": "/slow", "headers": {}, "body": ""},
        },
        "load": {
            "load_start_us": 10,
            "window_start_us": 20,
            "window_end_us": 30,
            "load_end_us": 40,
            "turns_us": [10, 15, 20],
            "counts": {"scheduled": 36, "sent": 36, "answered": 36, "accepted": 18},
            "dropped": 0,
            "cpu_s": 0.1,
            "recording_cpu_s": 0.001,
        },
        "slots": 2,
        "canary_job_ids": [JOB_ID],
        "drained": True,
        "held": {"a": "queue"},
        "failed": {"b": "failed jobs"},
        "gates": {"slip_p50_ms": 0.1},
        "late": True,
        "usage": {"api": {"cpu_s": 0.5, "peak_memory_bytes": 1024}},
        "settings": [{"name": "n", "value": "v", "why": "w", "source": "s"}],
        "strike": {
            "marks": [{"at_us": 25, "role": "worker", "what": "struck", "detail": ""}],
            "proven": True,
            "in_flight": 2,
            "horizon_s": 10.0,
            "redelivery_s": None,
        },
        "timing_s": {"outside": 2.0},
    }


def run_folder(path: Path, run: Mapping[str, Any] | str) -> RunFolder:
    """Write a run's record, or what is left of one."""
    (path / "run.json").write_text(run if isinstance(run, str) else json.dumps(run, indent=2))
    return RunFolder(path)


def trial_folder(path: Path, trial: Stored, text: str = "") -> RunFolder:
    """Write a trial's record beside the run's."""
    folder = run_folder(path, old_run())
    place = folder.trial(trial["id"]).path
    place.mkdir(parents=True)
    (place / "trial.json").write_text(text or json.dumps(old_record(trial), indent=2))
    return folder


def test_every_planned_trial_is_one_of_todays_kinds(tmp_path: Path) -> None:
    """With its number, what its fault hits, its durability and what it repeats."""
    assert list(run_folder(tmp_path, old_run()).read().planned) == TODAY


@pytest.mark.parametrize(("old", "today"), TRIALS, ids=[old["id"] for old in OLD])
def test_every_stored_trial_is_one_of_todays_kinds(
    tmp_path: Path, old: Stored, today: Trial
) -> None:
    """It is found by the run's plan, and says the same as that of what was planned."""
    folder = trial_folder(tmp_path, old)
    found = folder.stored(folder.read())
    assert {name: record.trial for name, record in found.items()} == {today.id: today}


@pytest.mark.parametrize(
    ("fault", "hits"),
    [
        ("F0", None),
        ("A3", Role.API),
        ("W8", Role.WORKER),
        ("R1", Role.BROKER),
        ("N1", Role.CLIENT),
        ("T2", Role.JOB),
    ],
)
def test_what_a_fault_hits_is_read_from_its_name(
    tmp_path: Path, fault: str, hits: Role | None
) -> None:
    """Schema 1 stored it nowhere else."""
    run = {**old_run(), "planned": [old_trial("one", episode=1, fault=fault, **STRUCK)]}
    (planned,) = run_folder(tmp_path, run).read().planned
    assert isinstance(planned, Episode)
    assert (planned.fault, planned.hits) == (fault, hits)


def test_the_run_keeps_what_its_profile_said(tmp_path: Path) -> None:
    """Its seed, its baseline and its level stood beside the profile, and stand in it now."""
    record = run_folder(tmp_path, old_run()).read()
    profile = record.profile
    assert (record.profile_name, profile.description) == (
        "faults", "Which accepted work survives which fault.",
    )  # fmt: skip
    assert (profile.seed, profile.baseline, profile.slots) == (7, "background_tasks", 2)
    assert profile.variants == ("documented", "hardened")
    assert profile.level == ServiceLevel(response_ms=50, completion_ms=500)
    assert [matrix.durabilities for matrix in profile.matrix] == [("save points", "AOF always")]
    assert record.workers == {"rq_queue": 2}
    assert record.cpu_sets == {Layout.SHARED_CORE: {"under_test": (0, 1), "generator": (3,)}}
    assert {trial.arm.layout for trial in record.planned} == {Layout.SHARED_CORE}
    assert (record.stack, record.ended, record.strategies) == ("embedded", "ended", {})
    assert record.overheads == {"instrumented_to_bare_throughput": 0.99}


def test_the_trial_keeps_what_was_seen_of_it(tmp_path: Path) -> None:
    """Every field but the trial itself is as it was; its queue was looked into."""
    record = trial_folder(tmp_path, OLD[-1]).trial("killed").read()
    assert (record.valid, record.reasons, record.late) == (False, ("the generator was late",), True)
    example = Example(method="POST", path="/slow")
    assert record.offer == Offer(steps=("wait",), ordered=False, example=example)
    assert record.load == Load(
        load_start_us=10, window_start_us=20, window_end_us=30, load_end_us=40,
        turns_us=(10, 15, 20), counts=Counts(scheduled=36, sent=36, answered=36, accepted=18),
        dropped=0, cpu_s=0.1, recording_cpu_s=0.001,
    )  # fmt: skip
    mark = Mark(at_us=25, role=Role.WORKER, what="struck")
    assert record.strike == Strike(marks=(mark,), proven=True, in_flight=2, horizon_s=10)
    assert (record.held, record.failed) == ({"a": "queue"}, {"b": "failed jobs"})
    assert record.inspected
    assert (record.canary_job_ids, record.attempt, record.drained) == ((UUID(JOB_ID),), 2, True)
    assert record.usage == {"api": Usage(cpu_s=0.5, peak_memory_bytes=1024)}
    assert [setting.name for setting in record.settings] == ["n"]


def test_what_is_written_again_is_of_todays_schema(tmp_path: Path) -> None:
    """It says so, and is the same when it is read."""
    folder = trial_folder(tmp_path, OLD[-1])
    run, trial = folder.read(), folder.trial("killed").read()
    folder.write(run)
    folder.trial("killed").store(trial)
    for path in (tmp_path / "run.json", folder.trial("killed").path / "trial.json"):
        assert json.loads(path.read_text())["schema"] == SCHEMA == 3
    again = folder.trial("killed").read().model_copy(update={"files": None})
    assert (folder.read(), again) == (run, trial)


def newer(record: dict[str, Any]) -> str:
    """Return a record as a newer version would store it."""
    return sealed(json.dumps({**record, "schema": SCHEMA + 1}, indent=2) + "\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (newer(old_run()), "schema: Input should be less than"),
        (newer({"all": "is new"}), "schema: Input should be less than"),
        (json.dumps(old_run(), indent=2)[:900], "Invalid JSON: EOF"),
        ("no JSON at all", "Invalid JSON"),
        ("", "Invalid JSON: EOF"),
        ("[]", "Input should be an object"),
        ("{}", "run: Field required"),
    ],
    ids=["newer", "newer and unlike", "truncated", "no JSON", "empty", "a list", "no field"],
)
def test_a_run_that_cannot_be_read_is_one_clear_line(tmp_path: Path, text: str, words: str) -> None:
    """It names the file, and what is wrong with it."""
    folder = run_folder(tmp_path, text)
    with pytest.raises(UsageError) as raised:
        folder.read()
    said = str(raised.value)
    assert said.startswith(f"{tmp_path / 'run.json'} is not a record of this version: ")
    assert words in said
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (newer(old_record(OLD[0])), "schema: Input should be less"),
        (json.dumps(old_record(OLD[0]))[:400], "Invalid JSON: EOF"),
        ("no JSON at all", "Invalid JSON"),
        (json.dumps(old_record({"kind": "wish"})), "trial: Input tag 'wish' found"),
    ],
    ids=["newer", "truncated", "no JSON", "no kind of today's"],
)
def test_a_trial_that_cannot_be_read_is_one_clear_line(
    tmp_path: Path, text: str, words: str
) -> None:
    """It names the file, and what is wrong with it."""
    folder = trial_folder(tmp_path, OLD[0], text)
    with pytest.raises(UsageError) as raised:
        folder.stored(folder.read())
    said = str(raised.value)
    assert f"{folder.trial('compared').path / 'trial.json'} is not a record" in said
    assert words in said
    assert len(said.splitlines()) == 1


def test_a_run_that_is_not_there_is_one_clear_line(tmp_path: Path) -> None:
    """With the system's own reason."""
    with pytest.raises(UsageError, match=r"run\.json cannot be read: No such file or directory$"):
        RunFolder(tmp_path).read()


@pytest.mark.parametrize(("step", "sends_mail"), [("welcome_mail", True), ("log_line", False)])
def test_an_old_offer_says_whether_it_sends_mail(step: str, *, sends_mail: bool) -> None:
    """Else a stored run would be given ratios that the mail server's sleep dilutes."""
    offered = {"steps": [step], "ordered": False}
    assert legacy.trial_record({"trial": {}, "offer": offered})["offer"]["sends_mail"] == sends_mail
    assert legacy.offer({**offered, "sends_mail": False})["sends_mail"] is False
