"""`python -m tests.validate.slower_arm [PERCENT]`: `validate aa` with one arm that is slower.

That arm is a copy of quick's baseline that spins before it submits, for 10 % of the measured p50 if
no other share is given. Exits with 0 if the check fails, as it must, and with 1 if it passes.
"""

import sys
from pathlib import Path

import numpy as np

from after202.commands import RESULTS, console, say
from after202.commands.progress import progress
from after202.hosts.alone import alone_on_this_machine
from after202.kernel.errors import UsageError
from after202.validate import session
from after202.validate.checks import aa
from after202.validate.result import Context
from after202.validate.trials import measured, medians_ms, shipped

PERCENT = 10.0
SOURCE = '''"""BackgroundTasks, but each answer takes {spin_us} us longer."""

from fastapi import BackgroundTasks

from after202.kernel.model import Job
from apps.background_tasks import after_the_answer
from apps.strategy import Strategy, Variant
from workers.perform import perform_async
from workers.workloads.calibration import spin

submit_like_the_others = after_the_answer(perform_async)


async def submit(job: Job, background_tasks: BackgroundTasks) -> None:
    """Spin, then submit."""
    spin({spin_us})
    await submit_like_the_others(job, background_tasks)


STRATEGY = Strategy("Slower", documented=Variant(submit))
'''


def slower(context: Context, percent: float) -> Path:
    """Write the slower strategy's file; its spin is a share of the p50 in a session of copies."""
    run = measured("pilot", shipped(copies=2, session=aa.SESSIONS), context)
    medians = medians_ms(run, run.arms())
    if not len(medians):
        raise UsageError("no block of the pilot was valid: repeat it on a quiet machine")
    p50_ms = float(np.median(medians))
    spin_us = round(p50_ms * 1000 * percent / 100)
    say(f"p50 {p50_ms:.3f} ms: one arm spins for {spin_us} us")
    path = context.folder / "slower.py"
    path.write_text(SOURCE.format(spin_us=spin_us), encoding="utf-8")
    return path


def main(percent: float) -> int:
    """Run the check, print its figures, and return the exit status."""
    with (
        alone_on_this_machine(wait=True),
        session.begun(RESULTS, lambda left, known: progress(console, left, known)) as context,
    ):
        result = aa.judge(*aa.measure(context, instead=[str(slower(context, percent))]))
    for line in session.lines(result):
        say(line)
    return int(result.passed)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]) if sys.argv[1:] else PERCENT))
