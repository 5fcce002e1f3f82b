#!/usr/bin/env python3
"""Looks at a running service's console as people do: in Chromium, on a screen and on a phone, by keyboard alone.

    quote-service serve --console demo --port 8080 …
    Tests/Drills/console_drill.py http://127.0.0.1:8080 [--pictures FOLDER] [--record]

Needs PyPI's playwright and Debian's chromium. Every page must load without an error or a refused script, draw its charts, fit
the screen's width, be reached in full by the Tab key with a visible focus, and have the structure that
console_structure.json keeps: headings, table captions and columns, charts. --record keeps the structure that is found.
"""
import pathlib
import sys

from playwright.sync_api import sync_playwright

from pages import SCREENS, Drill, Gallery, launch, options

HERE = pathlib.Path(__file__).resolve().parent
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
    if not page.locator("#points tbody tr").count():
        return drill.fault("no frontier was found in time; is the machine busy?")
    place = page.evaluate("""() => { const chart = Chart.getChart('availability');
        const point = chart.getDatasetMeta(0).data[0], box = chart.canvas.getBoundingClientRect();
        window.scrollTo(0, box.top + scrollY - 100);
        const now = chart.canvas.getBoundingClientRect();
        return [now.left + point.x, now.top + point.y] }""")
    page.mouse.click(*place)
    drill.require(page.locator("tr.chosen").count() == 1, "a selected point marks no row")
    drill.require("Select a point" not in page.locator("#selected").inner_text(), "a selected point is not told")


def main():
    asked = options(__doc__, "url", "where the service answers")
    gallery, stops = Gallery(asked), 0
    with sync_playwright() as playwright:
        browser = launch(playwright, asked.chromium)
        for screen, (width, height) in SCREENS.items():
            drill = Drill(browser.new_page(viewport={"width": width, "height": height}), asked.url)
            for name, path in PAGES.items():
                drill.where = f"{name} on a {screen}"
                drill.visit(path)
                drill.look()
                stops += drill.tab()
                gallery.keep(name, screen, drill)
            drill.where = f"keyboard on a {screen}"
            by_keyboard(drill)
            gallery.faults += drill.faults
        browser.close()
    return gallery.end(
        HERE / "console_structure.json", f"{len(PAGES)} pages on {len(SCREENS)} screens, {stops} stops of the Tab key")


if __name__ == "__main__":
    sys.exit(main())
