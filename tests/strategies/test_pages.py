"""The pages of strategies: what a strategy says of itself, and what a run measured of it."""

from pathlib import Path

import pytest

from after202.kernel.model import Setting, StrategyFacts, VariantFacts
from after202.plan.catalogue import strategy_files
from tests.project import ROOT
from tests.strategies import measured, page

pytestmark = pytest.mark.fast
PAGES = ROOT / "docs" / "strategies"


def setting(name: str, *, is_default: bool = False) -> Setting:
    """Return a setting of this name."""
    return Setting(name=name, value="1 | 2", why="so", source="there", is_default=is_default)


FACTS = StrategyFacts(
    name="rq_queue", label="Mine", summary="Mine: it waits.", source="rq_queue", worker="rq_queue",
    broker="redis",
    variants={
        "documented": VariantFacts(settings=(setting("a", is_default=True),), redelivery_s=1095),
        "hardened": VariantFacts(settings=(setting("a", is_default=True), setting("b"))),
    },
)  # fmt: skip


def test_every_strategy_has_a_page_and_a_row() -> None:
    """`make strategies` writes both; a page of a strategy that is gone is gone too."""
    assert {path.stem for path in PAGES.glob("*.md")} == {"README", *strategy_files()}
    listed = (PAGES / "README.md").read_text(encoding="utf-8")
    assert [name for name in strategy_files() if f"({name}.md)" not in listed] == []


@pytest.mark.parametrize("name", strategy_files())
def test_a_page_shows_the_code_as_it_is(name: str) -> None:
    """Whoever changes a strategy runs `make strategies`."""
    text = (PAGES / f"{name}.md").read_text(encoding="utf-8")
    for folder in ("apps", "workers"):
        path = ROOT / folder / f"{name}.py"
        assert not path.exists() or path.read_text(encoding="utf-8").rstrip() in text


def test_a_page_says_each_setting_once_with_its_reason() -> None:
    """What the hardened variant shares with the documented one is not said again."""
    text = page.of(FACTS, page.Library("rq", "3.0.0", "Ann"), "")
    assert text.startswith("# Mine\n\nMine: it waits.\n")
    assert "| Redelivered within | 1,095 s (documented), never (hardened) |" in text
    assert text.count("| a | 1 \\| 2 | the library's | so | there |") == 1
    documented, hardened = text.split("**hardened**")
    assert "| b | 1 \\| 2 | ours |" in hardened
    assert "| b |" not in documented
    assert "STRATEGY = Strategy(" in text


def test_without_a_library_nothing_is_said_of_one() -> None:
    """Nor of a worker that there is not."""
    alone = FACTS.model_copy(update={"worker": "", "source": "inline", "broker": None})
    text = page.of(alone, None, "")
    assert "Library" not in text
    assert "workers/" not in text
    assert "they live in the process alone" in text


def test_what_was_measured_is_kept_until_another_run_measures_it(tmp_path: Path) -> None:
    """A run without the strategy says nothing of it."""
    found = f"{measured.BEGIN}\n\nfigures\n\n{measured.END}"
    assert measured.kept(page.of(FACTS, None, found)) == found
    assert measured.kept("# Mine\n") == ""
    assert measured.text(tmp_path, "rq_queue") == ""


def test_figures_are_those_of_the_reference_run() -> None:
    """A row for each fault and variant, with the classes that any of them has."""
    text = measured.text(ROOT / "results" / "reference" / "faults", "background_tasks")
    assert "| A2 | documented | no persistence | 4 | 40 | 34 |" in text
    assert "duplicated" not in text
    assert "Medians" not in text
