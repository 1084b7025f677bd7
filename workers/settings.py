"""Settings of the processes under test; only this file reads their environment."""

from functools import cache
from pathlib import Path
from typing import Self
from urllib.parse import quote, urlsplit

from pydantic_settings import BaseSettings, SettingsConfigDict

from after202.kernel.model import ENVIRONMENT_PREFIX, Wiring


class Settings(BaseSettings, Wiring):
    """The wiring of this process, from AFTER202_* variables.

    `password_file` names a file with the one password of all servers; empty means that the wiring
    has the passwords it needs.
    """

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, frozen=True)
    password_file: str = ""

    @property
    def data(self) -> Path:
        """The folder for log lines, reports and uploads."""
        return Path(self.data_folder)

    def completed(self) -> Self:
        """Return the settings with the file's password wherever they have none of their own.

        OSError if the file cannot be read.
        """
        if not self.password_file:
            return self
        password = Path(self.password_file).read_text().strip()
        urls = {name: getattr(self, name) for name in ("broker_url", "cache_url", "database_url")}
        completed = {name: with_password(url, password) for name, url in urls.items()}
        smtp_password = self.smtp_password or password
        return self.model_copy(update={**completed, "smtp_password": smtp_password})


def with_password(url: str, password: str) -> str:
    """Return the URL with the password added, unless it has one already or names no server."""
    parts = urlsplit(url)
    if parts.password or not parts.hostname:
        return url
    address = parts.netloc.rpartition("@")[2]
    netloc = f"{parts.username or ''}:{quote(password, safe='')}@{address}"
    return parts._replace(netloc=netloc).geturl()


@cache
def settings() -> Settings:
    """Return the settings, read once per process."""
    return Settings().completed()
