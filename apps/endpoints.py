"""The endpoints, the same for every strategy; strategies differ only in how they submit a job."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from after202.kernel.model import JOB_ID_HEADER, Job, Setting, Wiring
from after202.kernel.overrides import Overrides
from apps import door, server
from apps.door import Door, Limits, Refusal
from apps.strategy import Strategy, Variant
from workers import services, workloads
from workers.services import database
from workers.workloads import UnfitInputError, Workload

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
JobId = Annotated[UUID | None, Header(alias=JOB_ID_HEADER)]
# FastAPI's answer to a body that it cannot read at all, such as one that is not text.
UNREADABLE: dict[int | str, dict[str, Any]] = {
    HTTPStatus.BAD_REQUEST: {"model": Refusal, "description": "The body cannot be read"}
}


class Accepted(BaseModel):
    """The answer to every request for a job: the job was accepted under this id."""

    job_id: UUID


class Ping(BaseModel):
    """The answer of the endpoint that does no work."""

    status: str = "ok"


class Health(BaseModel):
    """The answer of an API that is up: how it and its workers are configured."""

    status: str = "ok"
    variant: str
    slots: int
    settings: list[Setting]
    redelivery_s: float | None
    stop_grace_s: float | None
    overridable: Overrides
    one_database: bool


def create_app(strategy: Strategy, wiring: Wiring, limits: Limits = door.LIMITS) -> FastAPI:
    """Return an application with one route per workload, which submits jobs to the strategy.

    Its door requires the wiring's key and holds bodies to the limits, for every strategy alike.

    UsageError if the strategy does not have the variant or the settings that the wiring names.
    """
    variant, facts = strategy.variant(wiring), strategy.facts(wiring)
    lifespan = _lifespan(strategy, wiring)
    app = FastAPI(title="after202", version="1", lifespan=lifespan, responses=door.ANSWERS)
    app.add_middleware(Door, api_key=wiring.api_key, limits=limits)

    @app.get("/ping")
    async def ping() -> Ping:
        return Ping()

    @app.get("/health")
    async def health() -> Health:
        return Health(
            variant=wiring.variant,
            slots=wiring.slots,
            settings=[*server.SETTINGS, *facts.settings],
            redelivery_s=facts.redelivery_s,
            stop_grace_s=facts.stop_grace_s,
            overridable=facts.overridable,
            one_database=facts.one_database,
        )

    app.exception_handler(UnfitInputError)(_unfit_input)
    app.exception_handler(RequestValidationError)(_invalid_request)
    for name, workload in workloads.load_all().items():
        _add_route(app, name, workload, variant)
    return app


def _lifespan(strategy: Strategy, wiring: Wiring) -> Lifespan:
    """Return the lifespan: create the tables, run the strategy, then close the services."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        database.create_tables(wiring.database_url)
        async with strategy.running(wiring):
            server.mark_started(wiring)
            yield
        await services.close()

    return lifespan


async def _unfit_input(_: Request, error: Exception) -> JSONResponse:
    """Answer 422 when the work rejects its input; only clients of Inline wait for that."""
    return _unprocessable([{"type": "unfit_input", "loc": ["body"], "msg": str(error)}])


async def _invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
    """Answer 422 with FastAPI's own details, but without the input.

    Some input parses as JSON but cannot be written back as JSON (`NaN`, half a surrogate pair).
    FastAPI's own answer repeats the input, so it would fail with a 500 for these.
    """
    said = ("type", "loc", "msg")
    detail = [{name: found[name] for name in said} for found in error.errors()]
    return _unprocessable(detail)


def _unprocessable(detail: list[dict[str, Any]]) -> JSONResponse:
    return JSONResponse({"detail": detail}, HTTPStatus.UNPROCESSABLE_ENTITY)


def _add_route(app: FastAPI, name: str, workload: Workload[Any], variant: Variant) -> None:
    async def accept(
        request: Annotated[BaseModel, Depends(workload.request)],
        background_tasks: BackgroundTasks,
        job_id: JobId = None,
    ) -> Accepted:
        asked = request.model_dump(mode="json")
        job = Job(id=job_id or uuid4(), workload=name, request=asked)
        async with workload.stored(request):
            await variant.accept(job, background_tasks, workload.row(job.id, request))
        return Accepted(job_id=job.id)

    async def answer(accepted: Annotated[Accepted, Depends(accept)]) -> Accepted:
        return accepted

    app.add_api_route(
        workload.path,
        answer if workload.submitted_in_dependency else accept,
        methods=[workload.example.method],
        status_code=HTTPStatus.ACCEPTED,
        responses=UNREADABLE if workload.example.body else {},
        name=name,
        operation_id=name,
        openapi_extra={"x-workload": workload.offer().model_dump(mode="json")},
    )
