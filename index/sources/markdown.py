"""Markdown and the YAML front matter of text files."""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from index.errors import SourceError

_FRONT = re.compile(r"\s*---[ \t]*\n(?P<yaml>.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
# Front matter is a few lines; YAML of megabytes is an attack or another kind of file.
_LONGEST_FRONT = 32_000

_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*(?:```|~~~)[^\n]*$", re.MULTILINE)
_HEADING = re.compile(r"^[ \t]{0,3}#{1,6}[ \t]+([^\n]*)$", re.MULTILINE)
_UNDERLINED = re.compile(r"^([^\n]+)\n[ \t]{0,3}(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_RULE = re.compile(r"^[ \t]{0,3}(?:[-*_][ \t]*){3,}$", re.MULTILINE)
_QUOTE = re.compile(r"^[ \t]{0,3}(?:>[ \t]?)+", re.MULTILINE)
_DEFINITION = re.compile(r"^[ \t]{0,3}\[[^\]\n]{1,200}\]:[ \t]+\S[^\n]*$", re.MULTILINE)
_IMAGE = re.compile(r"!\[([^\]\n]{0,500})\](?:\([^()\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_LINK = re.compile(r"\[([^\[\]\n]{1,1000})\](?:\([^()\n]{0,2000}\)|\[[^\]\n]{0,200}\])")
_AUTO_LINK = re.compile(r"<(https?://[^\s<>]{1,2000})>")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,500}>")
_STRONG = re.compile(r"(\*\*|__)(?=\S)([^\n*_]{1,2000}?)(?<=\S)\1")
_EMPHASIS = re.compile(r"(?<![\w*_\\])([*_])(?=[^\s*_])([^\n*_]{1,2000}?)(?<=[^\s*_])\1(?![\w*_])")
_CODE = re.compile(r"`([^`\n]{1,1000})`")
# What begins a line of its own: list items, table rows, labelled lines.
_ITEM = re.compile(r"\s*(?:[-*+|>]\s?|\d{1,3}[.)]\s|[A-Z][a-z]+(?: [a-z]+)?:\s|By\s)")
# Shorter lines are names and dates that someone set one below the other.
_SHORTEST_WRAPPED = 40
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+.!>~|-])")


class _PlainLoader(yaml.BaseLoader):
    """Every scalar a string, and no aliases: they multiply a small file into a huge one."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.events.AliasEvent):
            raise SourceError("front matter: YAML aliases (*name) are not read; write it out")
        return super().compose_node(parent, index)


def split_front_matter(text: str) -> tuple[Mapping[str, object], str]:
    """Front matter (empty if there is none) and the text below it.

    Raises:
        SourceError: If it is there, but not YAML that can be read.
    """
    found = _FRONT.match(text, 0, _LONGEST_FRONT)
    if not found or ":" not in found["yaml"]:
        return {}, text
    try:
        loader = _PlainLoader(found["yaml"])
        value = loader.get_single_data()
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise SourceError(f"front matter: {error.problem} at line {line}") from error
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        raise SourceError("front matter: not YAML that can be read") from error
    if not isinstance(value, dict):
        return {}, text
    return {str(name): part for name, part in value.items()}, text[found.end() :]


def strip_markdown(text: str) -> str:
    """The words of a Markdown text; a line that is a heading becomes a paragraph."""
    text = _FENCE.sub("", _COMMENT.sub("", text))
    text = _UNDERLINED.sub(r"\n\1\n\n", _HEADING.sub(_heading_alone, text))
    text = _join_lines(_DEFINITION.sub("", _RULE.sub("", text)))
    text = _LINK.sub(r"\1", _IMAGE.sub(r"\1", _QUOTE.sub("", text)))
    text = _TAG.sub("", _AUTO_LINK.sub(r"\1", text))
    text = _EMPHASIS.sub(r"\2", _STRONG.sub(r"\2", _CODE.sub(r"\1", text)))
    return _ESCAPE.sub(r"\1", text)


def _heading_alone(found: re.Match[str]) -> str:
    # Marks may close a heading too. A pattern for them would take cubic time over many blanks.
    words = found[1].rstrip(" \t").rstrip("#").rstrip(" \t")
    return f"\n{words}\n\n"


def _join_lines(text: str) -> str:
    """Markdown's line ends are spaces, except after two spaces or a backslash."""
    joined: list[str] = []
    before = ""
    for line in text.split("\n"):
        wrapped = len(before) >= _SHORTEST_WRAPPED and not before.endswith(("  ", "\\"))
        if joined:
            joined.append(" " if wrapped and line.strip() and not _ITEM.match(line) else "\n")
        joined.append(line)
        before = line
    return "".join(joined)
