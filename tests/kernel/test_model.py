"""The words of the project: what they refuse, and what survives a trip through text."""

import os
from unittest.mock import patch
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pydantic import ValidationError

from after202.kernel.model import Example, Job, Wiring
from after202.records.experiment import Arm, Arrivals
from after202.records.trial import Comparison
from workers.settings import Settings

ARM = Arm(strategy="celery_queue", workload="signup", rate_per_s=8)
JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.text(some.characters(codec="utf-8")),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text("ab"), inner),
    max_leaves=8,
)


def test_an_example_is_numbered_in_its_path_and_its_body() -> None:
    """Every place that stands for a number gets it; the original stays as it was."""
    example = Example(method="POST", path="/a/{n}?b={n}", headers={"A": "b"}, body='{"c": "{n}"}')
    numbered = example.numbered(12)
    assert (numbered.path, numbered.body) == ("/a/12?b=12", '{"c": "12"}')
    assert (numbered.method, numbered.headers) == ("POST", {"A": "b"})
    assert example.path == "/a/{n}?b={n}"


@given(some.uuids(), some.dictionaries(some.text(some.characters(codec="utf-8")), JSON))
def test_a_job_survives_a_trip_through_json(job_id: object, request: object) -> None:
    """What a queue carries is what was asked for."""
    job = Job.model_validate({"id": job_id, "workload": "signup", "request": request})
    assert Job.model_validate_json(job.model_dump_json()) == job
    assert Job.model_validate(job.model_dump(mode="json")) == job


@pytest.mark.parametrize("change", [{"id": "7"}, {"workload": None}, {"priority": 1}])
def test_a_job_that_is_not_one_is_refused(change: dict[str, object]) -> None:
    """A field that is wrong or unknown is an error, not a guess."""
    fields: dict[str, object] = {"id": str(uuid4()), "workload": "signup", "request": {}}
    Job.model_validate(fields)
    with pytest.raises(ValidationError):
        Job.model_validate(fields | change)


def test_values_are_frozen() -> None:
    """A word means the same from one end of the harness to the other."""
    with pytest.raises(ValidationError, match="frozen"):
        ARM.rate_per_s = 9


def test_wiring_survives_a_trip_through_the_environment() -> None:
    """A process under test finds its parts where the harness says they are."""
    # Given a wiring none of whose values is a default
    wiring = Wiring(
        variant="hardened",
        overrides={"worker_prefetch_multiplier": 1, "task_acks_late": True, "name": "x"},
        slots=7,
        api_processes=2,
        queue="other",
        broker_url="redis://127.0.0.1:1/2",
        cache_url="redis://127.0.0.1:3/4",
        database_url="postgresql://u:p%40@127.0.0.1:5/d",
        smtp_host="::1",
        smtp_password=str(8),
        api_key="key",
        smtp_port=6,
        data_folder="some where/a b",
        ledger_folder="some where/ü",
    )
    default = Wiring()
    assert all(getattr(wiring, name) != getattr(default, name) for name in Wiring.model_fields)

    # When a process is started with it, then it reads the same
    with patch.dict(os.environ, wiring.environment()):
        assert Wiring(**Settings().model_dump()) == wiring


@pytest.mark.parametrize("slots", ["0", "-1", "many"])
def test_a_number_of_slots_that_makes_no_sense_is_refused(slots: str) -> None:
    """A typing error does not become a measurement."""
    with patch.dict(os.environ, {"AFTER202_SLOTS": slots}), pytest.raises(ValidationError):
        Settings()


def test_the_second_copy_of_an_arm_has_a_label_of_its_own() -> None:
    """The live A/A arm is told apart from its twin, and nothing else changes its label."""
    assert ARM.label == "celery_queue"
    assert ARM.model_copy(update={"copy_number": 2}).label == "celery_queue#2"


def test_requests_fall_due_in_the_warm_up_and_the_window_and_not_in_the_drain() -> None:
    """The load is as long as both together."""
    trial = Comparison(
        id="t",
        block=0,
        arm=ARM,
        seed=1,
        arrivals=Arrivals.POISSON,
        warm_up_s=2.5,
        window_s=30,
        drain_s=60,
        bystander_per_s=1,
        slots=4,
    )
    assert trial.load_s == 32.5
    assert Comparison.model_validate_json(trial.model_dump_json()) == trial
