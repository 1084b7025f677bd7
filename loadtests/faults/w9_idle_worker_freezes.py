"""A worker freezes while it waits for work, jobs are enqueued, and it is killed.

The jobs are empty, so the worker is idle nearly all the time. A broker may hand a message to a
frozen worker that asked for one: it is then neither in the queue nor with anybody.
"""

from after202.records.experiment import Role
from loadtests.faults import Fault
from loadtests.faults.w7_worker_freezes import strike

FAULT = Fault(
    hits=Role.WORKER, strike=strike, compose="pause, kill -s SIGKILL, start", workload="empty"
)
