"""What the harness and the processes under test agree on: jobs, offers, settings and wiring."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

DOCUMENTED = "documented"
HARDENED = "hardened"
DEDUPLICATED = "deduplicated"
PLACEHOLDER = "{n}"
JOB_ID_HEADER = "X-Request-ID"
ENVIRONMENT_PREFIX = "AFTER202_"
# A generated id ends with a number of 8 bytes; in a random one (RFC 9562) these begin with a 1.
NUMBERS = 2**64


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
        """Its number among those of its stream, from 1 on; None if no generator gave it its id."""
        low = self.id.int % NUMBERS
        return low if low < NUMBERS // 2 else None


class Example(Value):
    """A valid request of a workload; `{n}` stands for a number that differs each time."""

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
    """What an API says of one workload, in its OpenAPI document under `x-workload`."""

    steps: tuple[str, ...]
    ordered: bool
    example: Example


class Setting(Value):
    """One setting of a strategy that differs from the library's default, and why."""

    name: str
    value: str
    why: str
    source: str


class Variant(Value):
    """One way to set a strategy up.

    A queue hands out again, within `redelivery_s`, what a worker held that died; None where
    nobody holds anything. A supervisor kills what has not ended `stop_grace_s` after it was asked
    to; None leaves that to the supervisor.
    """

    settings: tuple[Setting, ...] = ()
    redelivery_s: float | None = None
    stop_grace_s: float | None = None


class Wiring(BaseModel):
    """Where a process of the system under test finds its parts; passed by the environment."""

    variant: str = DOCUMENTED
    slots: Annotated[int, Field(ge=1)] = 4
    queue: str = "after202"
    broker_url: str = "redis://127.0.0.1:6379/0"
    cache_url: str = "redis://127.0.0.1:6380/0"
    database_url: str = "postgresql://postgres@127.0.0.1:5432/postgres"
    smtp_host: str = "127.0.0.1"
    smtp_port: int = 8025
    data_folder: str = "data"
    ledger_folder: str = "ledger"

    def environment(self) -> dict[str, str]:
        """Return the environment variables that say the same."""
        return {
            ENVIRONMENT_PREFIX + name.upper(): str(value)
            for name, value in self.model_dump().items()
        }
