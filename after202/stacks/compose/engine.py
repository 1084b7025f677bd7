"""Runs docker's command line, which leaves the choice of the engine to the user."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from after202.kernel.errors import TrialError, UsageError
from after202.kernel.paths import SUITE

TIMEOUT_S, ANSWERED_S = 600.0, 5.0
TAKEN = re.compile(r":(\d+)\b.*(?:port is already allocated|address already in use)")
UNHEALTHY = re.compile(r"container (\S+) is unhealthy|dependency failed to start: container (\S+)")
FAILED = re.compile(r'service "(\S+)" didn\'t complete successfully')
NO_COMPOSE = re.compile(
    r"unknown command: docker compose|'compose' is not a docker command|unknown shorthand flag"
    r"|unknown flag: --profile"
)
HELP = re.compile(r"(Run|See) 'docker .*--help'|Usage:")
MISSING = "docker is not installed"
WITHOUT_COMPOSE = "docker has no compose command"
NO_ENGINE = "no Docker engine answers: start it, or measure with --stack embedded"


class EngineError(TrialError):
    """A docker command failed; the message is what docker printed."""


def docker(*arguments: str, environment: Mapping[str, str] | None = None) -> str:
    """Return the output of a docker command; EngineError with docker's message if it fails."""
    return _run(arguments, environment or {}).stdout


def require_answer() -> None:
    """Raise EngineError unless an engine answers within a few seconds; leave no child behind."""
    _run(["version", "--format", "{{.Server.Version}}"], {}, ANSWERED_S)


def shown(*arguments: str) -> None:
    """Run a long docker command and show its messages as they come; EngineError if it fails."""
    lines: list[str] = []
    with subprocess.Popen(
        [_program(), *arguments], cwd=SUITE, stderr=subprocess.PIPE, text=True
    ) as running:
        for line in running.stderr or ():
            sys.stderr.write(line)
            lines.append(line)
    if running.returncode:
        raise EngineError("".join(lines).strip() or f"docker {arguments[0]} failed, no message")


def log(container: str) -> str:
    """Return everything a container has written to standard output and standard error."""
    done = _run(["logs", container], {})
    return done.stdout + done.stderr


def _run(
    arguments: Sequence[str], environment: Mapping[str, str], timeout_s: float = TIMEOUT_S
) -> subprocess.CompletedProcess[str]:
    with subprocess.Popen(
        [_program(), *arguments],
        cwd=SUITE,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as running:
        try:
            output, errors = running.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            # Docker's plug-ins are its own children, in its session.
            os.killpg(running.pid, signal.SIGKILL)
            said = f"docker {arguments[0]} gave no answer within {timeout_s:.0f} s"
            raise EngineError(said) from error
    if running.returncode:
        raise EngineError(errors.strip() or f"docker {arguments[0]} failed, no message")
    return subprocess.CompletedProcess(arguments, running.returncode, output, errors)


def _program() -> str:
    found = shutil.which("docker")
    if found is None:
        raise EngineError(MISSING)
    return found


def why(error: EngineError) -> str:
    """Return docker's complaint in one line."""
    said = str(error)
    if NO_COMPOSE.search(said):
        return WITHOUT_COMPOSE
    return said if said == MISSING else f"docker says: {_complaint(said)}"


def _complaint(said: str) -> str:
    """Return the line that says what is wrong: the last one that is not a pointer to the help."""
    lines = [line for line in said.splitlines() if line.strip() and not HELP.match(line)]
    return lines[-1] if lines else said


def explained(error: EngineError) -> UsageError:
    """Return an error that says, in one line, what is wrong and what to do about it."""
    said = str(error)
    if taken := TAKEN.search(said):
        return UsageError(
            f"port {taken[1]} is taken: stop what listens there, or choose another port with its"
            " variable in docker-compose.yml"
        )
    if unhealthy := UNHEALTHY.search(said):
        name = unhealthy[1] or unhealthy[2]
        return UsageError(f"{name} never became healthy ({last_words(name)}): see make logs")
    if failed := FAILED.search(said):
        return UsageError(f"{failed[1]} failed: {last_words(_container(failed[1]))}")
    if "Cannot connect to the Docker daemon" in said:
        return UsageError(NO_ENGINE)
    complaint = why(error)
    if complaint in (MISSING, WITHOUT_COMPOSE):
        return UsageError(f"{complaint}: install it, or measure with --stack embedded")
    return UsageError(complaint)


@contextmanager
def explaining() -> Iterator[None]:
    """Turn an EngineError into an error that says what to do about it."""
    try:
        yield
    except EngineError as error:
        raise explained(error) from error


def _container(service: str) -> str:
    """Return the id of a service's only container, whether it runs or not."""
    return docker("compose", "ps", "--all", "--quiet", service).strip()


def last_words(container: str) -> str:
    """Return the last line of a container's log."""
    try:
        lines = [line.strip() for line in log(container).split("\n") if line.strip()]
    except EngineError:
        lines = []
    return lines[-1] if lines else "its log is empty"
