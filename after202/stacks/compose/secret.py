"""`python -m after202.stacks.compose.secret FOLDER`: gives the stack its password, once.

The password is AFTER202_PASSWORD, or a random one if that is empty. The folder is a volume that
the other containers mount read-only, so the password is on no command line.
"""

import os
import re
import sys
from pathlib import Path

from after202.hosts import private
from after202.kernel.errors import UsageError
from after202.kernel.model import ENVIRONMENT_PREFIX

VARIABLE = ENVIRONMENT_PREFIX + "PASSWORD"
PASSWORD, REDIS = "password", "redis.conf"
# These need no escaping in a URL or in a server's configuration. The length replaces the key
# stretching that PostgreSQL is told to do without.
ACCEPTED = re.compile(r"[A-Za-z0-9_-]{16,}")
# Each container has another user. Outside the containers, only root may enter Docker's volumes.
READ_BY_ALL = 0o444


def main() -> None:
    """Write the files into the folder named on the command line."""
    try:
        provide(Path(sys.argv[1]), os.environ.get(VARIABLE, ""))
    except UsageError as error:
        sys.exit(str(error))


def provide(folder: Path, wanted: str) -> None:
    """Write the password and Redis's configuration, unless they are there already.

    UsageError if `wanted` cannot be used, or if the stack has another password already.
    """
    if wanted and not ACCEPTED.fullmatch(wanted):
        raise UsageError(f"{VARIABLE} must be 16 or more letters, digits, - or _")
    file = folder / PASSWORD
    if not file.exists():
        password = wanted or private.password()
        _write(folder / REDIS, f"requirepass {password}\n")
        _write(file, password + "\n")  # last, because it says that all files are there
    elif wanted not in {"", file.read_text().strip()}:
        raise UsageError(
            f"the stack has another password than {VARIABLE}: remove the stack with its data first"
            " (make down)"
        )


def _write(path: Path, text: str) -> None:
    """Write a whole file or none."""
    partial = path.with_suffix(".partial")
    partial.write_text(text)
    partial.chmod(READ_BY_ALL)
    partial.replace(path)


if __name__ == "__main__":
    main()
