#!/usr/bin/env python3
"""Makes the pricing reports of three real providers and looks at them in Chromium, on a screen, on a phone and in print.

    Tests/Drills/report_drill.py DATABASE [--pictures FOLDER] [--record]

DATABASE has the shipped catalogue; the commands are those of .build/release. Every report must be one file that fetches
nothing, draw its charts without an error, fit the screen's width, print, and have the structure that report_structure.json
keeps: headings, table columns, charts. --record keeps the structure that is found.
"""
import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from pages import CHROMIUM, OUTLINE, SCREENS, Drill, compare, launch

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROVIDERS = ["backblaze", "hetzner", "wasabi"]
AT = "2026-11-20T12:00:00Z"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("database", type=pathlib.Path)
    parser.add_argument("--pictures", type=pathlib.Path)
    parser.add_argument("--record", action="store_true")
    parser.add_argument("--chromium", default=CHROMIUM)
    options = parser.parse_args()
    outlines, faults = {}, []
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright, options.chromium)
        for provider in PROVIDERS:
            page, begin = pathlib.Path(folder) / f"{provider}.html", time.time()
            subprocess.run(
                [ROOT / ".build/release/pricing-advisor", "report", "--provider", provider, "--at", AT, "--database",
                 options.database.resolve(), "--audit", pathlib.Path(folder) / "audit.jsonl", "--out", page],
                cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            print(f"{provider}: {page.stat().st_size / 1000:.0f} kB after {time.time() - begin:.1f} s")
            for screen, (width, height) in SCREENS.items():
                context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
                drill = Drill(context.new_page(), page.as_uri())
                drill.where = f"{provider} on a {screen}"
                drill.visit("")
                drill.look()
                outline = drill.page.evaluate(OUTLINE)
                if outlines.setdefault(provider, outline) != outline:
                    drill.fault("has another structure than on the screen")
                if options.pictures:
                    options.pictures.mkdir(parents=True, exist_ok=True)
                    drill.page.screenshot(path=options.pictures / f"{provider}-{screen}.png", full_page=True)
                    if screen == "screen":
                        drill.page.pdf(path=options.pictures / f"{provider}.pdf", format="A4")
                faults += drill.faults
                context.close()
        browser.close()
    faults += compare(outlines, HERE / "report_structure.json", options.record)
    for fault in faults:
        print("FAULT", fault)
    print(f"{len(PROVIDERS)} reports on {len(SCREENS)} screens: {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
