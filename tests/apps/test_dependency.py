"""Where a job is submitted: by the endpoint, or by a dependency before the endpoint's own body."""

import asyncio
import json
import threading
import traceback
from collections.abc import MutableMapping
from typing import Any

import pytest
from fastapi import BackgroundTasks, FastAPI

from after202.kernel.model import Example, Job, Wiring
from apps.endpoints import create_app
from apps.strategy import Strategy, Submit, Variant
from workers import workloads

SUBMITTED_IN_DEPENDENCY = ["send_notification"]
# An upload has a file in its body, and a request that writes a row itself needs a database.
ELSEWHERE = ["uploads", *(name for name in workloads.names() if workloads.load(name).written)]
BY_ENDPOINT = [n for n in workloads.names() if n not in [*SUBMITTED_IN_DEPENDENCY, *ELSEWHERE]]


def app_of(submit: Submit) -> FastAPI:
    """Return the application of a strategy that submits so."""
    return create_app(Strategy("Noting", documented=Variant(submit)), Wiring())


def places_of(workload: str) -> list[str]:
    """Return the names of the functions that a job's submission is called from."""
    places: list[str] = []

    async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
        """Note who calls."""
        assert (job.workload, background_tasks.tasks) == (workload, [])
        places.extend(frame.name for frame in traceback.extract_stack())

    example = workloads.load(workload).example.numbered(1)
    status, body = asyncio.run(exchange(app_of(submit), example))
    assert status == 202
    assert list(json.loads(body)) == ["job_id"]
    return places


@pytest.mark.parametrize("workload", SUBMITTED_IN_DEPENDENCY)
def test_a_notification_is_submitted_while_dependencies_are_solved(workload: str) -> None:
    """As in the tutorial: the endpoint's own body does not run before."""
    places = places_of(workload)
    assert "solve_dependencies" in places
    assert "run_endpoint_function" not in places


@pytest.mark.parametrize("workload", BY_ENDPOINT)
def test_all_other_jobs_are_submitted_by_the_endpoint(workload: str) -> None:
    """After every dependency was solved."""
    places = places_of(workload)
    assert "run_endpoint_function" in places
    assert "solve_dependencies" not in places


@pytest.mark.parametrize("workload", [*SUBMITTED_IN_DEPENDENCY, *BY_ENDPOINT])
def test_no_request_is_taken_in_a_thread(workload: str) -> None:
    """FastAPI gives a dependency that is a plain function to a thread, and waits for it."""
    before, threads = set(threading.enumerate()), set()

    async def submit(_: Job, __: BackgroundTasks) -> None:
        threads.update(threading.enumerate())

    example = workloads.load(workload).example.numbered(1)
    status, _ = asyncio.run(exchange(app_of(submit), example))
    assert status == 202
    assert threads
    assert threads <= before


async def exchange(app: FastAPI, example: Example) -> tuple[int, bytes]:
    """Hand one request to an application, without a server."""
    path, _, query = example.path.partition("?")
    headers = [(name.lower().encode(), value.encode()) for name, value in example.headers.items()]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": example.method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": headers,
    }
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": example.body.encode(), "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:])
