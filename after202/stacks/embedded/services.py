"""The servers that workloads use and all trials share, as child processes."""

import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from threading import Event
from typing import Self

from after202.hosts import private
from after202.hosts.cpus import CpuSets
from after202.hosts.local import until
from after202.hosts.local_host import LocalHost
from after202.hosts.part import Launch
from after202.hosts.ports import accepts
from after202.kernel.model import SMTP_PASSWORD, StrategyFacts
from after202.records.folder import TrialFolder
from after202.records.trial import Trial
from after202.servers.postgres import Postgres
from after202.stacks.embedded.shared import Shared
from after202.stacks.embedded.stack import EmbeddedStack
from after202.stacks.interface import READY_S


class EmbeddedServices:
    """The mail server and PostgreSQL."""

    def __init__(  # noqa: PLR0913 - what a run knows of its services
        self,
        scratch: Path,
        logs: Path,
        cpus: CpuSets,
        *,
        mail_delay_ms: float,
        strategies: Mapping[str, StrategyFacts],
        broker_url: str | None = None,
    ) -> None:
        """Keep the folders, the processors and the strategies; nothing is started yet."""
        self.scratch = scratch
        self.cpus = cpus
        self.stopping = Event()
        self._smtp_password = private.password()
        self._host = LocalHost()
        self._logs = logs
        self._mail_delay_ms = mail_delay_ms
        self._strategies = strategies
        self._broker_url = broker_url
        self._exit = ExitStack()

    def __enter__(self) -> Self:
        """Start them."""
        with ExitStack() as starting:
            self._smtp_port = self._host.free_port()
            private.folder(self.mails.parent)
            options = [str(self._smtp_port), str(self._mail_delay_ms), str(self.mails)]
            command = [sys.executable, "-m", "after202.servers.mail", *options]
            log, told = self._logs / "mail.log", {SMTP_PASSWORD: self._smtp_password}
            mail = self._host.launch(Launch("mail", command, log, told, cpus=self.cpus.services))
            starting.callback(mail.kill)
            self._mail = mail
            self._postgres = Postgres(self.scratch, self._logs / "postgres.log", self.cpus.services)
            starting.callback(self._postgres.stop)
            until("the mail server", lambda: accepts(self._smtp_port), READY_S, [mail])
            self._exit = starting.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop them."""
        self._exit.close()

    @property
    def mails(self) -> Path:
        """Where the mail server keeps what it took, a line of JSON for each message."""
        return self.scratch / "mail" / "mails.jsonl"

    @property
    def database_url(self) -> str:
        """The connection string of the database server."""
        return self._postgres.url()

    def stack(self, trial: Trial, folder: TrialFolder, cpus: CpuSets) -> EmbeddedStack:
        """Return a trial's stack, which will run on these processors; nothing is started yet."""
        shared = Shared(
            self._host,
            self.scratch,
            self.stopping,
            self._postgres,
            self._smtp_port,
            self._smtp_password,
            {"mail": self._mail, "database": self._postgres.child},
            self._broker_url,
        )
        return EmbeddedStack(shared, self._strategies[trial.arm.strategy], trial, folder, cpus)
