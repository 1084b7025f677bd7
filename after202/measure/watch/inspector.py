"""Asks a queue what it still holds, in a child process in the strategy's own environment.

There is one child per queue and run: `python -m workers held QUEUE`. It is started when first
needed, and answers each wiring with a line of JSON.
"""

import os
import select
import subprocess
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Self

from pydantic import ValidationError

from after202.hosts import against
from after202.hosts.environments import Place
from after202.kernel.errors import TrialError
from after202.kernel.model import Look, StrategyFacts, Wiring
from after202.records.folder import RunFolder
from after202.records.trial import Trial

ANSWERED_S = 60.0
ENDED_S = 5.0
SHOWN = 80
NO_BROKER_ANSWERS = "null"


class Inspectors:
    """The children of one run; trials that run side by side share them."""

    def __init__(self, folder: RunFolder) -> None:
        """Keep the run's strategies and logs; nothing is started yet."""
        self._strategies = folder.read().strategies
        self._logs = folder.logs
        self._children: dict[tuple[str, str], _Inspector] = {}
        self._adding = Lock()

    def __enter__(self) -> Self:
        """Start nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the children."""
        for child in self._children.values():
            child.end()

    def facts(self, trial: Trial) -> StrategyFacts:
        """Return the description of a trial's strategy."""
        return self._strategies[trial.arm.strategy]

    def look(self, facts: StrategyFacts, wiring: Wiring) -> Look | None:
        """Return what a trial's broker holds; empty without a broker, None if it is silent.

        TrialError if the strategy's `held` fails.
        """
        source = facts.worker or facts.inspector
        if not source or not facts.inspected:
            return Look()
        with self._adding:
            queue = source, facts.against
            if queue not in self._children:
                of = facts.name if facts.against else Path(source).stem
                log = self._logs / f"held-{of}.log"
                self._children[queue] = _Inspector(against.place(facts), source, log)
            child = self._children[queue]
        return child.look(wiring)


class _Inspector:
    """One queue's child, which answers one question at a time."""

    def __init__(self, place: Place, source: str, log: Path) -> None:
        self._command = [place.python, "-m", "workers", "held", source]
        self._folder = place.folder
        self._log = log
        self._asking = Lock()
        self._child: subprocess.Popen[str] | None = None

    def look(self, wiring: Wiring) -> Look | None:
        with self._asking:
            answer = self._ask(wiring.model_dump_json())
        if not answer:
            self.end()
            raise TrialError(f"{' '.join(self._command[1:])} gave no answer (log: {self._log})")
        try:
            return None if answer == NO_BROKER_ANSWERS else Look.model_validate_json(answer)
        except ValidationError as error:
            self.end()
            name = " ".join(self._command[1:])
            raise TrialError(f"{name} answered {answer[:SHOWN]!r}, not a Look") from error

    def _ask(self, question: str) -> str:
        """Return the child's answer, one line; empty if it ended or took too long."""
        child = self._running()
        if child.stdin is None or child.stdout is None:
            return ""
        with suppress(BrokenPipeError):
            child.stdin.write(f"{question}\n")
            child.stdin.flush()
        ready, _, _ = select.select([child.stdout], [], [], ANSWERED_S)
        return child.stdout.readline().strip() if ready else ""

    def _running(self) -> "subprocess.Popen[str]":
        if self._child is None or self._child.poll() is not None:
            with self._log.open("a", encoding="utf-8") as log:
                self._child = subprocess.Popen(
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=log,
                    cwd=self._folder,
                    env=os.environ,
                    text=True,
                    start_new_session=True,
                )
        return self._child

    def end(self) -> None:
        """End the child, if there is one."""
        if self._child is None:
            return
        self._child.kill()
        self._child.wait(ENDED_S)
        for pipe in (self._child.stdin, self._child.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):
                    pipe.close()
        self._child = None
