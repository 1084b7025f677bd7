"""What the embedded stacks of a run share."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from after202.hosts.part import Host, Part
from after202.servers.postgres import Postgres


@dataclass(frozen=True)
class Shared:
    """What the services give every trial; `broker_url` is the user's own server, if any."""

    host: Host
    scratch: Path
    stopping: Event
    postgres: Postgres
    smtp_port: int
    smtp_password: str
    services: Mapping[str, Part]
    broker_url: str | None = None
