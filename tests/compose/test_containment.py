"""Who may enter the stack in containers, what its containers may do, and where its password is."""

import json
import smtplib
from base64 import b64encode
from http.client import HTTPConnection
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from after202.stacks.compose import project as projects
from after202.stacks.compose.project import CACHE, DATABASE, MAIL, Project
from tests.compose.conftest import Bench, docker
from tests.compose.test_compose import refused

pytestmark = pytest.mark.compose
HOST, UNAUTHORIZED, OK = "127.0.0.1", 401, 200
DASHBOARDS = ("flower", "rq-dashboard")
# Only root can use these, and only `bench` can be run as root.
FOR_ROOT = {"bench": ["CHOWN", "DAC_OVERRIDE", "KILL", "SETGID", "SETUID"]}


@pytest.fixture
def stack(up: None) -> Project:  # noqa: ARG001 - it must run
    """Give the project, running."""
    return projects.read()


@pytest.fixture
def password(stack: Project) -> str:
    """Give the running stack's password."""
    return stack.password()


def holding(secret: str, folder: Path) -> list[Path]:
    """Return the files below a folder that contain a text."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if secret.encode() in path.read_bytes()]


def inspected() -> str:
    """Return all that the engine says of the project's containers."""
    ours = docker("compose", "--profile", "*", "ps", "--all", "--quiet").split()
    return docker("inspect", *ours)


def command_lines() -> list[str]:
    """Return the command line of every process on this machine, those in containers included."""
    found = psutil.process_iter(["cmdline"])
    return [" ".join(process.info["cmdline"] or ()) for process in found]


def status(port: int, credentials: str = "") -> int:
    """Return the status of the answer to a request with or without credentials."""
    basic = b64encode(credentials.encode()).decode()
    headers = {"Authorization": f"Basic {basic}"} if credentials else {}
    connection = HTTPConnection(HOST, port, timeout=10)
    connection.request("GET", "/", headers=headers)
    answered = connection.getresponse().status
    connection.close()
    return answered


@pytest.mark.usefixtures("engine")
def test_every_service_has_only_the_rights_that_it_needs() -> None:
    """A new service without one of these fails here."""
    for name, service in projects.read().services.items():
        assert service.get("cap_drop") == ["ALL"], name
        assert service.get("cap_add", []) == FOR_ROOT.get(name, []), name
        assert service.get("security_opt") == ["no-new-privileges:true"], name
        assert service.get("read_only") is True, name
        assert service.get("pids_limit", 0) > 0, name
        assert service.get("privileged", False) is False, name


def test_what_compose_asks_for_is_what_the_processes_have(stack: Project) -> None:
    """No process of any service could ever have a capability, and none can write to its image."""
    for name in stack.running():
        told = docker("compose", "exec", "-T", name, "cat", "/proc/1/status")
        lines = dict(line.split(":\t", 1) for line in told.splitlines() if ":\t" in line)
        assert int(lines["CapBnd"], 16) == 0, name
        assert lines["NoNewPrivs"] == "1", name
        refusal = docker("compose", "exec", "-T", name, "touch", "/usr/new", check=False)
        assert "Read-only file system" in refusal, name


def test_without_the_password_no_server_lets_anyone_in(stack: Project) -> None:
    """The ports are open to every user of this machine."""
    for service in ("broker", CACHE):
        for wrong in (None, "wrong"):
            client = redis.Redis(HOST, stack.port(service), password=wrong)
            with client, pytest.raises(redis.AuthenticationError):
                client.ping()
    server = f"postgresql://after202@{HOST}:{stack.port(DATABASE)}/after202"
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(server).close()
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server, password="wrong").close()  # noqa: S106 - that is the point
    with smtplib.SMTP(HOST, stack.port(MAIL), timeout=10) as mail:
        mail.ehlo()
        assert mail.mail("somebody@after202.example")[0] == 530


def test_the_dashboards_ask_for_the_password(stack: Project, password: str) -> None:
    """They can delete jobs, so they are not for everybody either."""
    try:
        docker("compose", "--profile", "tools", "up", "--detach", "--wait", *DASHBOARDS)
        for service in DASHBOARDS:
            port = stack.port(service)
            assert status(port) == UNAUTHORIZED, service
            assert status(port, "after202:wrong") == UNAUTHORIZED, service
            assert status(port, f"after202:{password}") == OK, service
        assert password not in inspected()
        assert not [line for line in command_lines() if password in line]
        assert password not in docker("compose", "--profile", "tools", "logs", *DASHBOARDS)
    finally:
        docker("compose", "--profile", "tools", "rm", "--stop", "--force", *DASHBOARDS)


@pytest.mark.usefixtures("up")
def test_the_password_is_on_no_command_line_and_in_no_containers_settings(password: str) -> None:
    """Every user of the machine may list processes."""
    assert len(password) >= 16
    found = json.loads(inspected())
    assert len(found) >= 11
    assert password not in json.dumps(found)
    lines = command_lines()
    assert any("redis-server" in line for line in lines)  # those in containers are seen
    assert not [line for line in lines if password in line]
    assert password not in docker("compose", "logs")


def test_a_run_does_not_store_the_password(bench: Bench, password: str) -> None:
    """People share the folder of a run."""
    done = bench.run(
        "run", "smoke", "--strategy", "rq_queue", "--strategy", "celery_queue", "--results",
        str(bench.results),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "compose stack: its services are up" in done.stdout
    assert list(bench.results.glob("2*/trials/*/worker.log"))
    assert holding(password, bench.results) == []
    assert password not in done.stdout + done.stderr


@pytest.mark.usefixtures("up")
def test_another_password_for_a_stack_that_has_one_is_one_clear_line(bench: Bench) -> None:
    """The servers keep the one they have; so does whoever reads the file."""
    line = refused(bench.run("up", AFTER202_PASSWORD="another-password"))  # noqa: S106 - unused
    assert "secret failed: the stack has another password than AFTER202_PASSWORD" in line
    line = refused(bench.run("up", AFTER202_PASSWORD="short"))  # noqa: S106 - refused
    assert "AFTER202_PASSWORD must be 16 or more letters, digits, - or _" in line
    assert bench.run("up").returncode == 0
