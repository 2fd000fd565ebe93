"""Draws every message layout in headless Chromium, for the documentation.

python -m tests.slack.pictures docs/slack
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.slack.gallery import Exhibit, Gallery
from tests.slack.page import render_page


def find_chromium() -> str | None:
    """The system's browser; none is ever downloaded."""
    return shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def open_page(chromium: str) -> Iterator[Page]:
    """A page of a browser that cannot reach any network."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium, args=["--no-sandbox", "--font-render-hinting=none"]
        )
        try:
            page = browser.new_page(viewport={"width": 720, "height": 400})
            page.route("**/*", lambda route: route.abort())
            yield page
        finally:
            browser.close()


def draw(page: Page, exhibit: Exhibit) -> bytes:
    """The picture as a PNG."""
    page.set_content(render_page(exhibit))
    picture: bytes = page.locator("#shot").screenshot(animations="disabled")
    return picture


def main() -> None:
    """Draw all, or those that are named."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    chromium = find_chromium()
    if chromium is None:
        sys.exit("There is no chromium. On Debian: apt-get install chromium")
    options.folder.mkdir(parents=True, exist_ok=True)
    with open_page(chromium) as page:
        for name, exhibit in Gallery().exhibits().items():
            if not options.names or name in options.names:
                picture = draw(page, exhibit)
                (options.folder / f"{name}.png").write_bytes(picture)
                sys.stdout.write(f"{name}: {len(picture) // 1024} kB\n")


if __name__ == "__main__":
    main()
