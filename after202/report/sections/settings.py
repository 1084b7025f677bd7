"""What do I have to set? What settings buy and take, and then each with its reason."""

from collections.abc import Iterator

from after202.kernel.model import Setting
from after202.report.blocks import Block, Cell, Fold, Section, table, texts
from after202.report.sections import Reported
from after202.report.sentences import settings

PLACE = 40
COLUMNS = ("Setting", "Value", "Whose", "Why", "Source")
OURS, DEFAULT = "ours", "default"


def section(reported: Reported) -> Section | None:
    """Return the section; None if no strategy has any."""
    facts = reported.facts
    found = facts.tables.settings
    if not found:
        return None
    return Section(
        "What do I have to set?", tuple(_blocks(reported)), anchor="settings", short="What to set?"
    )


def _blocks(reported: Reported) -> Iterator[Block]:
    facts = reported.facts
    found = facts.tables.settings
    yield from texts(settings.settings_buy(facts), settings.settings_take(facts), look="lead")
    yield from reported.drawings("settings")
    yield from texts(settings.settings_slow(facts), settings.how_many(facts))
    for who in facts.ordered(found):
        rows = list(map(_row, found[who]))
        title = f"{facts.names.strategy(who.strategy)}, {facts.names.variant(who.variant)}"
        yield Fold(title, (table(COLUMNS, rows),), f"{len(rows)}")


def _row(setting: Setting) -> list[Cell]:
    """Return a setting, and whether it is ours or a default that figures depend on."""
    whose = DEFAULT if setting.is_default else OURS
    return list(map(Cell, (setting.name, setting.value, whose, setting.why, setting.source)))
