"""Serves Locust's web page in front of one strategy's embedded stack, to explore by hand."""

import sys
from collections.abc import Callable

from after202.hosts import cpus
from after202.hosts.guard import guarded_scratch
from after202.hosts.local import Child
from after202.hosts.part import Launch
from after202.hosts.ports import HOST, is_free
from after202.kernel.errors import UsageError
from after202.kernel.model import API_KEY, StrategyFacts
from after202.measure.load.generator import LOCUSTFILE
from after202.records.experiment import Arm, Arrivals
from after202.records.folder import TrialFolder
from after202.records.trial import Comparison
from after202.stacks.embedded.services import EmbeddedServices

FOREVER_S = 1e9
SLOTS, MAIL_DELAY_MS = 4, 20


def serve(strategy: StrategyFacts, workload: str, port: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted; UsageError if the port is taken."""
    if not is_free(port):
        raise UsageError(
            f"port {port} is taken: stop what listens there, or choose another with --port"
        )
    sets = cpus.share_out(cpus.available_cpus())
    with guarded_scratch() as scratch:
        folder = TrialFolder(scratch / "trial")
        folder.empty()
        known = {strategy.name: strategy}
        services = EmbeddedServices(
            scratch, scratch, sets, mail_delay_ms=MAIL_DELAY_MS, strategies=known
        )
        with services, services.stack(_trial(strategy.name, workload), folder, sets) as stack:
            options = ["-f", LOCUSTFILE, "--host", stack.url, "--workload", workload]
            page = ["--web-host", HOST, "--web-port", str(port)]
            command = [sys.executable, "-m", "locust", *options, *page]
            log, told = folder.log("locust"), {API_KEY: stack.api.key}
            locust = Child(Launch("locust", command, log, told, cpus=sets.generator))
            try:
                say(
                    f"{strategy.label} at {stack.url}, Locust's page at http://{HOST}:{port}"
                    " (Ctrl-C ends both)"
                )
                locust.wait(FOREVER_S)
            finally:
                locust.kill()


def _trial(strategy: str, workload: str) -> Comparison:
    return Comparison(
        id="load-ui",
        block=0,
        arm=Arm(strategy=strategy, workload=workload, rate_per_s=1),
        seed=0,
        arrivals=Arrivals.POISSON,
        warm_up_s=0,
        window_s=0,
        drain_s=0,
        slots=SLOTS,
    )
