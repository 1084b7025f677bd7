"""The brokers that strategies may name: each file in this folder defines `BROKER`."""

import importlib
import pkgutil

from after202.brokers.interface import Broker

NOT_A_BROKER = "interface"


def names() -> list[str]:
    """Return the names of the brokers: the files in this folder."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != NOT_A_BROKER)


def load(name: str) -> Broker:
    """Return a broker by name; ModuleNotFoundError if there is no such file."""
    broker: Broker = importlib.import_module(f"{__name__}.{name}").BROKER
    return broker
