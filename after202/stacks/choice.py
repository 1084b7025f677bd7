"""Chooses a run's stack: the services of docker-compose.yml if they are up, else its own."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from after202.hosts import environments
from after202.hosts.cpus import CpuSets
from after202.kernel.errors import UsageError
from after202.kernel.paths import IS_CHECKOUT
from after202.records.experiment import Role
from after202.records.run import RunRecord
from after202.stacks.compose import images
from after202.stacks.compose import project as projects
from after202.stacks.compose import services as compose
from after202.stacks.compose.engine import (
    EngineError,
    explained,
    explaining,
    require_answer,
    shown,
    why,
)
from after202.stacks.compose.project import CACHE, DATABASE, MAIL
from after202.stacks.embedded.services import EmbeddedServices
from after202.stacks.interface import Services

AUTO, EMBEDDED, COMPOSE = "auto", "embedded", "compose"
NO_FILE = "an installed package has no docker-compose.yml"
STACKS = (AUTO, EMBEDDED, COMPOSE)


@dataclass(frozen=True)
class Choice:
    """A stack and the reason for it; for compose, also the workers per queue and the versions."""

    kind: str
    reason: str
    workers: Mapping[str, int] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)


OWN_BROKER = Choice(EMBEDDED, "the user's own broker is used")


def choose(wanted: str) -> Choice:
    """Return the requested stack, or the best available one; UsageError if it is unavailable."""
    if wanted not in STACKS:
        raise UsageError(f"unknown stack {wanted!r}: there are {', '.join(STACKS)}")
    if wanted == EMBEDDED:
        return Choice(EMBEDDED, "asked for")
    if not IS_CHECKOUT:
        if wanted == COMPOSE:
            require_checkout()
        return Choice(EMBEDDED, NO_FILE)
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


def has_service(strategy: str) -> bool:
    """Whether docker-compose.yml, if there is one, has an API of the strategy."""
    return strategy in projects.labelled()


def bring_up(strategies: Collection[str]) -> None:
    """Build and start the services of strategies, or of the common environment if none is named.

    What is up already is built and started again too, so that none is left with an older image.
    """
    with explaining():
        project = projects.read()
        every = sorted({*strategies, *project.strategies()})
        profiles = [word for name in every for word in ("--profile", name)]
        # An API's service starts all that it depends on.
        services = [project.service(Role.API, name) for name in every] if strategies else []
        shown("compose", *profiles, "up", "--detach", "--build", "--wait", *services)


def not_up(strategies: Iterable[str]) -> list[str]:
    """Return which of these strategies have services that are not up, or not current."""
    with explaining():
        project = projects.read()
        return [name for name in strategies if not project.is_up(name)]


def libraries(strategies: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the version of each library in the image of every strategy that has one of its own."""
    own = [name for name in strategies if not environments.is_common(name)]
    with explaining():
        project = projects.read()
        return {name: images.libraries(project, name) for name in own}


def require_checkout() -> None:
    """Raise UsageError where there is no docker-compose.yml."""
    if not IS_CHECKOUT:
        raise UsageError(f"{NO_FILE}: measure with --stack embedded, or in a checkout")


def services(
    record: RunRecord, scratch: Path, logs: Path, cpus: CpuSets, broker_url: str | None
) -> Services:
    """Return the services that a run's trials share; nothing is started yet."""
    delay_ms, strategies = record.profile.mail_delay_ms, record.strategies
    if record.stack == EMBEDDED:
        return EmbeddedServices(
            scratch,
            logs,
            cpus,
            mail_delay_ms=delay_ms,
            strategies=strategies,
            broker_url=broker_url,
        )
    return compose.ComposeServices(scratch, cpus, delay_ms, record.workers, strategies)


def _why_not_compose() -> str:
    """Return why the compose stack cannot be used, empty if it can; EngineError without Docker."""
    require_answer()
    project = projects.read()
    running = project.running()
    missing = sorted({CACHE, DATABASE, MAIL} - running.keys())
    if not running:
        return "the services of docker-compose.yml are not up"
    if not projects.is_ours(project):
        return f"the services of project {project.name} belong to another checkout"
    return (
        f"not all services of docker-compose.yml are up: missing {', '.join(missing)}"
        if missing
        else ""
    )


def _compose(reason: str) -> Choice:
    try:
        project = projects.read()
        return Choice(COMPOSE, reason, project.workers(), compose.versions(project))
    except EngineError as error:
        raise explained(error) from error
