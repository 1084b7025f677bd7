"""What the workloads use and every trial shares, as child processes."""

import sys
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Self

from after202.hosts.local import Child, Launch, until
from after202.hosts.machine import CpuSets
from after202.hosts.ports import accepts, free_port
from after202.records.experiment import Trial
from after202.servers.postgres import Postgres
from after202.stacks.embedded.stack import EmbeddedStack
from after202.stacks.interface import READY_S, Place


class EmbeddedServices:
    """What the workloads use and every trial shares: the mail server and PostgreSQL."""

    def __init__(self, scratch: Path, logs: Path, cpus: CpuSets, mail_delay_ms: float) -> None:
        """Name the folders and the processors; nothing starts yet."""
        self.scratch = scratch
        self.cpus = cpus
        self.stopping = Event()
        self.mails = scratch / "mails.jsonl"
        self._logs = logs
        self._mail_delay_ms = mail_delay_ms
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Start them."""
        with ExitStack() as starting:
            self.smtp_port = free_port()
            module = "after202.servers.mail"
            options = [str(self.smtp_port), str(self._mail_delay_ms), str(self.mails)]
            command = [sys.executable, "-m", module, *options]
            mail = Child(Launch("mail", command, self._logs / "mail.log", cpus=self.cpus.services))
            starting.callback(mail.kill)
            self.postgres = Postgres(self.scratch, self._logs / "postgres.log", self.cpus.services)
            starting.callback(self.postgres.stop)
            until("the mail server", lambda: accepts(self.smtp_port), READY_S, [mail])
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self._exit.close()

    @property
    def database_url(self) -> str:
        """Where the database server is."""
        return self.postgres.url()

    def stack(self, trial: Trial, place: Place) -> EmbeddedStack:
        """Return a trial's stack; nothing of it runs yet."""
        return EmbeddedStack(self, trial, place)
