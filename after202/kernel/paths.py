"""Where the suite's own files are: beside the package in a checkout, inside it once installed."""

from pathlib import Path

PACKAGE = Path(__file__).parents[1]
_INSIDE = PACKAGE / "suite"
# The folder that holds apps/, workers/ and loadtests/; children start there.
SUITE = _INSIDE if _INSIDE.is_dir() else PACKAGE.parent
IS_CHECKOUT = SUITE != _INSIDE


def results() -> Path:
    """Return the folder where runs are kept unless the user names another."""
    return (SUITE if IS_CHECKOUT else Path.cwd()) / "results"
