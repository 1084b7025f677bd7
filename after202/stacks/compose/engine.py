"""Docker, by its own command line: which engine answers, and how, is the user's choice."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence

from after202.hosts.local import ROOT
from after202.kernel.errors import TrialError, UsageError

TIMEOUT_S = 600.0
TAKEN = re.compile(r":(\d+)\b.*(?:port is already allocated|address already in use)")
UNHEALTHY = re.compile(r"container (\S+) is unhealthy|dependency failed to start: container (\S+)")
NO_COMPOSE = re.compile(
    r"unknown command: docker compose|'compose' is not a docker command|unknown shorthand flag"
)
MISSING = "docker is not installed"
WITHOUT_COMPOSE = "docker has no compose command"
NO_ENGINE = "no Docker engine answers: start it, or measure with --stack embedded"


class EngineError(TrialError):
    """A docker command failed; what it said is the message."""


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Return what a docker command prints; EngineError with what it complains of."""
    return _run(arguments, environment or {}).stdout


def shown(*arguments: str) -> None:
    """Run a docker command that takes long, and show what it says; EngineError if it fails."""
    lines: list[str] = []
    with subprocess.Popen(
        [_program(), *arguments], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as running:
        for line in running.stderr or ():
            sys.stderr.write(line)
            lines.append(line)
    if running.returncode:
        raise EngineError("".join(lines).strip() or f"docker {arguments[0]} failed without a word")


def log(container: str) -> str:
    """Return what a container has written, to either of its outputs."""
    done = _run(["logs", container], {})
    return done.stdout + done.stderr


def _run(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        done = subprocess.run(
            [_program(), *arguments],
            cwd=ROOT,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineError(f"docker {' '.join(arguments)} took over {TIMEOUT_S:.0f} s") from error
    if done.returncode:
        raise EngineError(done.stderr.strip() or f"docker {arguments[0]} failed without a word")
    return done


def _program() -> str:
    found = shutil.which("docker")
    if found is None:
        raise EngineError(MISSING)
    return found


def why(error: EngineError) -> str:
    """Return, in one line, what docker complains of."""
    said = str(error)
    if NO_COMPOSE.search(said):
        return WITHOUT_COMPOSE
    return said if said == MISSING else f"docker says: {said.splitlines()[-1]}"


def explained(error: EngineError) -> UsageError:
    """Return, in one line, what is wrong and what to do about it."""
    said = str(error)
    if taken := TAKEN.search(said):
        return UsageError(
            f"port {taken[1]} is taken: end what listens there, or name another by its variable in"
            " docker-compose.yml"
        )
    if unhealthy := UNHEALTHY.search(said):
        name = unhealthy[1] or unhealthy[2]
        return UsageError(f"{name} never became healthy ({last_words(name)}): see make logs")
    if "Cannot connect to the Docker daemon" in said:
        return UsageError(NO_ENGINE)
    complaint = why(error)
    if complaint in (MISSING, WITHOUT_COMPOSE):
        return UsageError(f"{complaint}: install it, or measure with --stack embedded")
    return UsageError(complaint)


def last_words(container: str) -> str:
    """Return the last line of a container's log."""
    try:
        lines = [line.strip() for line in log(container).split("\n") if line.strip()]
    except EngineError:
        lines = []
    return lines[-1] if lines else "its log is empty"
