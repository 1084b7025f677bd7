"""An idle worker is killed, and jobs are enqueued while it is down; then it is restarted.

The jobs are empty, so the worker waits for a message nearly all the time. A message that is sent
just before the kill may be on its way to it.
"""

from after202.records.experiment import Reach, Role
from loadtests.faults import Fault
from loadtests.faults.w2_worker_killed import strike

FAULT = Fault(
    hits=Role.WORKER,
    strike=strike,
    compose="kill -s SIGKILL, start",
    workload="empty",
    reach=Reach.OUTAGE,
)
