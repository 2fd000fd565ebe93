"""The words of news whose sense the checker knows: same, opposite, denying, doubting, reporting.

The lists are of general English as news is written in; those of same and opposite words stand in
`lists/`. A word that is in none of them is compared by its
stem alone.
"""

from __future__ import annotations

import threading
from functools import lru_cache
from pathlib import Path

import Stemmer

from index.names.gazetteer import FUNCTION_WORDS, fold, word_set

_stemmer = Stemmer.Stemmer("english")
# A stemmer of Snowball keeps its working buffer between calls.
_stemmer_lock = threading.Lock()

# Words that say nothing an article could be asked about.
_LIGHT = word_set(
    """
    also just very really quite still already again however meanwhile moreover furthermore
    additionally according report reports reported article story news overall therefore thus
    including include includes included well way thing things part parts number total amount
    year years day days week weeks month months time times hour hours minute minutes second mr
    mrs ms dr one two three come comes go goes going went took take takes taken do does did done
    have has had having be is are was were been being will would shall can could may might must
    should become becomes became get several some many much various own certain fact today
    yesterday tomorrow around about nearly almost approximately roughly at-least morethan
    lessthan atleast atmost upto only even both each other others same such so too new said say
    says told tell saying added adds stated put set another third half quarter whose whom there
    here then now when where while yet among between
    """
)

NEGATIONS = word_set(
    """
    not never no none nobody nothing neither nor without cannot n't hardly scarcely denied
    denies deny denying denial refuse refused refuses refusing fail failed fails failing reject
    rejected rejects rejecting unable lack lacked lacks lacking
    """
)
"""They turn the sense of what follows them in their clause."""
DENYING_VERBS = NEGATIONS - word_set(
    "not never no none nobody nothing neither nor without cannot n't hardly scarcely"
)
# Negation inside one word: what it denies.
_NEGATED = {
    "unhurt": "hurt", "uninjured": "injured", "unharmed": "harmed", "unscathed": "hurt",
    "unable": "able", "unconfirmed": "confirmed", "unpaid": "paid", "unsigned": "signed",
    "unfinished": "finished", "undecided": "decided", "unverified": "verified",
    "unsuccessful": "successful", "unrelated": "related", "uninsured": "insured",
    "unlikely": "likely", "impossible": "possible", "incomplete": "complete",
    "unsafe": "safe", "unfair": "fair", "unchanged": "changed", "unapproved": "approved",
    "unnamed": "named", "undamaged": "damaged", "inaccurate": "accurate", "non-fatal": "fatal",
    "unsolved": "solved", "unknown": "known", "unclear": "clear", "unavailable": "available",
    "unaware": "aware", "unpopular": "popular", "unwilling": "willing",
}  # fmt: skip
DOUBTS = word_set(
    """
    may might could possible possibly perhaps likely unlikely probably probable potential
    potentially appear appears appeared appearing seem seems seemed suspected suspects hopes
    hope hoped hoping wants want wanted proposed proposes propose considering considers weighing
    if unless whether suggested suggests suggest urged urges sought seeks asked threatened
    threatens
    """
)
"""What they govern is only possible."""
PLANS = word_set(
    """
    will shall would should expected expects expect plan plans planned planning due scheduled
    intends intend intended promised promises pledged vowed forecast forecasts forecasted
    predicted projected
    """
)
"""What they govern is foreseen, not done."""
REPORTS = word_set(
    """
    said say says saying told tells tell added adds argued argues alleged alleges allege
    alleging claimed claims claiming warned warns warning insisted insists reported reports
    announced announces stated states noted notes explained explains denied denies confirmed
    confirms estimated estimates believes believed believe thinks thought suggested suggests
    predicted predicts promised promises ruled rules testified testifies reckons reckoned
    accused accuses accusing cited admitted admits acknowledged acknowledges recalled recalls
    replied replies joked jokes stressed stresses wrote writes described describes maintained
    maintains conceded declared declares cautioned cautions accusation expects found pledged
    vowed commented remarked called calls complained complains conceded praised criticised
    contends contended
    """
)
"""What they govern is somebody's word."""
ALLEGATIONS = word_set(
    """
    charge charges allegation allegations accusation accusations claim claims report reports
    rumour rumours suspicion suspicions suggestions
    """
)
"""Nouns after which "that" or "of" opens what somebody says."""
SPEECH_DEEDS = word_set(
    """
    threatened threatens called calls proposed proposes suggested asked asks wants wanted aims
    thanked offered urged hopes hoped thinks plans announced
    """
)
"""Deeds that are done by saying something, and so may be told as said."""
WEAK_REPORTS = word_set(
    """
    admitted admits acknowledged recalled recalls maintained maintains
    declared suggested suggests cited noted
    found finds described describes called calls ruled rules expects confirmed announced
    announces promised promises pledged praised criticised denied denies reported reports claims
    states notes estimates writes wrote
    """
)
"""Reports only before "that" or after what was said: elsewhere they are plain deeds."""
VAGUE_REPORTS = word_set(
    """
    allegedly reportedly alleged supposedly purportedly purported
    """
)
"""Say that somebody says so, not who."""
GENERIC_SOURCES = word_set(
    """
    official officials report reports source sources authority authorities media spokesman
    spokeswoman spokesperson article statement newspaper paper story critics observers analysts
    """
)
"""Who may stand for any speaker."""
CLAUSE_WORDS = word_set(
    """
    but although though while whereas because that which who whom whose until unless
    """
)
PRONOUNS = word_set(
    """
    he she it they his her its their him them this that these those who which
    """
)


