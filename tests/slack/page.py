"""Messages and views as a web page that looks much as Slack shows them. All text is escaped."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from typing import Any

from tests.slack.gallery import Exhibit

_STYLE = """
* { box-sizing: border-box; margin: 0; }
body { font: 15px/1.467 Lato, "Noto Sans", "Segoe UI", Arial, sans-serif; color: #1d1c1d;
  background: #fff; width: 720px; }
#shot { padding: 14px 20px 16px; background: #fff; }
.message { display: grid; grid-template-columns: 36px 1fr; gap: 0 8px; padding: 6px 0; }
.message.one { background: #f8f8f8; margin: 0 -20px; padding: 8px 20px; }
.face { width: 36px; height: 36px; border-radius: 6px; color: #fff; font: 900 17px/36px Lato, Arial;
  text-align: center; background: #7c3085; }
.face.bot { background: #14344b; }
.name { font-weight: 900; }
.app { background: #ebebeb; color: #616061; font: 700 10px/14px Lato, Arial; padding: 1px 3px;
  border-radius: 2px; margin: 0 4px; vertical-align: 1px; }
.time, .eyes { color: #616061; font-size: 12px; font-weight: 400; }
.eyes { grid-column: 2; padding-bottom: 2px; }
a { color: #1264a3; text-decoration: none; }
.rich > *, .block { margin: 4px 0; overflow-wrap: anywhere; }
.rich p { white-space: pre-wrap; }
.rich ul { padding-left: 26px; }
.rich li::marker { font-size: 80%; }
blockquote { border-left: 4px solid #ddd; padding-left: 12px; white-space: pre-wrap; }
.mention { background: #fdf3cf; color: #1264a3; border-radius: 3px; padding: 0 2px; }
.context { color: #616061; font-size: 13px; }
h3 { font: 900 18px/1.33 Lato, Arial; margin: 10px 0 6px; }
hr { border: 0; border-top: 1px solid #ddd; margin: 10px 0; }
.button { display: inline-block; border: 1px solid #1d1c1d4d; border-radius: 8px; font-weight: 900;
  padding: 4px 12px; margin: 2px 8px 2px 0; background: #fff; font-size: 14px; }
.thumbs { margin-top: 6px; }
.thumbs svg { width: 18px; height: 18px; margin-right: 14px; fill: none; stroke: #616061;
  stroke-width: 1.6; }
.modal { border: 1px solid #ddd; border-radius: 8px; box-shadow: 0 6px 18px #0002; width: 560px;
  margin: 6px auto; }
.modal header { font: 900 20px/1 Lato, Arial; padding: 18px 22px 14px; }
.modal main { padding: 0 22px 12px; }
.modal footer { border-top: 1px solid #ddd; padding: 12px 22px; text-align: right; }
.modal .button.primary { background: #007a5a; color: #fff; border-color: #007a5a; }
.label { font-weight: 900; margin: 8px 0 4px; }
.label span { color: #616061; font-weight: 400; }
.radio::before { content: ""; display: inline-block; width: 14px; height: 14px; margin-right: 8px;
  border: 1px solid #868686; border-radius: 50%; vertical-align: -2px; }
.area { border: 1px solid #868686; border-radius: 4px; height: 64px; }
"""
# Plain outlines, drawn for this page.
_UP = (
    "M7 10v10H3V10zM7 11l4-8c2 0 3 1 2.500 3.500L13 9h6c1.500 0 2.200 1 2 2.500l-1.500 7"
    "c-.3 1-1 1.500-2 1.500H7"
)
_THUMB = '<svg viewBox="0 0 24 24"{turn}><path d="{path}"/></svg>'


def render_page(exhibit: Exhibit) -> str:
    """A page whose element `#shot` is the picture."""
    shown = _view(exhibit.view) if exhibit.view is not None else _thread(exhibit)
    return (
        f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{escape(exhibit.title)}"
        f"</title><style>{_STYLE}</style></head><body><div id=shot>{shown}</div></body></html>"
    )


def _thread(exhibit: Exhibit) -> str:
    parts = []
    if exhibit.asked:
        words = re.sub(r"^@Dateline", "<span class=mention>@Dateline</span>", escape(exhibit.asked))
        parts.append(_message("Ada", f"<p>{words}</p>", face="A"))
    for at, message in enumerate(exhibit.messages):
        streamed = _markdown(exhibit.streamed) if at == 0 and exhibit.streamed else ""
        body = streamed + "".join(map(_block, message.blocks))
        parts.append(_message("Dateline", body, face="D", only_you=exhibit.seen_by_one))
    return "".join(parts)


def _message(name: str, body: str, *, face: str, only_you: bool = False) -> str:
    is_bot = name == "Dateline"
    app = "<span class=app>APP</span>" if is_bot else ""
    eyes = "<span></span><div class=eyes>Only visible to you</div>" if only_you else ""
    return (
        f'<div class="message{" one" if only_you else ""}">{eyes}'
        f'<div class="face{" bot" if is_bot else ""}">{face}</div><div>'
        f"<span class=name>{name}</span>{app} <span class=time>9:30 AM</span>{body}</div></div>"
    )


def _view(view: Any) -> str:
    body = "".join(map(_block, view["blocks"]))
    if view["type"] == "home":
        return body
    submit = view.get("submit")
    buttons = _button(view["close"]["text"]) + (
        _button(submit["text"], " primary") if submit else ""
    )
    return (
        f"<div class=modal><header>{escape(view['title']['text'])}</header>"
        f"<main>{body}</main><footer>{buttons}</footer></div>"
    )


def _block(block: dict[str, Any]) -> str:
    kind = block["type"]
    if kind == "rich_text":
        return f"<div class=rich>{''.join(map(_rich, block['elements']))}</div>"
    if kind == "context":
        words = " ".join(_text(one) for one in block["elements"])
        return f'<div class="block context">{words}</div>'
    if kind == "header":
        return f"<h3>{_text(block['text'])}</h3>"
    if kind == "divider":
        return "<hr>"
    if kind == "actions":
        row = "".join(_button(one["text"]["text"]) for one in block["elements"])
        return f"<div class=block>{row}</div>"
    if kind == "context_actions":
        turn = ' style="transform:rotate(180deg)"'
        up = _THUMB.format(turn="", path=_UP)
        return f'<div class="block thumbs">{up}{_THUMB.format(turn=turn, path=_UP)}</div>'
    if kind == "input":
        return _input(block)
    if kind == "section":
        return f"<div class=block>{_text(block['text'])}</div>"
    raise ValueError(f"no picture of a {kind} block yet")


def _text(value: dict[str, Any]) -> str:
    if value["type"] != "plain_text":
        raise ValueError("mrkdwn is not used, and not drawn")
    return escape(value["text"])


def _rich(part: dict[str, Any]) -> str:
    if part["type"] == "rich_text_list":
        items = "".join(f"<li>{_pieces(one['elements'])}</li>" for one in part["elements"])
        return f"<ul>{items}</ul>"
    tag = "blockquote" if part["type"] == "rich_text_quote" else "p"
    return f"<{tag}>{_pieces(part['elements'])}</{tag}>"


def _pieces(pieces: list[dict[str, Any]]) -> str:
    return "".join(_piece(piece) for piece in pieces)


def _piece(piece: dict[str, Any]) -> str:
    if piece["type"] == "user":
        return "<span class=mention>@Ada</span>"
    words = escape(piece["text"])
    for style, tag in (("bold", "b"), ("italic", "i")):
        if piece.get("style", {}).get(style):
            words = f"<{tag}>{words}</{tag}>"
    if piece["type"] == "link":
        return f'<a href="{escape(piece["url"])}">{words}</a>'
    return words


def _button(words: str, kind: str = "") -> str:
    return f'<span class="button{kind}">{escape(words)}</span>'


def _input(block: dict[str, Any]) -> str:
    optional = " <span>(optional)</span>" if block.get("optional") else ""
    label = f"<div class=label>{_text(block['label'])}{optional}</div>"
    return label + "".join(_field(block["element"]))


def _field(element: dict[str, Any]) -> Iterator[str]:
    if element["type"] == "radio_buttons":
        yield from (f"<div class=radio>{_text(one['text'])}</div>" for one in element["options"])
    else:
        yield "<div class=area></div>"


def _markdown(streamed: str) -> str:
    """The little of Markdown that a stream holds: escaped characters, and entities."""
    words = re.sub(r"\\(?=[!-/:-@\[-`{-~])", "", streamed)
    return f"<div class=rich><p>{words}</p></div>"
