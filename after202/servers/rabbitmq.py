"""RabbitMQ from the system's package `rabbitmq-server`, as a child process like any other.

It is one Erlang machine that listens on one port: no plugins, no distribution, no epmd. What the
harness asks of it goes through that port (`rabbitmq_asked.py`).
"""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from after202.hosts import private
from after202.hosts.local import NOBODY, Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.kernel.errors import UsageError
from after202.servers import rabbitmq_asked

NAME, USER, NODE = "rabbitmq", "after202", "rabbit@localhost"
READY_S, SOON_S = 60.0, 0.5
NOT_INSTALLED = (
    "rabbitmq-server is not installed: apt-get install rabbitmq-server, and stop the service that"
    " it starts"
)
# The program itself. What is on the PATH may be a script that runs it as the user rabbitmq alone.
SCRIPTS = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"))
LOOKS = Path(__file__).parent / "after202_looks.erl"
CONFIGURATION = """
listeners.tcp.1 = {host}:{port}
default_user = {user}
default_pass = {password}
log.file = false
log.console = true
log.console.level = warning
"""
NO_PLUGINS = "[].\n"


class RabbitMQ:
    """A server in its own folder; if the harness is root, it runs as the user `nobody`."""

    def __init__(self, folder: Path, log: Path, cpus: tuple[int, ...]) -> None:
        """Start it, and wait until it answers."""
        program = _program()
        if program is None:
            raise UsageError(NOT_INSTALLED)
        self.port = free_port()
        password = private.password()
        self.url = f"amqp://{USER}:{password}@{HOST}:{self.port}//"
        as_root = os.geteuid() == 0
        private.folder(folder)
        settings = CONFIGURATION.format(host=HOST, port=self.port, user=USER, password=password)
        private.write(folder / "rabbitmq.conf", settings)
        private.write(folder / "enabled_plugins", NO_PLUGINS)
        (folder / f"{LOOKS.stem}.beam").write_bytes(_looks())
        if as_root:
            _let_nobody_into(folder)
        self._launch = Launch(
            NAME,
            [str(program)],
            log,
            environment=_environment(folder),
            cpus=cpus,
            as_nobody=as_root,
            folder=folder,
        )
        self.child = self.start()

    def start(self) -> Child:
        """Start the server on any data that it kept, and wait until it answers."""
        self.child = Child(self._launch)
        until("RabbitMQ answering", self._answers, READY_S, [self.child])
        return self.child

    def _answers(self) -> bool:
        return accepts(self.port) and rabbitmq_asked.ask(self.url, "clients", SOON_S) is not None


def missing() -> str:
    """Return why no server can be started here; empty if one can."""
    return "" if _program() else NOT_INSTALLED


def _program() -> Path | None:
    """Return the server's own script, beside those of its tools."""
    found = shutil.which("rabbitmq-server")
    folders = (*SCRIPTS, *([Path(found).resolve().parent] if found else []))
    programs = (folder / "rabbitmq-server" for folder in folders)
    return next((one for one in programs if one.is_file()), None)


@cache
def _looks() -> bytes:
    """Return the module that tells what AMQP cannot, compiled by the Erlang that is installed."""
    with TemporaryDirectory() as folder:
        command = ["erlc", "-o", folder, str(LOOKS)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise UsageError(f"{LOOKS.name} cannot be compiled: {done.stdout or done.stderr}")
        return (Path(folder) / f"{LOOKS.stem}.beam").read_bytes()


def _environment(folder: Path) -> dict[str, str]:
    """Return what the server's script reads: everything it writes is in the folder.

    With RABBITMQ_ALLOW_INPUT the script becomes the Erlang machine, where it would else stay as its
    parent. A node that listens to no other asks no epmd for its port, if it is told one.
    """
    machine = (
        f"-noinput -sname {NODE} -dist_listen false -start_epmd false -erl_epmd_port 1"
        f" -pa {folder} -run {LOOKS.stem} start"
    )
    return {
        "HOME": str(folder),
        "ERL_CRASH_DUMP": os.devnull,
        "RABBITMQ_ALLOW_INPUT": "true",
        "RABBITMQ_CONF_ENV_FILE": os.devnull,
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_PID_FILE": str(folder / "pid"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": machine,
    }


def _let_nobody_into(folder: Path) -> None:
    """Give `nobody` the folder, and a way to it through the one above."""
    for path in (folder, *folder.iterdir()):
        os.chown(path, NOBODY, NOBODY)
    private.let_through(folder.parent, NOBODY)
