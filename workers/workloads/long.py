"""Ten seconds of waiting: longer than the visibility timeout of the hardened queues here."""

from workers.workloads.wait import waiting

WORKLOAD = waiting("/long", 10.0)
