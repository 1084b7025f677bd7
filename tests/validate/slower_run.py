"""`python -m tests.validate.slower_run [PERCENT [FOLDER]]`: two runs, and a slower Celery in one.

In the second run Celery spins before it submits, for 10 % of the response time in the first if no
other share is given. The runs are kept in a new folder if one is named. Exits with 0 if `compare`
says that Celery, and nothing else, is slower.
"""

import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from after202.commands import say
from tests import two_runs
from tests.project import copied

PERCENT, BLOCKS, LIMIT_S = 10.0, 16, 1800.0
CELERY = "celery_queue"


def main(percent: float, keep: Path | None) -> int:
    """Measure twice, compare, print what was found, and return the exit status."""
    with TemporaryDirectory() as scratch:
        project = copied(Path(scratch) / "project")
        profile = two_runs.profile(project, "signup", rate_per_s=8, blocks=BLOCKS, window_s=3)
        before = two_runs.measured(project, profile, LIMIT_S)
        p50_ms = _p50_ms(two_runs.summary(project, before)["latency"])
        spin_us = round(p50_ms * 1000 * percent / 100)
        say(f"Celery answers after {p50_ms:.2f} ms: in the second run it spins for {spin_us} us")
        two_runs.edit(project, two_runs.SPINNING.format(spin_us=spin_us))
        after = two_runs.measured(project, profile, LIMIT_S)
        say(project.run("compare", before, after).stdout)
        code, found = two_runs.compared(project, before, after)
        if keep is not None:
            shutil.copytree(project.folder / "results", keep, symlinks=True)
    slower = {
        one["strategy"]
        for one in found["times"]
        if one["beyond_doubt"] and one["verdict"] == "slower"
    }
    return int((code, slower) != (1, {CELERY}))


def _p50_ms(latency: list[dict[str, object]]) -> float:
    (found,) = (
        one["estimate_ms"]
        for one in latency
        if (one["strategy"], one["metric"], one["quantile"]) == (CELERY, "response", 0.5)
    )
    return float(str(found))


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(float(given[0]) if given else PERCENT, Path(given[1]) if given[1:] else None))
