"""A client that says exactly what it is told to, and starts of APIs and workers for it."""

import http.client
import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import workers
from after202.hosts import environments
from after202.hosts.local import Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, free_port
from after202.kernel.model import (
    DOCUMENTED,
    HARDENED,
    JOB_ID_HEADER,
    Example,
    Offer,
    Wiring,
    key_header,
)
from apps import registry
from tests.services import Services

TIMEOUT_S = 30.0
# Those of the common environment whose broker, if any, is Redis; `after202 check-strategy` is for
# the others.
STRATEGIES = [
    name
    for name in registry.names()
    if environments.is_common(name) and registry.load(name).broker in (None, "redis")
]
QUEUES = [name for name in STRATEGIES if name in workers.names()]
# How many messages a job is, beside one per step.
MESSAGES = [(name, variant) for name in QUEUES for variant in ("one_message", "batched")]
# How the API itself does the work, or hands it over, beside the documented way.
WAYS = [("background_tasks", "sync"), ("create_task", HARDENED), ("celery_queue", "outbox")]
SIDES = [*((name, DOCUMENTED) for name in STRATEGIES), *MESSAGES, *WAYS]
IN_PROCESS = [name for name in STRATEGIES if name not in QUEUES]
JSON_TYPE = {"Content-Type": "application/json"}
BOUNDARY = "tests"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        """The body, decoded."""
        return json.loads(self.body)


@dataclass
class Api:
    """A running API, with its worker if it has one; `key` is what it asks of its clients."""

    port: int
    key: str = ""
    children: list[Child] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://{HOST}:{self.port}"

    def ask(
        self,
        method: str,
        path: str,
        body: str | bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """Send one request on a connection of its own, with the key unless another is given."""
        content = body.encode() if isinstance(body, str) else body
        connection = http.client.HTTPConnection(HOST, self.port, timeout=TIMEOUT_S)
        try:
            connection.request(method, path, content, {**key_header(self.key), **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, response.read(), dict(response.headers))
        finally:
            connection.close()

    def ask_for(self, example: Example, job_id: UUID) -> Answer:
        """Send an example under a job's id."""
        headers = {**example.headers, JOB_ID_HEADER: str(job_id)}
        return self.ask(example.method, example.path, example.body, headers)

    def upload(self, content: bytes, filename: str = "visits.csv") -> tuple[UUID, Answer]:
        """Upload a file; return the job's id and the answer."""
        job_id = uuid4()
        return job_id, self.upload_as(str(job_id), content, filename)

    def upload_as(self, job_id: str, content: bytes, filename: str = "visits.csv") -> Answer:
        """Upload a file under what is given as the job's id."""
        body = (
            f"--{BOUNDARY}\r\n"
            f'Content-Disposition: form-data; name="file"; filename="{filename}"\r\n\r\n'
        ).encode()
        body += content + f"\r\n--{BOUNDARY}--\r\n".encode()
        headers = {
            "Content-Type": f"multipart/form-data; boundary={BOUNDARY}",
            JOB_ID_HEADER: job_id,
        }
        return self.ask("POST", "/uploads", body, headers)

    def offers(self) -> dict[str, Offer]:
        """Return what the API says of its workloads."""
        paths = self.ask("GET", "/openapi.json").json["paths"].values()
        operations = [operation for path in paths for operation in path.values()]
        return {
            operation["operationId"]: Offer.model_validate(operation["x-workload"])
            for operation in operations
            if "x-workload" in operation
        }

    def is_up(self) -> bool:
        """Say whether it answers."""
        try:
            return self.ask("GET", "/ping").status == http.HTTPStatus.OK
        except OSError:
            return False


class Apis:
    """Starts APIs when they are first asked for, and stops them at the end."""

    def __init__(self, services: Services, running: ExitStack) -> None:
        """Let all of them use these services, unless told otherwise."""
        self._services = services
        self._running = running
        self._started: dict[tuple[str, str], Api] = {}

    def of(self, strategy: str, variant: str = DOCUMENTED) -> Api:
        """Return the strategy's API, with its worker, started if it is not up yet."""
        wiring = self._services.wiring
        own = {} if variant == DOCUMENTED else {"queue": f"{wiring.queue}_{variant}"}
        told = wiring.model_copy(update={"variant": variant, **own})
        return self._once(strategy, told, worker=strategy in QUEUES)

    def without_worker(self, strategy: str, wiring: Wiring) -> Api:
        """Return a strategy's API alone, started if it is not up yet."""
        return self._once(strategy, wiring, worker=False)

    def _once(self, strategy: str, wiring: Wiring, *, worker: bool) -> Api:
        key = (strategy, wiring.model_dump_json())
        if key not in self._started:
            self._started[key] = self._start(strategy, wiring, worker=worker)
        return self._started[key]

    def _start(self, strategy: str, wiring: Wiring, *, worker: bool) -> Api:
        api = Api(free_port(), wiring.api_key)
        if worker:
            self._launch(api, wiring, "workers", "run", strategy)
        self._launch(api, wiring, "apps", "serve", strategy, str(api.port))
        until(f"{strategy} answering", api.is_up, TIMEOUT_S, api.children)
        return api

    def _launch(self, api: Api, wiring: Wiring, module: str, *arguments: str) -> None:
        log = self._services.folder / f"{module}-{arguments[1]}-{api.port}.log"
        command = [sys.executable, "-m", module, *arguments]
        child = Child(Launch(f"{module} {arguments[1]}", command, log, wiring.environment()))
        self._running.callback(child.kill)
        api.children.append(child)
