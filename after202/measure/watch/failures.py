"""Which jobs a worker's log reports as failed: those whose process died in the middle of a step."""

import re

from after202.kernel.model import StrategyFacts
from after202.measure.watch.progress import Progress
from after202.records.experiment import Role
from after202.stacks.interface import Stack

WHERE = "the worker's log"


def logged(stack: Stack, facts: StrategyFacts, progress: Progress) -> dict[str, str]:
    """Return the ids of these jobs, each with the place where an operator would find the failure.

    A log names processes, the ledger names the process of each step. The log is read only if a
    process has died during a step.
    """
    worker, cut_short = stack.roles.get(Role.WORKER), progress.cut_short()
    if worker is None or not facts.failure_logged or not cut_short:
        return {}
    pids = set(map(int, re.findall(facts.failure_logged, worker.log_text())))
    return {str(job_id): WHERE for job_id, writer in cut_short if writer.pid in pids}
