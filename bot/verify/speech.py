"""Whether reported speech stays reported, stays its speaker's, and stays as it was said."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence

from bot.verify.bearers import same_bearer
from bot.verify.frames import Frame
from bot.verify.lexicon import GENERIC_SOURCES, PRONOUNS, REPORTS, SPEECH_DEEDS
from bot.verify.pairing import Pairing
from bot.verify.reading import Reading, Source
from bot.verify.verdict import Fault, Finding
from index.names import Kind, Name

_QUOTED = re.compile(r"[“\"]([^“”\"]{1,2000})[”\"]")
_NOT_LETTERS = re.compile(r"[\W_]+")
_SPEAKING = REPORTS | SPEECH_DEEDS
# Whoever does these vouches for what follows, as whoever says it does.
_FINDING = frozenset(
    "measured measures recorded records registered registers counted counts estimated estimates "
    "calculated calculates found finds logged tallied".split()
)
# Of what a claim takes from a sentence, how much must be speech before it has to say so.
_LEAST_SHARE = 0.5


def check_speech(pairing: Pairing) -> Iterator[Finding]:
    """What the article only reports as said must be told as said, by the same speaker."""
    frame = _main_frame(pairing.told, pairing.shared)
    claimed = _main_frame(pairing.claim, pairing.shared)
    if claimed is not None and frame is not None and _is_reported_itself(pairing, frame, claimed):
        claimed = None
    if frame is not None and claimed is None:
        if not _is_speaker_told(pairing, frame):
            who = _name_speaker(pairing.told, frame)
            yield Finding(
                Fault.ATTRIBUTION,
                pairing.claim.text,
                f"The article only reports this: say who said so ({who}).",
            )
    elif claimed is not None and frame is None and claimed.cue not in pairing.part:
        # "Vang said A, and B": whether B is said too, the claim leaves open.
        return
    elif claimed is not None and not _is_same_speaker(pairing, frame, claimed):
        who = _name_speaker(pairing.told, frame) if frame else "the article itself"
        yield Finding(
            Fault.SPEAKER,
            _name_speaker(pairing.claim, claimed),
            f"The article has this from {who}.",
        )


def _is_reported_itself(pairing: Pairing, frame: Frame, claimed: Frame) -> bool:
    """Whether the claim's "told" is what the article's speaker says that somebody did."""
    cue = pairing.claim.words[claimed.cue]
    return (
        bool(claimed.speaker)
        and any(pairing.told.words[place].key == cue.key for place in frame.scope)
        and pairing.told.words[frame.cue].key != cue.key
    )


def _is_same_chunk(pairing: Pairing, frame: Frame, claimed: Frame) -> bool:
    """Whether both sentences call the speaker by one name or one noun."""
    names = _names_of(pairing.claim, claimed)
    mine, theirs = _roots_of(pairing.claim, claimed), _roots_of(pairing.told, frame)
    return bool(mine & theirs) or _any_same(names, _names_of(pairing.told, frame))


def _main_frame(reading: Reading, shared: Collection[str]) -> Frame | None:
    """The frame that most of the shared words stand in; None if they mostly stand in none."""
    speakers = {place for frame in reading.frames for place in frame.speaker}
    places = [
        place
        for place, word in enumerate(reading.words)
        if word.root in shared and word.is_content and place not in speakers
    ]
    counts = [(len(frame.scope.intersection(places)), frame) for frame in reading.frames]
    best = max(counts, key=lambda pair: pair[0], default=None)
    if best is None or not places or best[0] < _LEAST_SHARE * len(places):
        return None
    return best[1]


def _is_speaker_told(pairing: Pairing, frame: Frame) -> bool:
    """Whether the claim says who says it, of another part of it or in another verb."""
    own = _names_of(pairing.told, frame)
    for claimed in pairing.claim.frames:
        if claimed.speaker and claimed.cue in pairing.part:
            is_other = not _is_reported_itself(pairing, frame, claimed)
            if (is_other or _is_same_chunk(pairing, frame, claimed)) and _is_same_speaker(
                pairing, frame, claimed
            ):
                return True
    if _finds_it_itself(pairing, frame):
        return True
    cue = pairing.told.words[frame.cue]
    says = any(
        (word.root == cue.root or word.key in _SPEAKING) and not word.is_item
        for word in pairing.words
    )
    return says and any(
        same_bearer(name.text, one.text) for name in own for one in pairing.claim.names
    )


def _finds_it_itself(pairing: Pairing, frame: Frame) -> bool:
    """Whether the claim has the speaker find what it says: "The service measured 41.3 degrees"."""
    before: set[str] = set()
    for word in pairing.words:
        if word.key in _FINDING:
            speaker = {pairing.told.words[place].root for place in frame.speaker}
            return bool(speaker & _sense(pairing.told)) and speaker & _sense(pairing.told) <= before
        before.add(word.root)
    return False


def _sense(reading: Reading) -> set[str]:
    return {word.root for word in reading.words if word.has_sense}


def _is_same_speaker(pairing: Pairing, frame: Frame | None, claimed: Frame) -> bool:
    if not claimed.speaker or _is_generic(pairing.claim, claimed):
        return True
    names = _names_of(pairing.claim, claimed)
    if names and _is_outlet(names, pairing.source):
        return True
    if frame is None:
        return _speaks_here(pairing, claimed, names)
    if not frame.speaker:
        voices = _voices(pairing)
        return not names or not voices or _any_same(names, voices)
    return _speaks_alike(pairing, frame, claimed, names)


def _speaks_here(pairing: Pairing, claimed: Frame, names: Sequence[Name]) -> bool:
    """Whether the speaker does in the article what is done by speaking: "called it a lie"."""
    told = pairing.told
    cues = [word for word in told.words if word.key in _SPEAKING and not word.is_item]
    if not cues:
        return False
    if names:
        is_pronoun = any(word.key in PRONOUNS for word in told.words[:2])
        return _any_same(names, told.names) or (
            is_pronoun and any(_any_same(names, one.reading.names) for one in pairing.before)
        )
    return bool(_roots_of(pairing.claim, claimed) & told.roots)


def _voices(pairing: Pairing) -> list[Name]:
    """Who speaks next to a quotation that names nobody in its own sentence."""
    for statement in pairing.source.around(pairing.statement):
        for frame in statement.reading.frames:
            names = _names_of(statement.reading, frame)
            if names:
                return names
    return []


def _speaks_alike(pairing: Pairing, frame: Frame, claimed: Frame, names: Sequence[Name]) -> bool:
    told_names = _names_of(pairing.told, frame)
    if names and told_names:
        speaker = _name_speaker(pairing.told, frame).casefold()
        return _any_same(names, told_names) or any(
            name.text.casefold() in speaker for name in names
        )
    mine, theirs = _roots_of(pairing.claim, claimed), _roots_of(pairing.told, frame)
    if mine & theirs:
        return True
    if names:
        return _is_known_as(names, theirs, pairing) or _points_to(pairing, frame, names)
    keys = _keys_of(pairing.claim, claimed)
    if keys & _keys_of(pairing.told, frame) & PRONOUNS:
        return True
    if told_names:
        return _is_described(told_names, mine, pairing.source) or bool(keys & PRONOUNS)
    return bool(keys & PRONOUNS)


def _points_to(pairing: Pairing, frame: Frame, names: Sequence[Name]) -> bool:
    """Whether "he said" or "the company said" may mean a name given just before."""
    keys = _keys_of(pairing.told, frame)
    if not keys & (PRONOUNS | {"the", "its", "his", "her", "their"}):
        return False
    for statement in pairing.before:
        near = list(statement.reading.names)
        if keys & {"he", "she"}:
            near = [one for one in near if one.kind is Kind.PERSON]
        if near:
            if _any_same(names, near):
                return True
            if keys & {"he", "she"}:
                return False
    title = pairing.source.title
    return title is not None and _any_same(names, title.names)


def _is_known_as(names: Sequence[Name], roots: set[str], pairing: Pairing) -> bool:
    """Whether the passage elsewhere calls the bearer what this sentence calls the speaker."""
    return bool(roots) and _is_described(names, roots, pairing.source)


def _is_described(names: Sequence[Name], roots: set[str], source: Source) -> bool:
    readings = [one.reading for one in source.statements if _any_same(names, one.reading.names)]
    if source.title is not None and _any_same(names, source.title.names):
        readings.append(source.title)
    return bool(roots) and any(roots & reading.roots for reading in readings)


def _is_generic(reading: Reading, frame: Frame) -> bool:
    keys = _keys_of(reading, frame)
    return bool(keys & GENERIC_SOURCES) and not _names_of(reading, frame)


def _is_outlet(names: Iterable[Name], source: Source) -> bool:
    outlet = source.passage.outlet
    return outlet is not None and any(
        same_bearer(name.text, outlet) or name.text.casefold() in outlet.casefold()
        for name in names
    )


def _any_same(names: Iterable[Name], others: Sequence[Name]) -> bool:
    return any(same_bearer(name.text, one.text) for name in names for one in others)


def _names_of(reading: Reading, frame: Frame) -> list[Name]:
    starts = {reading.words[place].start for place in frame.speaker}
    return [
        name for name in reading.names if any(name.start <= start < name.end for start in starts)
    ]


def _roots_of(reading: Reading, frame: Frame) -> set[str]:
    words = (reading.words[place] for place in frame.speaker)
    return {word.root for word in words if word.is_content}


def _keys_of(reading: Reading, frame: Frame) -> set[str]:
    return {reading.words[place].key for place in frame.speaker}


def _name_speaker(reading: Reading, frame: Frame) -> str:
    words = [reading.words[place] for place in frame.speaker]
    return reading.text[words[0].start : words[-1].end] if words else "the words quoted"


def check_quotations(claim: Reading, sources: Sequence[Source]) -> Iterator[Finding]:
    """What stands in quotation marks must stand in a cited passage, word by word."""
    texts = [_letters(source.passage.text) for source in sources]
    texts += [_letters(source.title.text) for source in sources if source.title]
    for found in _QUOTED.finditer(claim.text):
        wanted = _letters(found[1])
        if wanted.strip() and not any(wanted in text for text in texts):
            yield Finding(
                Fault.SPEAKER, found[0], "These words do not stand in the cited text like that."
            )


def _letters(text: str) -> str:
    return f" {_NOT_LETTERS.sub(' ', text.casefold()).strip()} "
