"""The pages as a browser shows them: whole, readable and by themselves."""

from pathlib import Path
from typing import Literal

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

WIDTHS_PX = (320, 360, 414, 600, 768, 1024, 1280, 1920)
HEIGHT_PX = 900
# Elements that reach over the right edge, without those that scroll inside a frame of their own.
OVER_THE_EDGE = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (one) => one && (/(auto|scroll|hidden)/.test(getComputedStyle(one).overflowX)
    || scrolls(one.parentElement));
  return [...document.body.querySelectorAll("*")]
    .filter((one) => one.getBoundingClientRect().right > width + 1 && !scrolls(one.parentElement))
    .map((one) => `${one.tagName}: ${one.textContent.trim().slice(0, 40)}`);
}"""
DEAD_LINKS = """() => [...document.querySelectorAll("a[href^='#']")]
  .map((link) => link.getAttribute("href").slice(1))
  .filter((id) => !document.getElementById(id))"""
FILES = """() => [...document.querySelectorAll("a[href]")].map((link) => link.getAttribute("href"))
  .filter((href) => !/^(#|[a-z]+:)/.test(href))"""
# A table that is wider than a sheet of paper is cut there.
CUT_ON_PAPER = """() => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll("table, svg, p, li, h1, h2, h3")]
    .filter((one) => one.getClientRects().length && one.getBoundingClientRect().right > width + 1)
    .map((one) => one.textContent.trim().slice(0, 60));
}"""
# A sheet of A4 at 96 px per inch, less margins of 14 mm.
A4_PX = ViewportSize(width=794 - 2 * 53, height=1123 - 2 * 53)
Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


@pytest.mark.parametrize("name", ["report", "comparison"])
def test_nothing_is_fetched_and_nothing_complains(
    browser: Browser, files: dict[str, Path], name: str
) -> None:
    """A page is one file: no network, no console error, no failed script."""
    asked, complaints = [], []
    with browser.new_page() as page:
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(files[name].as_uri())
        page.wait_for_load_state("networkidle")
    assert [url for url in asked if not url.startswith("data:")] == [files[name].as_uri()]
    assert complaints == []


def test_links_lead_somewhere(opened: Page) -> None:
    """Anchors are on the page, and files are beside it."""
    assert opened.evaluate(DEAD_LINKS) == []
    here = Path(opened.url.removeprefix("file://")).parent
    assert [href for href in opened.evaluate(FILES) if not (here / href).exists()] == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_accessible(opened: Page, scheme: Scheme) -> None:
    """Contrast, headings in order, landmarks, alt texts, names of controls: axe's rules."""
    opened.emulate_media(color_scheme=scheme)
    found = Axe().run(opened).response["violations"]
    said = [(one["id"], node["html"][:120]) for one in found for node in one["nodes"]]
    assert said == []


def test_alt_texts_state_a_finding(opened: Page) -> None:
    """A drawing that says something says it in words too."""
    shown = opened.locator("svg:not([aria-hidden=true]):visible")
    texts = [one.get_attribute("aria-label") or "" for one in shown.all()]
    assert [text for text in texts if len(text.split()) < 5] == []


@pytest.mark.parametrize("width_px", WIDTHS_PX)
def test_nothing_reaches_over_the_edge(opened: Page, width_px: int) -> None:
    """From a phone to a wide screen, nobody scrolls sideways."""
    opened.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
    assert opened.evaluate(OVER_THE_EDGE) == []
    assert opened.evaluate("document.documentElement.scrollWidth") <= width_px


def test_a_load_is_chosen_without_a_script(browser: Browser, files: dict[str, Path]) -> None:
    """One load's figures are shown at a time, by the style sheet alone."""
    with browser.new_page(java_script_enabled=False) as page:
        page.goto(files["report"].as_uri())
        choice = page.locator("fieldset").first
        name = choice.locator("input").first.get_attribute("name")
        options = [page.locator(f".{name}-option.{name}-{number}").first for number in range(2)]
        assert [one.is_visible() for one in options] == [True, False]
        choice.locator("label").nth(1).click()
        assert [one.is_visible() for one in options] == [False, True]


def test_it_prints_whole(opened: Page) -> None:
    """On paper nothing is cut off at the right, whether folds were open or not."""
    opened.set_viewport_size(A4_PX)
    opened.emulate_media(media="print")
    assert opened.evaluate(CUT_ON_PAPER) == []
