"""Every setting that differs from a library's default, with its reason and its source."""

from after202.analyse.run import Run
from after202.kernel.model import Setting
from after202.report.blocks import Block, Heading, Section, table
from after202.report.sections import Reported

PLACE = 100
COLUMNS = ("setting", "value", "why", "source")


def section(reported: Reported) -> Section | None:
    """Return a table per strategy and variant."""
    blocks: list[Block] = []
    for name, settings in _settings(reported.run).items():
        rows = [(one.name, one.value, one.why, one.source) for one in settings]
        blocks += [Heading(name), table(COLUMNS, rows)]
    return (
        Section("Settings that differ from a library's default", tuple(blocks)) if blocks else None
    )


def _settings(run: Run) -> dict[str, tuple[Setting, ...]]:
    """Return the settings of each strategy, as its API reported them."""
    return {
        f"{each.record.trial.arm.strategy} {each.record.trial.arm.variant}": each.record.settings
        for each in run.all
        if each.record.settings
    }
