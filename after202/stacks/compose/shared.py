"""What the stacks of a run on compose share."""

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Event

from after202.stacks.compose.project import Project


@dataclass(frozen=True)
class Shared:
    """What the services give every trial: the project, its variables, and the owner of its files.

    `password` is the one that the broker, the cache, PostgreSQL and the mail server require.
    `workers` is how many worker containers each strategy had running before the run.
    """

    project: Project
    stopping: Event
    database_url: str
    password: str
    user: int
    group: int
    workers: Mapping[str, int]
    environment: Mapping[str, str]
