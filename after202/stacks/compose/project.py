"""The compose project: docker-compose.yml as Compose reads it, and its containers."""

import json
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from after202.kernel.errors import TrialError, UsageError
from after202.kernel.paths import SUITE
from after202.records.experiment import Role
from after202.stacks.compose.engine import EngineError, docker, why

FILE = SUITE / "docker-compose.yml"
# With the services behind every profile.
COMPOSE = ("compose", "--profile", "*")
LABELLED = re.compile(r"after202\.strategy: (\w+)")
CACHE, DATABASE, MAIL = "cache", "postgres", "mail"
# It ends as soon as there is a password, and has the image of the common environment.
SECRET = "secret"  # noqa: S105 - a service's name
# The role of a service that makes what a strategy's API and worker need, and then ends.
PREPARE = "prepare"
# Where every container finds the stack's password.
PASSWORD_FILE = "/run/after202/password"  # noqa: S105 - where it is, not what it is
ROLE, STRATEGY = "after202.role", "after202.strategy"
OF_PROJECT, OF_SERVICE = "com.docker.compose.project", "com.docker.compose.service"


def labelled() -> set[str]:
    """Return the strategies that have services, as the file says; no engine is asked."""
    return set(LABELLED.findall(FILE.read_text(encoding="utf-8"))) if FILE.is_file() else set()


@dataclass(frozen=True)
class Project:
    """The project's name, and its services as `docker compose config` prints them."""

    name: str
    services: Mapping[str, dict[str, Any]]

    def service(self, role: str, strategy: str | None = None) -> str:
        """Return the service with a role, found by its labels; UsageError if there is none."""
        for name, service in self.services.items():
            labels = service.get("labels", {})
            if labels.get(ROLE) == role and labels.get(STRATEGY) in {None, strategy}:
                return name
        raise UsageError(
            f"docker-compose.yml has no {role} of {strategy}: add a service with the labels"
            f" {ROLE} and {STRATEGY}, or measure with --stack embedded"
        )

    def port(self, service: str) -> int:
        """Return the port of this machine on which a service is published."""
        return int(self.services[service]["ports"][0]["published"])

    def environment(self, service: str) -> dict[str, str]:
        """Return a service's environment variables."""
        return dict(self.services[service].get("environment", {}))

    def password(self) -> str:
        """Return the stack's password, which the running mail server can read."""
        return docker("compose", "exec", "-T", MAIL, "cat", PASSWORD_FILE).strip()

    def of(self, strategy: str) -> list[str]:
        """Return the services of a strategy alone."""
        return [name for name in self.services if self._strategy(name) == strategy]

    def is_up(self, strategy: str) -> bool:
        """Return whether something runs in the image of a strategy's API, so that it is current.

        `secret` builds the common environment's image each time that anything is brought up.
        """
        image = self.services[self.service(Role.API, strategy)]["image"]
        known = self.services.keys() & {SECRET, *self.running()}
        return image in {self.services[name]["image"] for name in known}

    def is_prepared(self, service: str) -> bool:
        """Return whether a service belongs to a strategy that has a service to prepare it."""
        strategy = self._strategy(service)
        mates = self.of(strategy) if strategy else []
        return any(self.services[name]["labels"][ROLE] == PREPARE for name in mates)

    def running(self) -> Counter[str]:
        """Return how many containers of each service run."""
        listed = docker("ps", *self._filters(), "--format", f'{{{{.Label "{OF_SERVICE}"}}}}')
        return Counter(listed.split())

    def strategies(self) -> set[str]:
        """Return the strategies that have a container running."""
        return {self._strategy(name) for name in self.running()} - {""}

    def workers(self) -> dict[str, int]:
        """Return how many worker containers run for each strategy that has any."""
        running = self.running()
        return {
            self._strategy(name): running[name]
            for name, service in self.services.items()
            if service.get("labels", {}).get(ROLE) == Role.WORKER and running[name]
        }

    def containers(self, service: str) -> list[str]:
        """Return the ids of a service's containers."""
        return docker("ps", "--all", "--quiet", "--no-trunc", *self._filters(service)).split()

    def up(
        self, services: Sequence[str], environment: Mapping[str, str], scale: Mapping[str, int]
    ) -> None:
        """Recreate services without their old data and start them; do not wait for them."""
        options = ["--detach", "--no-deps", "--no-build", "--force-recreate", "-V"]
        scales = [word for name, n in scale.items() for word in ("--scale", f"{name}={n}")]
        docker(*COMPOSE, "up", *options, *scales, *services, environment=environment)

    def up_in_order(self, scale: Mapping[str, int]) -> None:
        """Start services once what they depend on is ready."""
        scales = [word for name, n in scale.items() for word in ("--scale", f"{name}={n}")]
        docker(*COMPOSE, "up", "--detach", "--no-build", "--no-recreate", *scales, *scale)

    def prepare(self, strategy: str, environment: Mapping[str, str]) -> None:
        """Have a strategy make what its API and its worker need; TrialError if that fails."""
        options = ["--rm", "--no-deps", "--no-TTY", self.service(PREPARE, strategy)]
        try:
            docker(*COMPOSE, "run", *options, environment=environment)
        except EngineError as error:
            raise TrialError(f"the strategy's prepare() failed: {why(error)}") from error

    def remove_all_but(self, kept: Collection[str]) -> None:
        """Remove the containers of every other service, in whatever state they are."""
        listed = docker(
            "ps",
            "--all",
            *self._filters(),
            "--format",
            f'{{{{.ID}}}} {{{{.Label "{OF_SERVICE}"}}}}',
        )
        pairs = [line.split() for line in listed.splitlines()]
        remove([container for container, service in pairs if service not in kept])

    def _strategy(self, service: str) -> str:
        """Return the strategy that a service belongs to; empty if several may use it."""
        return str(self.services.get(service, {}).get("labels", {}).get(STRATEGY, ""))

    def _filters(self, service: str | None = None) -> list[str]:
        labels = {OF_PROJECT: self.name} | ({OF_SERVICE: service} if service else {})
        return [word for k, v in labels.items() for word in ("--filter", f"label={k}={v}")]


def read() -> Project:
    """Have Compose read the file; EngineError if there is no Docker or the file is invalid."""
    found = json.loads(docker(*COMPOSE, "config", "--format", "json"))
    return Project(found["name"], found["services"])


def listed(cpus: Sequence[int]) -> str:
    """Return processors as Compose's `cpuset` has them."""
    return ",".join(map(str, cpus))


def remove(containers: Sequence[str]) -> None:
    """Remove containers and their data, in whatever state they are."""
    if containers:
        docker("rm", "--force", "--volumes", *containers)


def is_ours(project: Project) -> bool:
    """Return whether the running project was started from this checkout."""
    try:
        listed = json.loads(docker("compose", "ls", "--format", "json"))
    except EngineError:
        return False
    return any(
        entry["Name"] == project.name and str(FILE) in entry["ConfigFiles"].split(",")
        for entry in listed
    )
