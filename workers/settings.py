"""Settings of the processes under test; only this file reads their environment."""

from functools import cache
from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

from after202.kernel.model import ENVIRONMENT_PREFIX, Wiring


class Settings(BaseSettings, Wiring):
    """The wiring of this process, from AFTER202_* variables."""

    model_config = SettingsConfigDict(env_prefix=ENVIRONMENT_PREFIX, frozen=True)

    @property
    def data(self) -> Path:
        """The folder for log lines, reports and uploads."""
        return Path(self.data_folder)


@cache
def settings() -> Settings:
    """Return the settings, read once per process."""
    return Settings()
