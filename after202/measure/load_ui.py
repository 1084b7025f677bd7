"""Locust's web page in front of one strategy's embedded stack, for a look by hand."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from uuid import uuid4

from after202.hosts import machine as environment
from after202.hosts.guard import guarded
from after202.hosts.local import Child, Launch
from after202.hosts.ports import HOST, is_free
from after202.kernel.errors import UsageError
from after202.measure.load.generator import LOCUSTFILE
from after202.plan import catalogue as strategies
from after202.records.experiment import Arm, Arrivals, Trial
from after202.stacks.embedded.services import EmbeddedServices
from after202.stacks.interface import Place

FOREVER_S = 1e9


def serve(strategy: str, workload: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted; UsageError if the port is taken or a name is unknown."""
    strategies.require("strategy", strategy, strategies.APPS)
    strategies.require("workload", workload, strategies.WORKLOADS)
    if not is_free(port):
        raise UsageError(
            f"port {port} is taken: end what listens there, or name another with --port"
        )
    with ExitStack() as running:
        scratch = Path(tempfile.mkdtemp(prefix="after202-"))
        running.callback(shutil.rmtree, scratch, ignore_errors=True)
        scratch.chmod(0o755)
        running.enter_context(guarded(uuid4().hex, scratch))
        cpus = environment.share_out(environment.available_cpus())
        services = EmbeddedServices(scratch, scratch, cpus, mail_delay_ms=20)
        running.enter_context(services)
        ledger = scratch / "ledger"
        ledger.mkdir()
        place = Place(scratch, ledger)
        stack = running.enter_context(services.stack(_trial(strategy, workload), place))
        options = ["-f", LOCUSTFILE, "--host", stack.url, "--workload", workload]
        command = [
            sys.executable,
            "-m",
            "locust",
            *options,
            "--web-host",
            HOST,
            "--web-port",
            str(port),
        ]
        locust = Child(Launch("locust", command, scratch / "locust.log", cpus=cpus.generator))
        running.callback(locust.kill)
        say(f"{strategy} at {stack.url}, Locust's page at http://{HOST}:{port} (Ctrl-C ends both)")
        locust.wait(FOREVER_S)


def _trial(strategy: str, workload: str) -> Trial:
    return Trial(
        id="load-ui",
        block=0,
        arm=Arm(strategy=strategy, workload=workload, rate_per_s=1),
        seed=0,
        arrivals=Arrivals.POISSON,
        warm_up_s=0,
        window_s=0,
        drain_s=0,
        bystander_per_s=0,
        slots=4,
    )
