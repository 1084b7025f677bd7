"""What the harness and the processes under test agree on: jobs, offers, settings and wiring."""

import json
from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue

from after202.kernel.overrides import Overrides

DOCUMENTED = "documented"
HARDENED = "hardened"
DEDUPLICATED = "deduplicated"
PLACEHOLDER = "{n}"
JOB_ID_HEADER = "X-Request-ID"
ENVIRONMENT_PREFIX = "AFTER202_"
API_KEY = ENVIRONMENT_PREFIX + "API_KEY"
SMTP_PASSWORD = ENVIRONMENT_PREFIX + "SMTP_PASSWORD"
# Each API process leaves a file in the data folder once it has started: this, and its id.
API_STARTED = "api-started-"
# The name that the harness gives to its own connections to a broker.
HARNESS = "after202-harness"
# The user that our mail server knows.
MAIL_USER = "after202"
# A generated id ends with an 8-byte number; in a random UUID (RFC 9562) their first bit is 1.
NUMBERS = 2**64


def key_header(key: str) -> dict[str, str]:
    """Return the header that shows an API its key; none if the key is empty."""
    return {"Authorization": f"Bearer {key}"} if key else {}


class Value(BaseModel):
    """A frozen value object that refuses unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Job(Value):
    """The work that one request asks for."""

    id: UUID
    workload: str
    request: dict[str, JsonValue]

    @property
    def number(self) -> int | None:
        """Its number in its stream, from 1; None if its id is not from a generator."""
        return number_of(self.id)


def number_of(job_id: UUID) -> int | None:
    """Return a job's number in its stream, from 1; None if its id is not from a generator."""
    low = job_id.int % NUMBERS
    return low if low < NUMBERS // 2 else None


class Example(Value):
    """A valid request of a workload; `{n}` stands for a number that differs in each request."""

    method: str
    path: str
    headers: dict[str, str] = {}
    body: str = ""

    def numbered(self, number: int) -> "Example":
        """Fill in the number."""
        text = str(number)
        return self.model_copy(
            update={
                "path": self.path.replace(PLACEHOLDER, text),
                "body": self.body.replace(PLACEHOLDER, text),
            }
        )


class Offer(Value):
    """What an API states about one workload, under `x-workload` in its OpenAPI document.

    `sends_mail`: a job's times hold the mail server's delay. `writes` is the table to which each
    request itself adds a row before its job is submitted; empty if it adds none.
    """

    steps: tuple[str, ...]
    ordered: bool
    example: Example
    sends_mail: bool = False
    writes: str = ""


class Setting(Value):
    """One setting of a strategy, and why it is so.

    `is_default` is whether the value is the library's own, stated because figures depend on it;
    otherwise it is ours, and differs from the library's.
    """

    name: str
    value: str
    why: str
    source: str
    is_default: bool = False


class VariantFacts(Value):
    """What a variant states about itself.

    `redelivery_s`: a queue redelivers what a dead worker held within this time; None if nothing
    is held. `stop_grace_s`: how long a supervisor waits between TERM and KILL; None leaves it to
    the supervisor. `overridable` are the settings that a profile may override, with their values.
    `one_database`: the workloads' tables are in the broker's database, beside the queue's own.
    """

    settings: tuple[Setting, ...] = ()
    redelivery_s: float | None = None
    stop_grace_s: float | None = None
    overridable: Overrides = {}
    one_database: bool = False


class StrategyFacts(Value):
    """What a strategy states about itself, as `python -m apps describe` prints it.

    `source` is its module's name in apps/, or the path of the user's own file. `worker` is the
    same for its counterpart in workers/, and empty if the API does the work; then `inspector` is
    that counterpart if it can at least tell what the broker holds. `inspected` is whether one of
    them can. `foreign_message` appears in the worker's log if it received a message that is not
    ours. `failure_logged` is a regular expression
    for the id of a process whose death the worker's log reports as the failure of its job.
    `message_cpu_s` is roughly what a message costs the worker beyond its work; only estimates of a
    run's duration use it. `against` is empty, or where it comes from if not from here: another
    checkout's path, or a requirement such as `celery==5.5`.
    """

    name: str
    label: str
    summary: str
    source: str
    worker: str = ""
    inspector: str = ""
    broker: str | None = None
    prepares: bool = False
    inspected: bool = True
    foreign_message: str = ""
    failure_logged: str = ""
    message_cpu_s: float = 0.0
    against: str = ""
    variants: dict[str, VariantFacts]


class Look(Value):
    """Jobs that a queue still holds, and jobs that it keeps as failed: job id to structure.

    `unread` counts messages that the queue holds and whose job cannot be told: as long as there are
    any, no job is known to be lost.
    """

    held: dict[str, str] = {}
    failed: dict[str, str] = {}
    unread: int = 0

    @property
    def holds(self) -> bool:
        """Whether the queue holds anything that may still be done."""
        return bool(self.held or self.unread)


NO_BROKER = "none://"


class Wiring(BaseModel):
    """Where a process of the system under test finds its parts; passed in the environment.

    The URLs hold passwords where their servers require one. The API refuses requests without
    `api_key`, and the mail server those without `smtp_password`, unless it is empty. `overrides`
    are values in place of the variant's own.
    """

    variant: str = DOCUMENTED
    overrides: Annotated[Overrides, BeforeValidator(lambda given: given or {})] = {}
    slots: Annotated[int, Field(ge=1)] = 4
    api_processes: Annotated[int, Field(ge=1)] = 1
    queue: str = "after202"
    broker_url: str = NO_BROKER
    cache_url: str = "redis://127.0.0.1:6380/0"
    database_url: str = "postgresql://postgres@127.0.0.1:5432/postgres"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    smtp_password: str = ""
    api_key: str = ""
    data_folder: str = "data"
    ledger_folder: str = "ledger"

    def environment(self) -> dict[str, str]:
        """Return the wiring as environment variables."""
        return {
            ENVIRONMENT_PREFIX + name.upper(): value
            if isinstance(value, str)
            else json.dumps(value)
            for name, value in self.model_dump().items()
        }
