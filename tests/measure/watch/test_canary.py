"""The canary: what is slow costs the trial, what has another clock costs the run."""

import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from uuid import uuid4

import pytest

from after202.kernel.errors import TrialError, UsageError
from after202.kernel.ledger import EventKind, Ledger
from after202.kernel.model import Example, Offer
from after202.measure.watch import canary
from after202.measure.watch.canary import require_one_clock
from after202.measure.watch.progress import Progress
from after202.records.files import writing
from after202.stacks import api
from tests.stacks.silent import silent_api

OFFER = Offer(steps=("a",), ordered=False, example=Example(method="POST", path="/login"))


def send(submitted_to: Any, folder: Path) -> None:
    """Send a canary job to an API, where the folder may be written to."""
    stack = cast("Any", SimpleNamespace(api=submitted_to, children=[]))
    with writing(folder):
        progress = Progress(folder, (), lambda _: True)
        canary.send(stack, OFFER, uuid4(), folder, progress)


def test_a_canary_job_that_is_not_answered_in_time_costs_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for a folder that cannot be written."""
    monkeypatch.setattr(api, "TIMEOUT_S", 0.2)
    with silent_api() as silent, pytest.raises(TrialError, match="had no answer: TimeoutError"):
        send(silent, tmp_path)


def test_a_canary_job_that_does_not_end_in_time_costs_the_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was accepted, and nobody does it."""
    monkeypatch.setattr(canary, "CANARY_S", 0.2)
    accepting = SimpleNamespace(submit=lambda *_: None)
    with pytest.raises(TrialError, match="the canary job's end did not happen within"):
        send(accepting, tmp_path)


def test_a_clock_that_is_not_ours_is_an_error(tmp_path: Path) -> None:
    """The canary's events lie between its sending and its end, or no time means anything."""
    before_ns = time.monotonic_ns()
    Ledger(tmp_path).record(EventKind.START, uuid4(), 0)
    after_ns = time.monotonic_ns()
    require_one_clock(tmp_path, before_ns, after_ns)
    for off_ns in (-3_000_000_000, 3_000_000_000):
        said = r"(2\.9|3\.0)\d+ s apart.*docker compose run --rm bench"
        with pytest.raises(UsageError, match=said):
            require_one_clock(tmp_path, before_ns + off_ns, after_ns + off_ns)


def test_an_answer_may_take_as_long_as_the_canary_job() -> None:
    """Inline answers when the job is done."""
    assert api.TIMEOUT_S >= canary.CANARY_S
