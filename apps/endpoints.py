"""The endpoints, the same for every strategy; what a strategy adds is how it submits a job."""

from collections.abc import AsyncIterator, Callable, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Annotated, Any
from uuid import UUID, uuid4

from fastapi import BackgroundTasks, Depends, FastAPI, Header, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from after202.kernel.errors import UsageError
from after202.kernel.model import DOCUMENTED, JOB_ID_HEADER, Job, Setting, Variant
from apps import server
from workers import services, workloads
from workers.services import database
from workers.settings import settings
from workers.workloads import UnfitInputError, Workload

Variants = Mapping[str, Variant]
Submit = Callable[[Job, BackgroundTasks], Coroutine[Any, Any, None]]
JobId = Annotated[UUID | None, Header(alias=JOB_ID_HEADER)]
ONLY_DOCUMENTED: Variants = MappingProxyType({DOCUMENTED: Variant()})
ACCEPTED = 202
UNPROCESSABLE = 422


class Accepted(BaseModel):
    """The answer to every request for a job: it was accepted, under this id."""

    job_id: UUID


class Ping(BaseModel):
    """The answer of the endpoint that does no work."""

    status: str = "ok"


class Health(BaseModel):
    """The answer of an API that is up: how it and its workers are set."""

    status: str = "ok"
    variant: str
    slots: int
    settings: list[Setting]
    redelivery_s: float | None
    stop_grace_s: float | None


def create_app(
    submit: Submit,
    strategy_settings: Sequence[Setting] = (),
    variants: Variants = ONLY_DOCUMENTED,
) -> FastAPI:
    """Return an application with a route per workload, each of which calls `submit`.

    `variants` are those that the strategy has; UsageError if the environment names another.
    """
    name = settings().variant
    if name not in variants:
        raise UsageError(f"unknown variant {name!r}: there are {', '.join(variants)}")
    chosen = variants[name]
    app = FastAPI(title="after202", version="1", lifespan=_lifespan)

    @app.get("/ping")
    async def ping() -> Ping:
        return Ping()

    @app.get("/health")
    async def health() -> Health:
        own = settings()
        return Health(
            variant=own.variant,
            slots=own.slots,
            settings=[*server.SETTINGS, *strategy_settings, *chosen.settings],
            redelivery_s=chosen.redelivery_s,
            stop_grace_s=chosen.stop_grace_s,
        )

    app.exception_handler(UnfitInputError)(_unfit_input)
    app.exception_handler(RequestValidationError)(_invalid_request)
    for name, workload in workloads.load_all().items():
        _add_route(app, name, workload, submit)
    return app


@asynccontextmanager
async def _lifespan(_: FastAPI) -> AsyncIterator[None]:
    database.create_tables(settings().database_url)
    yield
    await services.close()


async def _unfit_input(_: Request, error: Exception) -> JSONResponse:
    """Tell a client who waited for the work, which only inline's clients do."""
    return JSONResponse({"detail": str(error)}, UNPROCESSABLE)


async def _invalid_request(_: Request, error: RequestValidationError) -> JSONResponse:
    """Say what is wrong, as FastAPI does, but without the input.

    JSON can bring in what it cannot take out again (`NaN`, half a surrogate pair): FastAPI's
    own answer repeats the input, and so is a 500 for these.
    """
    said = ("type", "loc", "msg")
    detail = [{name: found[name] for name in said} for found in error.errors()]
    return JSONResponse({"detail": detail}, UNPROCESSABLE)


def _add_route(app: FastAPI, name: str, workload: Workload[Any], submit: Submit) -> None:
    async def accept(
        request: Annotated[BaseModel, Depends(workload.request)],
        background_tasks: BackgroundTasks,
        job_id: JobId = None,
    ) -> Accepted:
        asked = request.model_dump(mode="json")
        job = Job(id=job_id or uuid4(), workload=name, request=asked)
        await submit(job, background_tasks)
        return Accepted(job_id=job.id)

    async def answer(accepted: Annotated[Accepted, Depends(accept)]) -> Accepted:
        return accepted

    app.add_api_route(
        workload.path,
        answer if workload.submitted_in_dependency else accept,
        methods=[workload.example.method],
        status_code=ACCEPTED,
        name=name,
        operation_id=name,
        openapi_extra={"x-workload": workload.offer().model_dump(mode="json")},
    )
