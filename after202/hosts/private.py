"""What other users of this machine may not read: passwords, and the files that hold them."""

import os
import secrets
from pathlib import Path

PASSWORD_BYTES = 24
ONLY_OWNER, ONLY_OWNER_FOLDER = 0o600, 0o700


def password() -> str:
    """Return a new random password, which needs no escaping in a URL."""
    return secrets.token_urlsafe(PASSWORD_BYTES)


def folder(path: Path) -> Path:
    """Create a folder that only its owner may enter, and return it."""
    path.mkdir(mode=ONLY_OWNER_FOLDER)
    return path


def let_through(path: Path, group: int) -> None:
    """Let a group pass through a folder of ours, but not list it."""
    os.chown(path, -1, group)
    path.chmod(ONLY_OWNER_FOLDER | 0o010)


def write(path: Path, text: str) -> Path:
    """Write a new file that only its owner may read, and return its path."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, ONLY_OWNER)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    return path
