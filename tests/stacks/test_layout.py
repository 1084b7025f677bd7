"""A stack runs as its condition says: on these processors, with this many API processes."""

from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from after202.hosts import environments
from after202.hosts.cpus import available_cpus, laid_out, share_out
from after202.hosts.guard import guarded
from after202.kernel.model import API_STARTED
from after202.records.experiment import Arm, Arrivals, Layout, Role
from after202.records.folder import TrialFolder
from after202.records.trial import Comparison
from after202.stacks.embedded.services import EmbeddedServices

pytestmark = pytest.mark.alone


@pytest.mark.processes
def test_a_worker_apart_and_two_api_processes_are_what_runs() -> None:
    """The kernel says where the processes may run; both API processes started before the load."""
    sets = laid_out(share_out(available_cpus()), Layout.WORKER_APART)
    arm = Arm(
        strategy="celery_queue", workload="signup", rate_per_s=5,
        layout=Layout.WORKER_APART, api_processes=2,
    )  # fmt: skip
    trial = Comparison(
        id="x", block=0, arm=arm, seed=1, arrivals=Arrivals.POISSON, warm_up_s=0, window_s=1,
        drain_s=1, slots=2,
    )  # fmt: skip
    known = environments.describe(["celery_queue"])
    with ExitStack() as running:
        # PostgreSQL runs as nobody under root, and pytest's own folders are closed to others.
        place = Path(running.enter_context(TemporaryDirectory(prefix="after202-tests-")))
        running.enter_context(guarded(uuid4().hex, place))
        folder = TrialFolder(place / "trial")
        folder.empty()
        services = EmbeddedServices(place, place, sets, mail_delay_ms=0, strategies=known)
        running.enter_context(services)
        stack = running.enter_context(services.stack(trial, folder, sets))
        for role, cpus in ((Role.API, sets.under_test), (Role.WORKER, sets.worker)):
            found = {tuple(p.cpu_affinity()) for p in stack.roles[role].tree()}
            assert found == {cpus}
        started = list(Path(stack.wiring.data_folder).glob(f"{API_STARTED}*"))
        tree = {process.pid for process in stack.roles[Role.API].tree()}
        assert len({int(path.name.removeprefix(API_STARTED)) for path in started} & tree) == 2
