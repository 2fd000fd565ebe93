"""What the reading model is trained on: passages of invented news with questions and claims.

Knows the form of the file and what a faultless passage is; knows nothing of tokens or networks.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar, Literal, NamedTuple, get_args

from pydantic import ConfigDict, TypeAdapter, ValidationError

from index.errors import UsageError

# No two readings of a number or a date, and no key that nobody reads.
_STRICT = ConfigDict(strict=True, extra="forbid")
# From what the bot reads at once to a short article.
_FEWEST_SENTENCES, _MOST_SENTENCES = 5, 24

ErrorKind = Literal[
    "attribution", "cause", "comparison", "date", "hedge", "mixture", "name", "negation",
    "number", "place", "role", "scope", "speaker", "tense",
]  # fmt: skip
"""What is wrong in a false claim: `mixture` joins two facts wrongly, `attribution` tells as a fact
what somebody only said, `hedge` drops a "may", `tense` makes a plan a deed."""

ERROR_KINDS: tuple[str, ...] = get_args(ErrorKind)


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A question that its passage answers."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    question: str
    answer: str
    """The shortest words that answer, verbatim from one of the sentences."""
    sentences: tuple[int, ...]
    """The sentences that answer, the best first; they count from 0."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a good assistant would write, citing these sentences."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    claim: str
    sentences: tuple[int, ...]
    """The sentences that support it together."""


@dataclass(frozen=True, slots=True)
class FalseClaim:
    """A claim with one small error, citing the sentences that it seems to come from."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    claim: str
    sentences: tuple[int, ...]
    kind: ErrorKind


@dataclass(frozen=True, slots=True)
class TrainingPassage:
    """A piece of an invented article with what is asked and claimed of it; a line of the file."""

    __pydantic_config__: ClassVar[ConfigDict] = _STRICT

    title: str
    outlet: str
    published: date
    sentences: tuple[str, ...]
    """In reading order."""
    questions: tuple[AnsweredQuestion, ...]
    unanswered: tuple[str, ...]
    """Questions that sound just as natural and that the passage does not answer: near misses."""
    claims: tuple[Claim, ...]
    """With the false ones of about the same number; none of either where only questions are
    asked."""
    false_claims: tuple[FalseClaim, ...]

    def is_held_out(self, tenths: int) -> bool:
        """Whether the passage is kept from training, to measure on: so many of ten passages are.

        It depends on the first sentence alone, so a passage stays on its side as the file grows.
        """
        digest = hashlib.sha256(self.sentences[0].encode()).hexdigest()
        return int(digest, 16) % 10 < tenths


_PASSAGE = TypeAdapter(TrainingPassage)


class Checked(NamedTuple):
    """A line of a file, checked."""

    place: str
    """`passages.jsonl.gz:3`."""
    passage: TrainingPassage | None
    """None if the line has another form."""
    faults: list[str]


def load_passages(path: Path) -> list[TrainingPassage]:
    """Read a file of passages.

    Raises:
        UsageError: If it cannot be read, or a passage in it has a fault; the first is named.
    """
    passages = []
    for place, passage, faults in check_lines(read_lines(path), parse_passage):
        if passage is None or faults:
            raise UsageError(
                f"{place}: {faults[0]}. Every fault: python -m index.models.training check {path}"
            )
        passages.append(passage)
    return passages


def read_lines(path: Path) -> Iterator[tuple[str, str]]:
    """The lines of a file, packed or plain, each with its place; empty ones are left out.

    Raises:
        UsageError: If the file cannot be read.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{path.name}:{number}", line.decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UsageError(f"{path} cannot be read: {error}") from error


def parse_passage(line: str) -> TrainingPassage:
    """Read one line.

    Raises:
        ValueError: If it has another form; the message names the key.
    """
    try:
        return _PASSAGE.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"]))
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error


def check_lines(
    lines: Iterable[tuple[str, str]], parse: Callable[[str], TrainingPassage]
) -> Iterator[Checked]:
    """Check lines, given with their places, each by itself and against those before."""
    places: dict[tuple[str, ...], str] = {}
    for place, line in lines:
        try:
            passage = parse(line)
        except ValueError as error:
            yield Checked(place, None, [str(error)])
            continue
        faults = find_faults(passage)
        first = places.setdefault(passage.sentences, place)
        if first != place:
            faults.append(f"the same sentences as at {first}")
        yield Checked(place, passage, faults)


def find_faults(passage: TrainingPassage) -> list[str]:
    """What is wrong with a passage by itself; nothing, as a rule."""
    faults = []
    sentences = passage.sentences
    if not _FEWEST_SENTENCES <= len(sentences) <= _MOST_SENTENCES:
        faults.append(f"{len(sentences)} sentences: {_FEWEST_SENTENCES} to {_MOST_SENTENCES} do")
    faults += [f"sentence {n} is empty" for n, text in enumerate(sentences) if not text.strip()]
    claimed = ("claims", "false_claims") if passage.claims or passage.false_claims else ()
    for name in ("questions", "unanswered", *claimed):
        if not getattr(passage, name):
            faults.append(f"no {name}")
    for asked in passage.questions:
        faults += _faulty_places(asked.question, asked.sentences, sentences)
        cited = [sentences[n] for n in asked.sentences if 0 <= n < len(sentences)]
        if not asked.answer.strip() or not any(asked.answer in text for text in cited):
            faults.append(
                f"{asked.question!r}: the answer {asked.answer!r} does not stand in its sentences"
            )
    for claim in passage.claims:
        faults += _faulty_places(claim.claim, claim.sentences, sentences)
    for false in passage.false_claims:
        faults += _faulty_places(false.claim, false.sentences, sentences)
    faults += ["an empty question" for text in passage.unanswered if not text.strip()]
    return faults


def write_passages(passages: Iterable[TrainingPassage], path: Path) -> None:
    """Write a file of passages, ordered by day, title and opening.

    The same passages give the same bytes in whatever order they come, under the same zlib.
    """
    ordered = sorted(passages, key=lambda one: (one.published, one.title, one.sentences))
    lines = "".join(render_passage(passage) + "\n" for passage in ordered)
    # Neither the file's name nor the time goes into the header: both would change the bytes.
    with (
        path.open("wb") as file,
        gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed,
    ):
        packed.write(lines.encode())


def render_passage(passage: TrainingPassage) -> str:
    """A passage as a line of the file."""
    record = asdict(passage) | {"published": passage.published.isoformat()}
    return json.dumps(record, ensure_ascii=False, separators=(",", ":"))


def count_parts(passages: Sequence[TrainingPassage]) -> dict[str, int]:
    """How many there are of what, with false claims by kind."""
    counts = Counter(
        passages=len(passages),
        words=sum(len(text.split()) for one in passages for text in one.sentences),
        questions=sum(len(one.questions) for one in passages),
        unanswered=sum(len(one.unanswered) for one in passages),
        claims=sum(len(one.claims) for one in passages),
        false_claims=sum(len(one.false_claims) for one in passages),
    )
    kinds = Counter[str](false.kind for one in passages for false in one.false_claims)
    return dict(counts) | {f"false_claims.{kind}": kinds[kind] for kind in ERROR_KINDS}


def _faulty_places(text: str, places: tuple[int, ...], sentences: tuple[str, ...]) -> Iterator[str]:
    if not text.strip():
        yield "an empty question or claim"
    if not places or any(not 0 <= n < len(sentences) for n in places):
        yield f"{text!r}: cites sentences {list(places)} of {len(sentences)}, which count from 0"
    if len(set(places)) < len(places):
        yield f"{text!r}: cites a sentence twice"
