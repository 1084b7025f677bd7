"""Celery's application, its tasks, and how its worker is run, whatever its broker is."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from celery import Celery

from after202.kernel.model import Job, Setting, Wiring
from after202.kernel.overrides import Scalar
from workers import celery_overrides
from workers.celery_settings import RETRIES, Conf, node, settings_of
from workers.perform import perform, perform_all, perform_once
from workers.settings import settings

PING_S = 5.0
# The worker logs this when it receives a task that is not ours.
FOREIGN_MESSAGE = "unregistered task"
# The parent logs this, and WorkerLostError for the job, when the process of a job has died.
FAILURE_LOGGED = r"Process '[^']*' pid:(\d+) exited with"
Task = Any  # Celery's decorator is not typed

app = Celery("after202")
retried: dict[str, Any] = {
    "autoretry_for": (Exception,),
    "retry_kwargs": {"max_retries": RETRIES, "countdown": 0},
}


@app.task
def perform_step(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message."""
    perform(Job.model_validate(message), step)


@app.task
def perform_job(message: dict[str, Any]) -> None:
    """Do every step of the job in the message."""
    perform_all(Job.model_validate(message))


@app.task(**retried)
def perform_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message, and retry it if it raises."""
    perform(Job.model_validate(message), step)


@app.task(**retried)
def perform_once_or_retry(message: dict[str, Any], step: int) -> None:
    """Do one step of the job in the message unless it is already done, and retry if it raises."""
    perform_once(Job.model_validate(message), step)


@dataclass(frozen=True)
class Setup:
    """One way to set Celery up: the task that does a step, or a job, and its configuration.

    `environment` are settings that a worker reads from its environment, `options` those of its
    command line, each with its entry in `more`, which has all others too.
    """

    task: Task
    redelivery_s: float
    conf: Conf
    more: tuple[Setting, ...] = ()
    environment: tuple[Setting, ...] = ()
    options: tuple[str, ...] = ()
    stop_grace_s: float | None = None

    @property
    def settings(self) -> tuple[Setting, ...]:
        """All settings."""
        return (*settings_of(self.conf), *self.environment, *self.more)

    @property
    def overridable(self) -> dict[str, Scalar]:
        """What a profile may override, with the variant's values."""
        return celery_overrides.overridable(self.conf)

    def overridden(self, given: Mapping[str, Scalar]) -> "Setup":
        """Return the setup with the values that a profile sets."""
        return replace(self, conf=celery_overrides.overridden(self.conf, given))


def work(configuration: Mapping[str, Any], setup: Setup, own: Wiring) -> None:
    """Work until told to stop."""
    # Read once, when the modules of Celery's worker are imported, which importing Celery does not.
    os.environ.update({one.name: one.value for one in setup.environment})
    app.conf.update(configuration)
    options = [f"--concurrency={own.slots}", "--without-mingle", f"--hostname={node(own)}"]
    app.worker_main(["worker", *options, *setup.options])


def is_heard_of(configuration: Mapping[str, Any]) -> bool:
    """Return whether this host's worker answers a ping."""
    app.conf.update(configuration)
    return bool(app.control.ping([node(settings())], timeout=PING_S))
