"""A browser, and the pages that it opens: a run's report, and two runs compared."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from typer.testing import CliRunner

from after202 import report
from after202.cli import app
from after202.records.folder import RunFolder
from tests.analyse.run_folder import TrialHistory, write_run

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
STRATEGIES = {"background_tasks": 2.0, "celery_queue": 7.0, "rq_queue": 6.0, "inline": 24.0}
BLOCKS, RATES_PER_S = 9, (5, 9)
GONE = frozenset({3, 7})
# Whose worker is killed, which jobs that takes, and how often.
STRUCK = {"celery_queue": GONE, "rq_queue": frozenset[int]()}
EPISODES = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser."""
    here = Path(__file__).parent
    for item in items:
        if item.path.is_relative_to(here):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.processes)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start the Chromium of this machine, without a window."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if found is None:
        pytest.fail(f"no browser: install one of {', '.join(CHROMIUM)}", pytrace=False)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield started
        started.close()


def stored(path: Path, seed: int) -> RunFolder:
    """Write a run with two loads, losses in one fault, and a trial that is not valid."""
    chance = Random(seed)
    compared = [
        TrialHistory(
            strategy, block, response_ms * chance.uniform(0.98, 1.02), rate_per_s=rate_per_s,
            valid=(strategy, block) != ("inline", 0),
        )
        for block in range(BLOCKS)
        for rate_per_s in RATES_PER_S
        for strategy, response_ms in STRATEGIES.items()
    ]  # fmt: skip
    struck = [
        TrialHistory(strategy, fault="W2", lost=lost)
        for strategy, lost in STRUCK.items()
        for _ in range(EPISODES)
    ]
    folder = write_run(path, [*compared, *struck])
    folder.write(folder.read().model_copy(update={"run": folder.name}))
    return folder


@pytest.fixture(scope="session")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Write the pages, and give each by its name."""
    results = tmp_path_factory.mktemp("results")
    first, second = stored(results / "a", 1), stored(results / "b", 2)
    report.write(first)
    done = CliRunner().invoke(
        app, ["compare", str(first.path), str(second.path), "--results", str(results)]
    )
    assert done.exit_code in (0, 1), done.output
    (compared,) = [p for p in results.rglob("*.html") if first.path not in p.parents]
    return {"report": first.page(report.INDEX), "comparison": compared}


@pytest.fixture(params=["report", "comparison"])
def opened(
    request: pytest.FixtureRequest, browser: Browser, files: dict[str, Path]
) -> Iterator[Page]:
    """Open a page, with every fold open."""
    with browser.new_page() as page:
        page.goto(files[request.param].as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        yield page
