"""Half a second of waiting: like a call to a slow service, and long enough to interrupt."""

from workers.workloads.wait import waiting

WORKLOAD = waiting("/slow", 0.5)
