#!/usr/bin/env python3
"""Makes the pricing reports of three real providers and looks at them in Chromium, on a screen, on a phone and in print.

    Tests/Drills/report_drill.py DATABASE [--pictures FOLDER] [--record]

DATABASE has the shipped catalogue; the commands are those of .build/release. Every report must be one file that fetches
nothing, draw its charts without an error, fit the screen's width, print, and have the structure that report_structure.json
keeps: headings, table columns, charts. --record keeps the structure that is found.
"""
import pathlib
import subprocess
import sys
import tempfile
import time

from playwright.sync_api import sync_playwright

from pages import SCREENS, Drill, Gallery, launch, options

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PROVIDERS = ["backblaze", "hetzner", "wasabi"]
AT = "2026-11-20T12:00:00Z"


def make(provider, database, folder):
    """The report of `provider`, as a file."""
    page, begin = folder / f"{provider}.html", time.time()
    subprocess.run(
        [ROOT / ".build/release/pricing-advisor", "report", "--provider", provider, "--at", AT, "--database", database,
         "--audit", folder / "audit.jsonl", "--out", page],
        cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(f"{provider}: {page.stat().st_size / 1000:.0f} kB after {time.time() - begin:.1f} s")
    return page


def main():
    asked = options(__doc__, "database", "a database with the shipped catalogue")
    gallery = Gallery(asked)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = launch(playwright, asked.chromium)
        for provider in PROVIDERS:
            page = make(provider, pathlib.Path(asked.database).resolve(), pathlib.Path(folder))
            for screen, (width, height) in SCREENS.items():
                context = browser.new_context(viewport={"width": width, "height": height}, offline=True)
                drill = Drill(context.new_page(), page.as_uri())
                drill.where = f"{provider} on a {screen}"
                drill.visit("")
                drill.look()
                gallery.keep(provider, screen, drill)
                drill.require(drill.page.pdf(format="A4").startswith(b"%PDF"), "does not print")
                gallery.faults += drill.faults
                context.close()
        browser.close()
    return gallery.end(HERE / "report_structure.json", f"{len(PROVIDERS)} reports on {len(SCREENS)} screens")


if __name__ == "__main__":
    sys.exit(main())
