"""What a page says around a story: advertisements, share buttons, appeals, rights.

Only whole short paragraphs are dropped, and only wordings that no sentence of a story has;
captions are kept as paragraphs, without their notes on use.
"""

from __future__ import annotations

import re

# Longer paragraphs are prose, whatever they contain.
_LONGEST = 400

_NETWORK = (
    r"facebook|twitter|x|whatsapp|reddit|e-?mail|share|linkedin|telegram|pinterest|threads|bluesky"
    r"|copy\ link|copy|link|print|save|flipboard|messenger|line|weibo|tumblr|pocket|bookmark|tweet"
)
_PARAGRAPH = re.compile(
    rf"""
    \W*
    | advertise?ments?\W*(?:-|—|article|story|scroll|continue)?.{{0,60}}
    | (?:article|story)\ continues?\ (?:below|after).{{0,40}}
    | (?:sponsored|paid|promoted)\ (?:content|post|message)
    | (?:read|see|learn|find\ out|view|watch|also\ read|more\ on\ this)
      (?:\ (?:more|also|next|this))?\s*[:»].{{0,200}}
    | (?:read|see|learn|show|load|view)\ (?:more|also|next|less|all|full\ (?:story|article))\W*
    | (?:related|recommended|trending|popular|most\ read|editors?['’]\ picks?|more\ stories)
      (?:\ (?:articles?|stories|coverage|content|topics?|pages?|posts?|news))?(?:\s*:.{{0,200}}|\W*)
    | (?:please\ )?(?:sign\ up|subscribe|register|join)\b.{{0,140}}
      \b(?:newsletters?|inbox|mailing\ list)\b.{{0,100}}
    | (?:like\ what\ you['’]re\ reading\?\ )?click\ here\ (?:to|for)\b.{{0,140}}
    | share(?:\ this)?(?:\ (?:article|story|post|page|news))?
      (?:(?:\ on|\ via|\ with|:).{{0,80}})?\W*
    | (?:(?:{_NETWORK})\b[\s,|/·•]*){{2,20}}
    | follow\ us(?:\ on\ .{{0,120}})?\W*
    | (?:©|\(c\)|copyright\s*(?:©|\(c\)|\d{{4}}|by\b)).{{0,250}}
    | .{{0,120}}\ball\ rights\ reserved\b.{{0,160}}
    | \W*(?:end|ends|no\ redistribution)\W*
    | .{{0,200}}\{{\{{.{{0,100}}\}}\}}.{{0,200}}
    | (?:we|this\ (?:site|website))\ uses?\ cookies\b.{{0,300}}
    | by\ (?:entering|signing\ up|submitting|providing|clicking|subscribing)\b.{{0,120}}
      \b(?:terms|privacy)\b.{{0,250}}
    | this\ site\ is\ protected\ by\ recaptcha\b.{{0,200}}
    | \d+\ comments? | (?:leave|post|add|view|show)\ (?:a\ |all\ |your\ )?comments?\W*
    | \d{{1,3}}[ -]min(?:ute)?s?(?:\ read)?
    | listen\ to\ this\ (?:article|story).{{0,40}} | skip\ to\ (?:main\ )?content | back\ to\ top
    | (?:please\ )?enable\ javascript\b.{{0,120}}
    """,
    re.IGNORECASE | re.VERBOSE,
)
_FRAGMENT = re.compile(
    r"^(?:view larger image|enlarge(?: this)? image|click to enlarge|(?:toggle|hide) caption)\b"
    r"[\s:.]*"
    r"|\((?:for use only in|no (?:redistribution|resale)|photo not for sale|click to enlarge)"
    r"[^()\n]{0,120}\)",
    re.IGNORECASE,
)


def strip_boilerplate(paragraphs: list[str]) -> list[str]:
    """The paragraphs of the story: others are dropped, notes inside captions are cut out."""
    kept = (_without_fragments(p) for p in paragraphs if not _is_boilerplate(p))
    return [paragraph for paragraph in kept if paragraph]


def _is_boilerplate(paragraph: str) -> bool:
    return len(paragraph) <= _LONGEST and _PARAGRAPH.fullmatch(paragraph) is not None


def _without_fragments(paragraph: str) -> str:
    shorter = _FRAGMENT.sub("", paragraph)
    return paragraph if shorter == paragraph else " ".join(shorter.split())
