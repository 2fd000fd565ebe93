"""Which field of somebody's record is which field of an article."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from index.errors import SourceError, UsageError
from index.sources.source import quoted

# Under each of our names, theirs, best first; compared without case, "_", "-" and spaces.
_ALIASES = {
    "url": "url canonicalurl link weburl articleurl sourceurl permalink uri href",
    "title": "title headline name heading",
    "outlet": "outlet source publisher publication newspaper sitename site sourcename provider "
              "domain",
    "author": "author authors byline creator writer by",
    "published_at": "publishedat published datepublished publisheddate publishdate publicationdate "
                    "publishedtime publishtime pubdate webpublicationdate firstpublished date "
                    "datetime timestamp createdat created",
    "modified_at": "modifiedat modified updatedat updated datemodified lastmodified "
                   "modifieddate updateddate lastupdated",
    "section": "section category sectionname articlesection topic",
    "language": "language lang inlanguage",
    "body": "body text content articlebody fulltext bodytext articletext maintext contenttext "
            "rawtext article story",
    "id": "id guid articleid docid uuid",
}  # fmt: skip
_ALIASES_BY_FIELD = {field: tuple(names.split()) for field, names in _ALIASES.items()}
_PLAIN = re.compile(r"[^a-z0-9]+")
# In what a name or a text is wrapped: NewsAPI's source, WordPress's title, JSON-LD, exports.
_INSIDE = ("name", "rendered", "main", "value", "$date", "#text", "$t", "$oid", "text")
# Deeper wrapping is no record of an article.
_DEEPEST = 4


@dataclass(frozen=True, slots=True)
class FieldMapping:
    """What the user says of their records, before any guess by name."""

    pairs: tuple[tuple[str, str], ...] = ()
    """Our field and theirs; theirs may be dotted: `("body", "content.text")`."""

    @classmethod
    def parse(cls, assignments: Sequence[str]) -> FieldMapping:
        """Read assignments such as `body=content.text`.

        Raises:
            UsageError: If one has no "=", or its left side is no field of an article.
        """
        pairs: list[tuple[str, str]] = []
        for assignment in assignments:
            ours, equals, theirs = (part.strip() for part in assignment.partition("="))
            if not equals or not theirs:
                raise UsageError(
                    f"Cannot read the field mapping {quoted(assignment)}. "
                    "Write OUR_FIELD=THEIR_FIELD, such as body=content.text."
                )
            if ours not in _ALIASES:
                raise UsageError(
                    f"An article has no field {quoted(ours)}. Its fields are {', '.join(_ALIASES)}."
                )
            pairs.append((ours, theirs))
        return cls(tuple(pairs))

    def theirs(self, ours: str) -> str | None:
        """The name that the user gave for our field."""
        return dict(self.pairs).get(ours)


@dataclass(frozen=True, slots=True)
class Fields:
    """A record in our words: text as it was given, None where there is none."""

    url: str | None = None
    title: str | None = None
    outlet: str | None = None
    author: str | None = None
    published_at: str | None = None
    modified_at: str | None = None
    section: str | None = None
    language: str | None = None
    body: str | None = None
    id: str | None = None


def read_fields(record: Mapping[str, object], mapping: FieldMapping | None) -> Fields:
    """Find our fields in a record of any shape.

    Raises:
        SourceError: If a field holds what cannot be text, such as true or an object.
    """
    mapping = mapping or FieldMapping()
    plain = {_PLAIN.sub("", key.lower()): key for key in reversed(list(record))}
    found: dict[str, str | None] = {}
    for ours, aliases in _ALIASES_BY_FIELD.items():
        named = mapping.theirs(ours)
        keys = [plain[alias] for alias in aliases if alias in plain]
        values = [_follow(record, named)] if named else [record[key] for key in keys]
        # The first that holds something: exports carry many empty columns.
        texts = (as_text(ours, value) for value in values)
        found[ours] = next(filter(None, texts), None)
    return Fields(**found)


def knows(names: Iterable[str], mapping: FieldMapping | None) -> bool:
    """Whether a record with these field names can have a body."""
    names = list(names)
    if named := (mapping or FieldMapping()).theirs("body"):
        return named in names or named.partition(".")[0] in names
    plain = {_PLAIN.sub("", name.lower()) for name in names}
    return any(alias in plain for alias in _ALIASES_BY_FIELD["body"])


def _follow(record: Mapping[str, object], path: str) -> object:
    """The value at a dotted path; a key that itself has dots comes first."""
    if path in record:
        return record[path]
    value: object = record
    for step in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def as_text(name: str, value: object, depth: int = 0) -> str | None:
    """A field's value as text: lists are joined, wrappers opened, numbers written out.

    Raises:
        SourceError: If it is none of these.
    """
    if value is None or value in ("", [], {}):
        return None
    if isinstance(value, str):
        return value.strip() and value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list) and depth < _DEEPEST:
        parts = [as_text(name, part, depth + 1) for part in value]
        return ("\n\n" if name == "body" else ", ").join(filter(None, parts)) or None
    if isinstance(value, Mapping) and depth < _DEEPEST:
        for key in _INSIDE:
            if key in value:
                return as_text(name, value[key], depth + 1)
    raise SourceError(f"{name}: expected text, found {_kind(value)}")


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return (
        f"an object with {quoted(', '.join(map(str, value)))}"
        if isinstance(value, Mapping)
        else "a list"
    )
