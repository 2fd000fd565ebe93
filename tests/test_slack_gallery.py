"""Every message layout: its payload stands in tests/golden/slack/, its picture in docs/slack/.

After a change of layout run `python -m tests.slack.golden` and, with chromium,
`python -m tests.slack.pictures docs/slack`.
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest

from tests.slack.gallery import Exhibit, Gallery
from tests.slack.golden import GOLDEN, render_golden
from tests.slack.page import render_page
from tests.slack.payloads import links, live_parts, words
from tests.slack.pictures import draw, find_chromium, open_page
from tests.slack.rules import check_message, check_view, is_too_long

PICTURES = Path(__file__).parent.parent / "docs" / "slack"
EXHIBITS = Gallery().exhibits()


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_payload_is_as_it_was_agreed(name: str) -> None:
    golden = (GOLDEN / f"{name}.json").read_text(encoding="utf-8")
    assert render_golden(EXHIBITS[name]) == golden


@pytest.mark.parametrize("name", EXHIBITS)
def test_slack_takes_every_payload(name: str) -> None:
    exhibit = EXHIBITS[name]
    if exhibit.view is not None:
        assert check_view(exhibit.view) == []
    for message in exhibit.messages:
        assert check_message(list(message.blocks)) == []
        assert not is_too_long(message.blocks)
        assert live_parts(message.blocks, message.text) == []


def test_nothing_is_golden_that_is_not_shown() -> None:
    assert {path.stem for path in GOLDEN.glob("*.json")} == set(EXHIBITS)
    assert {path.stem for path in PICTURES.glob("*.png")} == set(EXHIBITS)


@pytest.mark.parametrize("name", EXHIBITS)
def test_a_picture_is_small(name: str) -> None:
    picture = (PICTURES / f"{name}.png").read_bytes()
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 100 * 1024


def test_the_pictures_page_escapes_what_it_shows() -> None:
    hostile = "<script>alert(1)</script>"
    block = {"type": "header", "text": {"type": "plain_text", "text": hostile}}
    page = render_page(Exhibit(hostile, view={"type": "home", "blocks": [block]}, asked=hostile))
    assert hostile not in page


@pytest.mark.skipif(find_chromium() is None, reason="chromium is not installed")
@pytest.mark.filterwarnings("default")
def test_every_layout_is_drawn_whole_by_a_browser() -> None:
    with open_page(find_chromium() or "") as page:
        for name, exhibit in EXHIBITS.items():
            width, height = _size(draw(page, exhibit))
            assert width == 720, name
            assert height > 60, name
            # Nothing sticks out at the right, and all that was sent can be read.
            assert page.evaluate("document.documentElement.scrollWidth") <= 720, name
            shown = "".join(page.locator("#shot").inner_text().split())
            for part in _parts(exhibit.payload):
                assert "".join(part.split()) in shown, name
            hrefs = page.eval_on_selector_all("a", "all => all.map(one => one.href)")
            assert set(hrefs) == links(exhibit.payload), name


def _parts(payload: Any) -> list[str]:
    sent = payload if isinstance(payload, list) else [payload]
    blocks = [block for one in sent for block in one.get("blocks", [])]
    # The thumbs are drawn, not written.
    return [words(block) for block in blocks if block["type"] in {"rich_text", "context"}]


def _size(picture: bytes) -> tuple[int, int]:
    width, height = struct.unpack(">II", picture[16:24])
    return int(width), int(height)


def test_golden_files_are_json() -> None:
    for path in GOLDEN.glob("*.json"):
        assert json.loads(path.read_text(encoding="utf-8")), path.name
