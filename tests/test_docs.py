"""The examples in the documents are right: they are read and loaded as a user would have them."""

import re
from pathlib import Path

import pytest

from after202.plan import reading
from after202.validate.contract import session
from apps import registry
from tests.plan.catalogue import CATALOGUE
from tests.project import ROOT

PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
CODE = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")
FOLDERS = ["after202", "apps", "docs", "loadtests", "requirements", "tests", "workers"]
TEXTS = {".in", ".md", ".py", ".toml", ".txt"}


def blocks(page: str, language: str) -> list[str]:
    """Return the code blocks of a page in a language."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)


def test_the_example_profile_is_one(tmp_path: Path) -> None:
    """The four parts of docs/adding.md together, and the first alone, are profiles."""
    compared, capacity, faults, pressures, *_ = blocks("docs/adding.md", "toml")
    top, comparison = compared.split("[[comparison]]")
    aside, matrix = faults.split("[[matrix]]")
    text = f"{top}{aside}\n[[comparison]]{comparison}\n{capacity}\n[[matrix]]{matrix}\n{pressures}"
    for name, content in (("alone", compared), ("all", text)):
        path = tmp_path / f"{name}.toml"
        path.write_text(content)
        profile = reading.read(str(path))
        reading.require_known(
            profile.model_copy(update={"variants": ("documented",), "matrix": ()}), CATALOGUE
        )
    assert profile.capacity is not None
    assert profile.matrix[0].horizon_s == 100
    assert [one.shape for one in profile.pressure] == ["burst", "overload", "backlog"]


def test_the_example_of_a_prefill_and_of_overrides_is_a_profile(tmp_path: Path) -> None:
    """Beside a matrix with the fault whose parameters it sets."""
    *_, prefill, overrides = blocks("docs/adding.md", "toml")
    matrix = '[[matrix]]\nfaults = ["W8"]\nrate_per_s = 3\nwindow_s = 5\nepisodes = 1\n'
    path = tmp_path / "mine.toml"
    path.write_text(f'description = "x"\n{matrix}{prefill}{overrides}')
    profile = reading.read(str(path))
    reading.require_known(profile, CATALOGUE)
    assert [(one.shape, one.limit_s) for one in profile.pressure] == [("prefill", 300)]
    assert profile.fault == {"W8": {"times": 3, "every_s": 10}}
    assert profile.variant["celery_queue"]["documented"]["visibility_timeout"] == 30


def test_the_page_lists_exactly_the_checks_of_a_strategy() -> None:
    """In the order in which the command prints them."""
    text = (ROOT / "docs" / "adding.md").read_text(encoding="utf-8")
    table = text.partition("| check | passes if |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `(\w+)` \|", table, flags=re.MULTILINE) == list(session.NAMES)


@pytest.mark.parametrize("page", ["README.md", "docs/adding.md"])
def test_the_example_strategy_is_one(page: str, tmp_path: Path) -> None:
    """The file that a page shows is loaded from where a user has put it."""
    path = tmp_path / f"yours_{Path(page).stem.lower()}.py"
    path.write_text(blocks(page, "python")[0])
    facts = registry.describe(str(path))
    assert facts.label == "Yours"
    assert list(facts.variants) == ["documented"]
    assert facts.worker == ""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    """A page that moved took its links along."""
    links = LINK.findall(CODE.sub("", page.read_text(encoding="utf-8")))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_names_the_host_of_a_package_registry(folder: str) -> None:
    """Not as the source of a setting either: whoever installs chooses where from."""
    hosts = [f"{name}.org" for name in ("pypi", "pythonhosted")]
    files = (p for p in (ROOT / folder).rglob("*") if p.suffix in TEXTS)
    named = [p for p in files if any(host in p.read_text(encoding="utf-8") for host in hosts)]
    assert named == []
