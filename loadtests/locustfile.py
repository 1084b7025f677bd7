"""Locust's entry point: `locust -f loadtests/locustfile.py --host URL --workload NAME`.

If the API asks for a key, it is taken from AFTER202_API_KEY.
"""

import logging
import math
import os
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import ClassVar

import gevent
from gevent.fileobject import FileObjectThread
from locust import events
from locust.argument_parser import LocustArgumentParser
from locust.env import Environment
from locust.runners import LocalRunner, WorkerRunner
from pydantic import TypeAdapter

from after202.kernel.model import API_KEY
from after202.records.experiment import Arrivals, Stream
from after202.records.planned import Stage
from after202.records.request_log import Requests, convert
from after202.records.trial_record import Counts, Load
from loadtests.client import client
from loadtests.open_loop import PING, OpenLoopUser
from loadtests.recorder import recording_cpu_s, write_load
from loadtests.session import Plan, Session
from loadtests.target import TargetError, fetch_offer

USAGE_ERROR = 2
ENDLESS_S = 1e9
GO = b"go\n"
MICROSECONDS = 1e6
STAGES = TypeAdapter(tuple[Stage, ...])
log = logging.getLogger("after202")


class JobStream(OpenLoopUser):
    """Requests for jobs."""


class BystanderStream(OpenLoopUser):
    """Requests to an endpoint that does no work, to see how the work affects others."""

    kind = Stream.BYSTANDER
    name = "bystander"
    examples: ClassVar = {name: PING}
    fixed_count = 1


@events.init_command_line_parser.add_listener
def add_options(parser: LocustArgumentParser) -> None:
    """Add our options to Locust's own, which also adds them to its web page."""
    parser.add_argument("--workload", default="signup", help="the workload to request")
    parser.add_argument("--rate-per-user", type=float, default=10.0, help="requests/s per user")
    parser.add_argument("--stages", default="", help="JSON, in place of a workload and a rate")
    parser.add_argument("--bystander-rate", type=float, default=5.0, help="bystander requests/s")
    parser.add_argument("--arrivals", choices=[str(a) for a in Arrivals], default="poisson")
    parser.add_argument("--seed", default="202", help="seed of the schedule of arrivals")
    parser.add_argument("--job-prefix", default="", help="prefix that makes job ids unique")
    parser.add_argument("--warm-up", type=float, default=0.0, help="seconds before the window")
    parser.add_argument("--rest", type=float, default=0.0, help="seconds of pings alone")
    parser.add_argument("--load-time", type=float, default=ENDLESS_S, help="seconds, with warm-up")
    parser.add_argument("--turns", default="", help="seconds of each turn of the load: 2,2,3")
    parser.add_argument("--response-timeout", type=float, default=30.0, help="seconds")
    parser.add_argument("--record", default="", help="folder for the raw rows")
    parser.add_argument(
        "--fresh-connections",
        action="store_true",
        help="one per request: a dead kept connection looks like a failed request",
    )
    parser.add_argument("--hold", action="store_true", help="begin when a line arrives on stdin")


@events.init.add_listener
def leave_out_bystander(environment: Environment, **_: object) -> None:
    """Remove the bystander stream if its rate is 0."""
    options = environment.parsed_options
    if options is not None and not options.bystander_rate:
        environment.user_classes.remove(BystanderStream)


@events.test_start.add_listener
def begin(environment: Environment, **_: object) -> None:
    """Prepare this process's streams, and start them now or, with --hold, at a line on stdin."""
    options, runner = environment.parsed_options, environment.runner
    if options is None or not isinstance(runner, LocalRunner | WorkerRunner):
        return
    process = runner.worker_index if isinstance(runner, WorkerRunner) else 0
    url = environment.host or "http://127.0.0.1:8000"
    http = client(url, options.response_timeout, os.environ.get(API_KEY, ""))
    folder = Path(options.record) if options.record else None
    requests = Requests.of_process(folder, process) if folder else Requests()
    session = Session(_plan(options), http, process, requests)
    OpenLoopUser.session = session
    JobStream.stages = _stages(options)
    JobStream.name = options.workload
    BystanderStream.stages = (_endless(BystanderStream.name, options.bystander_rate),)
    gevent.spawn(_drive, environment, session, options)


def _stages(options: Namespace) -> tuple[Stage, ...]:
    """Return the stages of the load; without any, one of the workload and the rate per user."""
    if options.stages:
        return STAGES.validate_json(options.stages)
    return (_endless(options.workload, options.rate_per_user),)


def _endless(workload: str, rate_per_s: float) -> Stage:
    return Stage(workload=workload, rate_per_s=rate_per_s, for_s=math.inf)


def _turns_s(options: Namespace) -> tuple[float, ...]:
    """Return how long each turn of the load lasts; without any, there is one."""
    return tuple(map(float, options.turns.split(","))) if options.turns else (options.load_time,)


def _plan(options: Namespace) -> Plan:
    return Plan(
        seed=options.seed,
        job_prefix=options.job_prefix or str(time.time_ns()),
        arrivals=Arrivals(options.arrivals),
        turns_s=_turns_s(options),
        rest_s=options.rest,
        response_timeout_s=options.response_timeout,
        live=not options.hold,
        headers={"Connection": "close"} if options.fresh_connections else {},
    )


def _drive(environment: Environment, session: Session, options: Namespace) -> None:
    """Release the streams turn by turn; end the test once the last request has been answered."""
    told = FileObjectThread(sys.stdin.buffer, "rb") if options.hold else None
    if told:
        told.readline()
    try:
        wanted = {stage.workload for stage in JobStream.stages}
        JobStream.examples = {name: fetch_offer(session.client, name).example for name in wanted}
    except TargetError as error:
        log.error("%s", error)  # noqa: TRY400 - one clear line, no traceback
        environment.process_exit_code = USAGE_ERROR
        _quit(environment)
        return
    session.release()
    for _ in session.plan.turns_s[1:]:
        session.end_turn()
        write_load(Path(options.record), session.process, _load(session, options))
        if told and told.readline() != GO:
            _quit(environment)
            return
        session.release()
    if session.plan.load_s < ENDLESS_S:
        session.end_turn()
        session.end_of_load()
        if environment.runner is not None:
            environment.runner.user_greenlets.join()
        _quit(environment)


def _quit(environment: Environment) -> None:
    if isinstance(environment.runner, LocalRunner):
        environment.runner.quit()


@events.test_stop.add_listener
def write(environment: Environment, **_: object) -> None:
    """Convert the raw rows of this process to Parquet, once the test has stopped."""
    options = environment.parsed_options
    session = getattr(OpenLoopUser, "session", None)
    if options is None or session is None or not options.record or not session.begins_ns:
        return
    folder = Path(options.record)
    convert(folder, str(session.process))
    write_load(folder, session.process, _load(session, options))


def _load(session: Session, options: Namespace) -> Load:
    sent = session.requests.of(Stream.JOBS)
    begins_us = [begin_ns // 1000 for begin_ns in session.begins_ns]
    end_us = session.end_ns // 1000
    return Load(
        load_start_us=begins_us[0],
        window_start_us=session.at_ns(options.warm_up) // 1000,
        window_end_us=end_us,
        load_end_us=end_us,
        turns_us=tuple(begins_us),
        counts=Counts(
            scheduled=session.scheduled,
            sent=sent.sent,
            answered=sent.answered,
            accepted=sent.accepted,
        ),
        dropped=session.scheduled - sent.sent,
        cpu_s=session.load_cpu_s,
        recording_cpu_s=recording_cpu_s(session.requests, Path(options.record)),
        receiving_ms=session.lag.quantiles_ms(),
    )
