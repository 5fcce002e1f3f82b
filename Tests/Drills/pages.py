"""Pages as people see them, in Chromium: what the drills of the console and of reports have in common.

Needs PyPI's playwright and Debian's chromium.
"""
import argparse
import json
import pathlib
import time

SCREENS = {"screen": (1280, 800), "phone": (390, 844)}

FOCUSABLE = """() => [...document.querySelectorAll("a[href], button, input, select, [tabindex='0']")]
    .filter(e => e.getClientRects().length && !e.disabled).length"""
FOCUSED = """() => { const e = document.activeElement; if (!e || e === document.body) return null;
    const style = getComputedStyle(e);
    return { name: e.tagName + '#' + (e.id || e.textContent.trim().slice(0, 20)),
        isVisible: parseFloat(style.outlineWidth) > 0 && style.outlineStyle !== 'none',
        place: [...document.querySelectorAll('*')].indexOf(e), right: e.getBoundingClientRect().right } }"""
OUTLINE = """() => { const text = e => e === null ? '' : e.textContent.trim().replace(/\\d[\\d.,]*/g, '#');
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
        canvases = page.locator("canvas").count()
        drawn = canvases and page.evaluate("[...document.querySelectorAll('canvas')].filter(e => Chart.getChart(e)).length")
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


def options(description, name, text):
    """The arguments that the drills have in common, and one of their own."""
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument(name, help=text)
    parser.add_argument("--pictures", type=pathlib.Path, help="a folder for pictures of every page")
    parser.add_argument("--record", action="store_true", help="keep the structure that is found")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    return parser.parse_args()


class Gallery:
    """The pages that were looked at: their structure, their pictures and their faults."""

    def __init__(self, options):
        self.options, self.outlines, self.faults = options, {}, []

    def keep(self, name, screen, drill):
        """Takes in the page `name` that stands in `drill`: it must look the same on every screen but for its size."""
        outline = drill.page.evaluate(OUTLINE)
        drill.require(self.outlines.setdefault(name, outline) == outline, "has another structure than on the screen")
        if self.options.pictures:
            self.options.pictures.mkdir(parents=True, exist_ok=True)
            drill.page.screenshot(path=self.options.pictures / f"{name}-{screen}.png", full_page=True)

    def end(self, path, summary):
        """Compares with the structure that is kept at `path`, tells every fault, and gives the exit code."""
        if self.options.record:
            path.write_text(json.dumps(self.outlines, indent=1, ensure_ascii=False) + "\n")
        golden = json.loads(path.read_text())
        self.faults += [f"{name}: is not kept, or is gone" for name in golden.keys() ^ self.outlines.keys()]
        for name in golden.keys() & self.outlines.keys():
            self.faults += [f"{name}: {part} are {found}, not {golden[name].get(part)}"
                            for part, found in self.outlines[name].items() if golden[name].get(part) != found]
        for fault in self.faults:
            print("FAULT", fault)
        print(f"{summary}: {len(self.faults)} faults")
        return 1 if self.faults else 0


def launch(playwright, path):
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
