"""Every setting that differs from a library's default, and the defaults that figures depend on."""

from after202.analyse.run import Run
from after202.kernel.model import Setting
from after202.report.blocks import Block, Heading, Section, table
from after202.report.sections import Reported

PLACE = 100
COLUMNS = ("setting", "value", "whose", "why", "source")
TITLE = "Settings that differ from a library's default, and defaults that matter"
OURS, DEFAULT = "ours", "default"


def section(reported: Reported) -> Section | None:
    """Return a table per strategy and variant."""
    blocks: list[Block] = []
    for name, settings in _settings(reported.run).items():
        blocks += [Heading(name), table(COLUMNS, list(map(_row, settings)))]
    return Section(TITLE, tuple(blocks)) if blocks else None


def _row(setting: Setting) -> tuple[str, ...]:
    whose = DEFAULT if setting.is_default else OURS
    return setting.name, setting.value, whose, setting.why, setting.source


def _settings(run: Run) -> dict[str, tuple[Setting, ...]]:
    """Return the settings of each strategy, as its API reported them."""
    found = [(each.record.trial.arm, each.record.settings) for each in run.all]
    return {f"{arm.strategy} {arm.variant_label}": settings for arm, settings in found if settings}
