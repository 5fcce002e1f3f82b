#!/usr/bin/env python3
"""Looks at a running service's console as people do: in Chromium, on a screen and on a phone, by keyboard alone.

    quote-service serve --console demo --port 8080 …
    Tests/Drills/console_drill.py http://127.0.0.1:8080 [--pictures FOLDER] [--record]

Needs PyPI's playwright and Debian's chromium. Every page must load without an error or a refused script, draw its charts, fit
the screen's width, be reached in full by the Tab key with a visible focus, and have the structure that
console_structure.json keeps: headings, table captions and columns, charts. --record keeps the structure that is found.
"""
import argparse
import json
import pathlib
import sys
import time

from playwright.sync_api import sync_playwright

HERE = pathlib.Path(__file__).resolve().parent
STRUCTURE = HERE / "console_structure.json"
ASKED = "volume=200&unit=GB&months=6&egress=20&reads=400000&writes=40000&scheme=auto&tolerate=1&availability=0.9999&region=eu-west"
PAGES = {
    "form": "/",
    "sample": "/?sample=small-app",
    "fault": "/console/quote?volume=-3&months=0&region=eu-west&egress=1&reads=1&writes=1&scheme=auto&tolerate=0",
    "quote": f"/console/quote?{ASKED}",
    "refusal": f"/console/quote?{ASKED}&budget=0.01",
    "frontier": f"/console/frontier?{ASKED}",
    "listing": "/console/listing",
    "provider": "/console/providers/wasabi",
    "curves": "/console/providers/wasabi/prices",
    "models": "/console/models",
    "nothing": "/console/nothing",
}
SCREENS = {"screen": (1280, 800), "phone": (390, 844)}

FOCUSABLE = """() => [...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")]
    .filter(e => e.getClientRects().length && !e.disabled).length"""
FOCUSED = """() => { const e = document.activeElement; if (!e || e === document.body) return null;
    const style = getComputedStyle(e);
    return { name: e.tagName + '#' + (e.id || e.textContent.trim().slice(0, 20)),
        isVisible: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none',
        place: [...document.querySelectorAll('*')].indexOf(e), right: e.getBoundingClientRect().right } }"""
OUTLINE = """() => { const text = e => e.textContent.trim().replace(/\\d[\\d.,]*/g, '#');
    return { headings: [...document.querySelectorAll('h1, h2')].map(text),
        landmarks: [...document.querySelectorAll('header, nav, main, footer')].map(e => e.tagName.toLowerCase()),
        tables: [...document.querySelectorAll('table')].map(t => [text(t.querySelector('caption')),
            ...[...t.querySelectorAll('thead th')].map(text)]),
        charts: [...document.querySelectorAll('canvas')].map(e => e.id),
        fields: [...document.querySelectorAll('input:not([type=checkbox]), select')].map(e => e.id) } }"""


class Drill:
    def __init__(self, page, url):
        self.page, self.url, self.faults, self.where = page, url, [], ""
        page.on("console", lambda m: m.type == "error" and not m.text.startswith("Failed to load resource: the server responded")
                and self.fault(f"console: {m.text}"))
        page.on("pageerror", lambda e: self.fault(f"script: {e}"))
        page.on("requestfailed", lambda r: self.fault(f"not loaded: {r.url}"))

    def fault(self, text):
        self.faults.append(f"{self.where}: {text}")

    def require(self, condition, text):
        if not condition:
            self.fault(text)

    def visit(self, path):
        self.page.goto(self.url + path)
        end = time.time() + 180
        while self.page.locator("[role=status]").count() and time.time() < end:  # it is being worked out
            time.sleep(1)
        self.require(not self.page.locator("[role=status]").count(), "was not worked out in three minutes")

    def look(self):
        page = self.page
        canvases, drawn = page.locator("canvas").count(), page.locator("canvas[data-drawn=true]").count()
        self.require(canvases == drawn, f"{drawn} of {canvases} charts are drawn")
        width = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        self.require(width <= 0, f"is {width} px wider than the screen")
        self.require(page.locator("h1").count() == 1, "has not one heading of the first rank")

    def tab(self):
        """Every element that can be worked with is reached, in the order of the page, and seen."""
        wanted, seen = self.page.evaluate(FOCUSABLE), []
        self.page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
        for _ in range(wanted + 5):
            self.page.keyboard.press("Tab")
            focus = self.page.evaluate(FOCUSED)
            if focus is None or (seen and focus["place"] <= seen[-1]["place"]):
                break
            self.require(focus["isVisible"], f"focus on {focus['name']} is not seen")
            seen.append(focus)
        self.require(len(seen) == wanted, f"Tab reaches {len(seen)} of {wanted} elements, the last {seen[-1:]}")
        self.require(seen and seen[0]["name"].startswith("A#Skip"), "the first stop does not skip to the content")
        return len(seen)


def by_keyboard(drill):
    """From the form to a quote and its frontier, without a mouse; then a point of the chart, with one."""
    page = drill.page
    drill.visit("/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    drill.require(page.evaluate("location.hash") == "#main", "skipping does not lead to the content")
    page.focus("#volume")
    page.keyboard.press("Control+A")
    page.keyboard.type("300")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    drill.require("300" in page.locator("h1").inner_text(), f"the quote is '{page.locator('h1').inner_text()}'")
    page.get_by_role("link", name="What more or less money would bring").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    place = page.evaluate("""() => { const chart = Chart.getChart('availability');
        const point = chart.getDatasetMeta(0).data[0], box = chart.canvas.getBoundingClientRect();
        window.scrollTo(0, box.top + scrollY - 100);
        const now = chart.canvas.getBoundingClientRect();
        return [now.left + point.x, now.top + point.y] }""")
    page.mouse.click(*place)
    drill.require(page.locator("tr.chosen").count() == 1, "a selected point marks no row")
    drill.require("Select a point" not in page.locator("#selected").inner_text(), "a selected point is not told")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("url")
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    options = parser.parse_args()
    outlines, faults, stops = {}, [], 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        for screen, (width, height) in SCREENS.items():
            drill = Drill(browser.new_page(viewport={"width": width, "height": height}), options.url)
            for name, path in PAGES.items():
                drill.where = f"{name} on a {screen}"
                drill.visit(path)
                drill.look()
                stops += drill.tab()
                outline = drill.page.evaluate(OUTLINE)
                if outlines.setdefault(name, outline) != outline:
                    drill.fault("has another structure than on the screen")
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    drill.page.screenshot(path=options.pictures / f"{name}-{screen}.png", full_page=True)
            drill.where = f"keyboard on a {screen}"
            by_keyboard(drill)
            faults += drill.faults
        browser.close()
    if options.record:
        STRUCTURE.write_text(json.dumps(outlines, indent=1, ensure_ascii=False) + "\n")
    golden = json.loads(STRUCTURE.read_text())
    for name in PAGES:
        for part, found in outlines[name].items():
            if golden.get(name, {}).get(part) != found:
                faults.append(f"{name}: {part} are {found}, not {golden.get(name, {}).get(part)}")
    for fault in faults:
        print("FAULT", fault)
    print(f"{len(PAGES)} pages on {len(SCREENS)} screens, {stops} stops of the Tab key: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
