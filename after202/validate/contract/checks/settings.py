"""Settings: each has its value, its reason and its source, and the running API has the same."""

from collections.abc import Iterator, Mapping

from after202.kernel.model import DOCUMENTED, Setting
from after202.validate.contract.line import Line, fails, passes
from after202.validate.contract.system import System

STATED = ("name", "value", "why", "source")


def check(system: System) -> Iterator[Line]:
    """Compare what the strategy's file says with what the running API says of itself."""
    facts = system.facts.variants[system.variant]
    for setting in facts.settings:
        if lacking := [name for name in STATED if not getattr(setting, name).strip()]:
            yield fails(
                f"the setting {setting.name!r} lacks its {' and its '.join(lacking)}",
                "state what it is, why it is so, and where the library's documentation says so",
            )
            return
    running = system.stack.api.variant()
    if _values(running.settings).keys() != _values(facts.settings).keys():
        differ = _values(running.settings).keys() ^ _values(facts.settings).keys()
        yield fails(
            f"the running API and the file differ in {', '.join(sorted(differ))}",
            "a variant's settings may depend on the wiring in their values alone",
        )
        return
    if (running.redelivery_s, running.stop_grace_s) != (facts.redelivery_s, facts.stop_grace_s):
        yield fails(
            "the running API has another redelivery_s or stop_grace_s than the file",
            "neither may depend on the wiring",
        )
        return
    yield from _own(system)


def _own(system: System) -> Iterator[Line]:
    """Require that a variant beside the documented one says in what it differs."""
    facts = system.facts.variants
    mine = _values(facts[system.variant].settings)
    if system.variant != DOCUMENTED and DOCUMENTED in facts:
        theirs = _values(facts[DOCUMENTED].settings)
        if mine == theirs:
            yield fails(
                f"{system.variant} has the settings of {DOCUMENTED}",
                "state each setting in which it differs, with its reason and its source",
            )
            return
    yield passes(f"{len(mine)} settings with reason and source, the same in the running API")


def _values(settings: tuple[Setting, ...]) -> Mapping[str, str]:
    return {setting.name: setting.value for setting in settings}