def _lines(file: str) -> list[str]:
    text = (Path(__file__).parent / "lists" / file).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _read_groups() -> dict[str, str]:
    return {word: _stem(line.split()[0]) for line in _lines("same.txt") for word in line.split()}


def _read_sides() -> dict[str, tuple[tuple[str, int], ...]]:
    sides: dict[str, tuple[tuple[str, int], ...]] = {}
    for line in _lines("opposed.txt"):
        axis, _, words = line.partition(": ")
        for sign, half in zip((1, -1), words.split("|"), strict=True):
            for word in half.split():
                sides[word] = (*sides.get(word, ()), (axis, sign))
    return sides


def _read_phrases() -> dict[tuple[str, ...], tuple[str, ...]]:
    pairs = (line.split(" = ") for line in _lines("phrases.txt"))
    return {tuple(written.split()): tuple(read.split()) for written, read in pairs}


def _stem(word: str) -> str:
    with _stemmer_lock:
        return str(_stemmer.stemWord(word))


_root_by_word = _read_groups()
# "Leaders" is of the group of "leader", though the list has only this.
_root_by_stem = {_stem(word): group for word, group in reversed(_root_by_word.items())}
_sides = _read_sides()
PHRASES = _read_phrases()
"""Several words that are read as others."""
LONGEST_PHRASE = max(len(words) for words in PHRASES)


@lru_cache(maxsize=20_000)
def root(word: str) -> str:
    """What a folded word is compared by: the stem of the group it belongs to."""
    plain = word.removesuffix("'s").removesuffix("'").strip("-")
    plain = _NEGATED.get(plain, plain[2:] if _is_prefixed(plain) else plain)
    if plain in _root_by_word:
        return _root_by_word[plain]
    stem = _stem(plain)
    return _root_by_stem.get(stem, stem)


def sides(word: str) -> tuple[tuple[str, int], ...]:
    """The axes of opposites that a folded word lies on, with its side: ("level", 1)."""
    return _sides.get(word, ())


def is_negated_inside(word: str) -> bool:
    """Whether the word denies by its prefix: "unhurt", "unvaccinated"."""
    return word in _NEGATED or _is_prefixed(word)


def _is_prefixed(word: str) -> bool:
    return word.startswith("un") and word.endswith("ed") and len(word) > 7 and word[:5] != "under"


def is_light(word: str) -> bool:
    """Whether a folded word says too little to be looked for."""
    return word in FUNCTION_WORDS or word in _LIGHT or len(word) < 2


def folded(word: str) -> str:
    """Lower case, no accents, straight apostrophes."""
    return fold(word).replace("’", "'")
