"""The workloads: each file in this folder defines one, as `WORKLOAD`."""

import asyncio
import importlib
import pkgutil
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from functools import cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel

from after202.kernel.model import Example, Job, Offer
from workers.services.database import Row

Request = TypeVar("Request", bound=BaseModel)
Effect = TypeVar("Effect")


class UnfitInputError(ValueError):
    """The work cannot be done with this job's input."""


@dataclass(frozen=True)
class Step(Generic[Request]):
    """One part of a job, in two forms with the same effect."""

    name: str
    run: Callable[[UUID, Request], None]
    run_async: Callable[[UUID, Request], Awaitable[None]]


@dataclass(frozen=True)
class Written(Generic[Request]):
    """What a request itself adds to the database: a row of a table that has a `job_id`."""

    table: str
    row: Callable[[UUID, Request], Row]


def nothing_stored(_: BaseModel) -> AbstractAsyncContextManager[None]:
    """Store nothing: the job's message holds all of the request."""
    return nullcontext()


@dataclass(frozen=True)
class Workload(Generic[Request]):
    """An endpoint and the steps that each of its requests asks for.

    `request` is a FastAPI dependency that returns the validated request. It is async because
    FastAPI would call a plain function in a thread. `ordered` means that each step needs the one
    before it, `sends_mail` that a step sends mail. With `submitted_in_dependency`, a dependency
    submits the job before the endpoint's own body runs. `stored(request)` is entered around the
    submission, once the whole request is valid: it stores what the job's message only names, and
    removes it if the submission raises. `written` is the row that the request itself adds to the
    database before its job is submitted: a submission that fails leaves it there.
    """

    path: str
    model: type[Request]
    request: Callable[..., Coroutine[Any, Any, Request]]
    steps: tuple[Step[Request], ...]
    example: Example
    ordered: bool = False
    sends_mail: bool = False
    submitted_in_dependency: bool = False
    stored: Callable[[Request], AbstractAsyncContextManager[None]] = nothing_stored
    written: Written[Request] | None = None

    def parse(self, job: Job) -> Request:
        """Return the job's request as this workload's model."""
        return self.model.model_validate(job.request)

    def offer(self) -> Offer:
        """Return how an API describes this workload."""
        names = tuple(step.name for step in self.steps)
        return Offer(
            steps=names,
            ordered=self.ordered,
            example=self.example,
            sends_mail=self.sends_mail,
            writes=self.written.table if self.written else "",
        )

    def row(self, job_id: UUID, request: Request) -> Row | None:
        """Return the row that a request itself adds to the database; None if it adds none."""
        return self.written.row(job_id, request) if self.written else None


def effect(
    name: str,
    describe: Callable[[UUID, Request], Effect],
    apply: Callable[[Effect], None],
    apply_async: Callable[[Effect], Awaitable[None]],
) -> Step[Request]:
    """Return a step whose effect is described once and applied by a service, sync or async."""

    def run(job_id: UUID, request: Request) -> None:
        apply(describe(job_id, request))

    async def run_async(job_id: UUID, request: Request) -> None:
        await apply_async(describe(job_id, request))

    return Step(name, run, run_async)


def in_thread(name: str, run: Callable[[UUID, Request], None]) -> Step[Request]:
    """Return a step of blocking code; its async form runs in a thread, off the event loop."""

    async def run_async(job_id: UUID, request: Request) -> None:
        await asyncio.to_thread(run, job_id, request)

    return Step(name, run, run_async)


def names() -> list[str]:
    """Return the names of the workloads: the files in this folder."""
    return sorted(module.name for module in pkgutil.iter_modules(__path__))


@cache
def load(name: str) -> Workload[Any]:
    """Return a workload by name; ModuleNotFoundError if there is no such file."""
    workload: Workload[Any] = importlib.import_module(f"{__name__}.{name}").WORKLOAD
    return workload


def load_all() -> dict[str, Workload[Any]]:
    """Return every workload by its name."""
    return {name: load(name) for name in names()}
