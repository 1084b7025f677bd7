"""Which stack a run takes: the services of docker-compose.yml if they are up, else its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from after202.hosts.machine import CpuSets
from after202.kernel.errors import UsageError
from after202.records.trial import RunRecord
from after202.stacks.compose import project as projects
from after202.stacks.compose import services as compose
from after202.stacks.compose.engine import EngineError, explained, why
from after202.stacks.embedded.services import EmbeddedServices
from after202.stacks.interface import Services

AUTO, EMBEDDED, COMPOSE = "auto", "embedded", "compose"
STACKS = (AUTO, EMBEDDED, COMPOSE)


@dataclass(frozen=True)
class Choice:
    """A stack and why; with compose, each queue's number of workers and the images' versions."""

    kind: str
    reason: str
    workers: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


OWN_BROKER = Choice(EMBEDDED, "a broker of the user's own is given")


def choose(wanted: str) -> Choice:
    """Return the stack that is asked for, or the one that is there; UsageError if it is not."""
    if wanted not in STACKS:
        raise UsageError(f"unknown stack {wanted!r}: there are {', '.join(STACKS)}")
    if wanted == EMBEDDED:
        return Choice(EMBEDDED, "asked for")
    try:
        why_not = _why_not_compose()
    except EngineError as error:
        if wanted == COMPOSE:
            raise explained(error) from error
        return Choice(EMBEDDED, why(error))
    if not why_not:
        return _compose("asked for" if wanted == COMPOSE else "its services are up")
    if wanted == COMPOSE:
        raise UsageError(f"{why_not}: run make up, or docker compose up -d --wait")
    return Choice(EMBEDDED, why_not)


def services(record: RunRecord, scratch: Path, logs: Path, cpus: CpuSets) -> Services:
    """Return what the trials of a run share; nothing of it is started yet."""
    mail_delay_ms = float(record.profile["mail_delay_ms"])
    if record.stack == EMBEDDED:
        return EmbeddedServices(scratch, logs, cpus, mail_delay_ms)
    return compose.ComposeServices(scratch, cpus, mail_delay_ms, record.workers)


def _why_not_compose() -> str:
    """Say why the compose stack cannot be taken; nothing if it can, EngineError without one."""
    project = projects.read()
    running = project.running()
    missing = sorted(set(project.needed()) - running.keys())
    if not running:
        return "the services of docker-compose.yml are not up"
    if not projects.is_ours(project):
        return f"the services called {project.name} are those of another checkout"
    return f"of docker-compose.yml, {', '.join(missing)} is not up" if missing else ""


def _compose(reason: str) -> Choice:
    try:
        project = projects.read()
        return Choice(COMPOSE, reason, project.workers(), compose.versions(project))
    except EngineError as error:
        raise explained(error) from error
