"""The built book in a browser that cannot reach the network: what a reader would see.

Needs the built book, Chromium with its driver, and for one test axe-core's `axe.min.js`, named by
MFST_AXE. Each page is opened once; the tests look at what was found there.
"""

import json
import os
import shutil
import tempfile
from functools import cache
from pathlib import Path

import pytest
from book_pages import BUILT, pages

webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER = os.environ.get("MFST_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)
DRIVER = shutil.which("chromedriver")

if not (BUILT / "index.html").is_file():
    pytest.skip("the book is not built: jupyter-book build book", allow_module_level=True)
if not BROWSER or not DRIVER:
    pytest.skip("no Chromium with chromedriver: see MFST_CHROMIUM", allow_module_level=True)

FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    *("--disable-dev-shm-usage", "--window-size=1280,900"),
    "--host-resolver-rules=MAP * ~NOTFOUND",  # no name leads anywhere
)

#: Messages of the tools that make the pages, which change nothing for the reader.
HARMLESS = (
    "THEBE_JS_URL' has already been declared",  # sphinx-thebe is not used, but put in twice
    "Got invalid theme mode",  # the theme on a first visit, before it falls back to `auto`
)

#: What axe-core finds in the theme, not in our pages: the rule, and parts of its selectors.
THEME = {
    # The label of a button says what it does, in other words than those that are seen on it.
    "label-content-name-mismatch": ("search-button", "theme-switch-button", "details > summary"),
    # The roles that docutils gives to the entries of a bibliography, and to their list.
    "aria-deprecated-role": ("#id",),
    "aria-required-parent": ("#id", ".citation", ".biblio"),
    "aria-required-children": (".citation-list", 'role="list"'),
}

#: Everything that is read off a page once it stands, as one script.
LOOK = """
const text = document.createElement("div");
text.append(document.querySelector("article").cloneNode(true));
text.querySelectorAll("pre, code, math, script, style").forEach((e) => e.remove());
const shown = (e) => e.getBoundingClientRect().width > 0 && e.getBoundingClientRect().height > 0;
const equations = [...document.querySelectorAll("article div.math, article span.math")];
const moved = [];
for (const box of document.querySelectorAll(".book-widget-box")) {
  const slider = box.querySelector(":scope > label input[type=range]");
  const stack = box.querySelector(":scope > .book-widget-box");
  if (!slider || !stack) continue;
  const seen = new Set();
  const steps = Number(slider.max) - Number(slider.min) + 1;
  for (let value = Number(slider.min); value <= Number(slider.max); value++) {
    slider.value = value;
    slider.dispatchEvent(new Event("input", { bubbles: true }));
    const open = [...stack.children].filter((page) => !page.hidden);
    const image = open.length === 1 ? open[0].querySelector("img") : null;
    if (image && image.getBoundingClientRect().width > 0) seen.add(image.src);
  }
  slider.focus();
  moved.push({ steps, seen: seen.size, focus: document.activeElement === slider });
}
return {
  raw: /\\$\\$/.test(text.textContent),
  equations: equations.length,
  undrawn: equations.filter((e) => !e.querySelector("math")).map((e) => e.textContent.slice(0, 80)),
  flat: [...document.querySelectorAll("article div.math math")].filter((e) => !shown(e)
    && e.offsetParent !== null).length,
  silent: [...document.images].filter((e) => !e.alt.trim()).map((e) => e.src.slice(0, 80)),
  broken: [...document.images].filter((e) => e.complete && !e.naturalWidth)
    .map((e) => e.src.slice(0, 80)),
  moved,
};
"""

#: The same page on a phone: what sticks out, and equations whose beginning cannot be reached.
PHONE = {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True}
NARROW = """
const left = (e) => e.getBoundingClientRect().left;
const lines = [...document.querySelectorAll("article div.math:has(math)")];
return {
  width: document.documentElement.scrollWidth,
  cut: lines.filter((e) => left(e.querySelector("math")) < left(e) - 1)
    .map((e) => e.textContent.slice(0, 80)),
};
"""

AXE = """
const done = arguments[arguments.length - 1];
axe.run(document, { preload: false, resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"] })
  .then((found) => done(found.violations.map((v) => [v.id, v.help, v.nodes.map((n) =>
    n.target.join(" "))])), (error) => done([["error", String(error), []]]));
"""

each_page = pytest.mark.parametrize("page", pages())


@pytest.fixture(scope="module")
def browser():
    options = webdriver.ChromeOptions()
    options.binary_location = BROWSER
    options.page_load_strategy = "normal"
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        driver = webdriver.Chrome(options=options, service=webdriver.ChromeService(DRIVER))
        driver.set_script_timeout(120)
        driver.set_page_load_timeout(120)
        yield driver
        driver.quit()


@pytest.fixture(scope="module")
def looked(browser):
    """A function from a page's name to what was found on it."""

    @cache
    def look(page):
        browser.get((BUILT / f"{page}.html").as_uri())
        found = browser.execute_script(LOOK)
        found["console"] = [
            entry["message"]
            for entry in browser.get_log("browser")
            if entry["level"] == "SEVERE" and not any(h in entry["message"] for h in HARMLESS)
        ]
        found["asked"] = sorted(set(requests(browser)))
        found["barriers"] = barriers(browser) if os.environ.get("MFST_AXE") else None
        browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", PHONE)
        found["phone"] = browser.execute_script(NARROW)
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        return found

    return look


def requests(browser):
    """What the page asked of the network since the last call."""
    for entry in browser.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if url.startswith(("http:", "https:", "ws:", "wss:")):
                yield url


def barriers(browser):
    """What axe-core objects to on the open page, without what the theme brings."""
    browser.execute_script(Path(os.environ["MFST_AXE"]).read_text("utf-8"))
    found = []
    for rule, why, places in browser.execute_async_script(AXE):
        ours = [p for p in places if not any(known in p for known in THEME.get(rule, ()))]
        if ours or not places:
            found.append((rule, why, ours[:5]))
    return found


@each_page
def test_no_error_on_the_console(looked, page):
    assert looked(page)["console"] == []


@each_page
def test_nothing_is_asked_of_the_network(looked, page):
    assert looked(page)["asked"] == []


@each_page
def test_every_equation_is_drawn(looked, page):
    found = looked(page)
    assert not found["raw"], "there are $$ in the text"
    assert found["undrawn"] == []
    assert found["flat"] == 0, "an equation without height"


def test_there_are_equations(looked):
    assert sum(looked(page)["equations"] for page in pages()) > 5


@each_page
def test_every_picture_has_a_text_and_is_there(looked, page):
    found = looked(page)
    assert found["silent"] == []
    assert found["broken"] == []


@each_page
def test_every_slider_moves_its_picture(looked, page):
    for slider in looked(page)["moved"]:
        assert slider["steps"] > 1
        # Two steps may choose the same box; a slider that is dead shows one picture.
        assert slider["seen"] >= slider["steps"] - 1, "steps show the same picture, or none"
        assert slider["focus"], "cannot be reached with the keyboard"


def test_there_are_sliders(looked):
    assert sum(len(looked(page)["moved"]) for page in pages()) > 0


@each_page
def test_no_barrier_for_readers_with_disabilities(looked, page):
    if not os.environ.get("MFST_AXE"):
        pytest.skip("axe-core was not run: MFST_AXE names no axe.min.js")
    assert looked(page)["barriers"] == []


@each_page
def test_nothing_sticks_out_on_a_phone(looked, page):
    assert looked(page)["phone"] == {"width": PHONE["width"], "cut": []}
