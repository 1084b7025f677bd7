"""Pinned: inline, in an environment of its own with another version of a small library."""

import sys
from importlib.metadata import version

from after202.kernel.model import Setting, Wiring
from apps.inline import submit
from apps.strategy import Strategy, Variant


def settings(_: Wiring) -> tuple[Setting, ...]:
    """Return which version is installed here, and where here is."""
    found = version("dnspython")
    return (Setting(name="dnspython", value=found, why=sys.executable, source="by hand"),)


STRATEGY = Strategy(label="Pinned", settings=settings, documented=Variant(submit))
