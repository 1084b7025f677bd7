"""Whether a stored run's tables are the same when they are written again.

    python -m tests.compare_tables RUN

The run's folder is copied, reported by the code as it is, and its tables are compared with those
that stood there before: value for value; columns may be added. Exit 0 if they are equal.
"""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from after202 import report
from after202.analyse.findings.checks import judge
from after202.records.folder import RunFolder

MOST_SHOWN = 20


def main(run: Path) -> int:
    """Print what differs, and return the exit code."""
    with TemporaryDirectory() as name:
        copy = RunFolder(Path(name) / run.name)
        shutil.copytree(run, copy.path)
        shutil.rmtree(copy.tables)
        found = judge(report.write(copy))
        different = list(differences(run / "tables", copy.tables))
    for line in [*different[:MOST_SHOWN], found.lines[-1]]:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{len(different)} differences\n")
    return 1 if different else 0


def differences(before: Path, after: Path) -> Iterator[str]:
    """Yield a line per table, column or number of rows that is not as before."""
    for path in sorted(before.iterdir()):
        old, new = _read(path), _read(after / path.name)
        sys.stdout.write(f"{path.name}: {len(old)} rows, {len(old.columns)} columns\n")
        if len(old) != len(new):
            yield f"{path.name}: {len(old)} rows before, {len(new)} after"
            continue
        for column in old.columns:
            if column not in new:
                yield f"{path.name}: no column {column}"
            elif not old[column].equals(new[column]):
                rows = int((old[column] != new[column]).sum())
                yield f"{path.name}: {column} differs in {rows} rows"
        if added := [column for column in new.columns if column not in old]:
            sys.stdout.write(f"{path.name}: added {', '.join(added)}\n")


def _read(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path).sort_values(["trial", "job_id"], ignore_index=True)
    # As texts: the same value is written in the same way.
    return pd.read_csv(path, dtype=str, keep_default_na=False)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
