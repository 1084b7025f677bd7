"""How long a deploy waits between TERM and KILL where running work must not be cut short."""

from after202.kernel.model import Setting

STOP_GRACE_S = 30.0


def long_grace(who_waits: str, source: str) -> Setting:
    """Return the setting of a grace that is longer than the longest job; say what waits for it."""
    return Setting(
        name="stop_grace_period",
        value=f"{STOP_GRACE_S:g} s",
        why=f"longer than the longest job: {who_waits}, so KILL must not come first",
        source=f"{source}; docs.docker.com/reference/compose-file/services, stop_grace_period",
    )
