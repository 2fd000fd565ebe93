"""What an earlier question asked: its question word, what it asked for, and what it supposed.

A follow-up leans on the earlier question in three ways: it asks something else of the same
proposition ("why?"), it asks the same of something else ("and in 2024?"), or it speaks of what
was asked for ("when did he arrive?").
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.conversation.phrases import Parsed, kind_of_noun
from bot.conversation.words import AUXILIARIES, BE, DETERMINERS, DO, may_be_verb
from index.names import Kind

_OPENING = re.compile(
    r"""^\W*(?:(?:in|on|at|by|for|to|from|of|with|since|until|about|under)\s+)?
    (?P<wh>who|whom|whose|what|which|when|where|why
      |how(?:\s+(?:many|much|long|old|far|tall|big|large|high|fast|heavy|deep|often|hot|wide|well))?
    )(?:['’]s)?\b""",
    re.IGNORECASE | re.VERBOSE,
)
_TELL_ME = re.compile(
    r"^\W*(?:please\s+)?(?:(?:can|could|would)\s+you\s+)?(?:please\s+)?"
    r"(?:name|identify|tell\s+(?:me|us)(?:\s+more)?\s+about|describe|explain|list)\s+(?P<what>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_END = re.compile(r"[\s?!.…]+$")
_TAKES_NOUN = frozenset({"what", "which", "whose", "how many", "how much"})


@dataclass(frozen=True, slots=True)
class Proposition:
    """An earlier question, read for what can be said about it."""

    parsed: Parsed
    wh: str
    """The question word in lower case: `who`, `how many`; empty for yes or no, or no question."""
    noun: str
    """What is asked for, in the question's words: `malaria vaccine`; often empty."""
    rest: str
    """What follows the question word and the noun, without the question mark."""

    @property
    def first(self) -> str:
        """The first word of the rest, in lower case."""
        return self.rest.split(maxsplit=1)[0].lower() if self.rest else ""

    @property
    def is_inverted(self) -> bool:
        """Whether an auxiliary opens the rest: "did the ferry sink"."""
        return self.first in AUXILIARIES

    @property
    def is_question(self) -> bool:
        """Whether it is put as one question, so that a part of it can be exchanged."""
        is_one = not re.search(r"[.?!]\s+\w", self.parsed.text)
        return is_one and bool(self.wh or self.is_inverted)

    @property
    def asks_for_person(self) -> bool:
        """Whether the answer is somebody."""
        return self.wh in {"who", "whom"} or self._noun_kind is Kind.PERSON

    @property
    def asks_for_thing(self) -> bool:
        """Whether the answer is something with a name that is no person: "which team"."""
        return self.wh in {"what", "which"} and bool(self.noun) and not self.asks_for_person

    @property
    def _noun_kind(self) -> Kind | None:
        return kind_of_noun(self.noun.split()[-1].lower()) if self.noun else None

    def describe(self) -> str | None:
        """What was asked for, as a noun phrase: `the ferry that struck a pier at Calder Bay`."""
        if told := _TELL_ME.match(self.parsed.text):
            return _definite(_END.sub("", told["what"]))
        if not self.rest:
            return None
        if self.wh == "who":
            return self._describe_person()
        if self.wh == "what" and not self.noun and self.first in DO:
            return f"what {self.rest.partition(' ')[2]}"
        if self.wh in {"which", "what"} and self.noun:
            return self._describe_noun()
        return None

    def _describe_person(self) -> str:
        if self.first not in BE:
            return f"the person who {self.rest}"
        if self._is_copular:
            return _definite(self.rest.partition(" ")[2])
        return f"the person who {self.rest}"

    @property
    def _is_copular(self) -> bool:
        """Not so in "Who was sent to Pyongyang?": it has no noun for whom it asks for."""
        verb, _, complement = self.rest.partition(" ")
        opener = complement.partition(" ")[0].lower()
        return verb.lower() in BE and (opener in DETERMINERS or complement[:1].isupper())

    def _describe_noun(self) -> str:
        if self.first not in DO:
            return f"the {self.noun} that {self.rest}"
        words = self.rest.split()
        return f"the {self.noun} that {' '.join(words[1:])}"

    def restate(self, opener: str, filler: str | None) -> str:
        """The proposition under another question word: "Why did the ferry sink?".

        Args:
            opener: `When`, `How many people`.
            filler: What answered the earlier question, if that is known.
        """
        if not self.wh:
            return f"{opener} {_lower_first(_END.sub('', self.parsed.text))}?"
        if self.is_inverted and not self._asks_for_subject:
            return f"{opener} {self.rest}?"
        if self.wh in {"who", "what"} and self._is_copular and filler is None:
            return f"{opener} {self.rest}?"
        subject = filler or (f"the {self.noun}" if self.noun else "someone")
        if self.wh == "what" and not self.noun and filler is None:
            subject = "what"
        return f"{opener} was it that {subject} {self.rest}?"

    @property
    def _asks_for_subject(self) -> bool:
        """Whether the auxiliary belongs to what is asked for: "Which ships were hit?"."""
        return self.wh in {"who", "which", "how many", "what"} and self.first in BE | {
            "has",
            "have",
        }

    def quantity(self) -> str | None:
        """A number that was asked for, as a noun phrase: `the number of people who died`."""
        if self.wh == "how many" and self.noun:
            link = "who" if self.noun.split()[-1] in {"people", "men", "women"} else "that"
            return f"the number of {self.noun} {link} {self.rest}"
        if self.wh == "what" and not self.noun and self.first in BE:
            return self.rest.partition(" ")[2] or None
        return None


def read_proposition(parsed: Parsed) -> Proposition:
    """Read a question that stands alone."""
    text = parsed.text
    opening = _OPENING.match(text)
    if opening is None:
        return Proposition(parsed, "", "", _END.sub("", text))
    wh = " ".join(opening["wh"].lower().split())
    at = opening.end()
    if opening[0].endswith(("'s", "’s")):
        return Proposition(parsed, wh, "", "is" + _END.sub("", text[at:]))
    noun_end = _noun_end(parsed, at) if wh in _TAKES_NOUN else at
    return Proposition(parsed, wh, text[at:noun_end].strip(), _END.sub("", text[noun_end:]).strip())


def _noun_end(parsed: Parsed, at: int) -> int:
    """Where "malaria vaccine" ends in "which malaria vaccine did …"."""
    end = at
    for count, word in enumerate(word for word in parsed.words if word.start >= at):
        capital = word.text[:1].isupper()
        if word.key in AUXILIARIES or (may_be_verb(word.key) and not capital and count > 0):
            break
        if count == 0 and word.key in {"of", "is", "about"}:
            break
        if count == 0 and may_be_verb(word.key):  # "what caused …"
            break
        if count > 4:
            return at
        end = word.end
    return end


def _definite(text: str) -> str:
    opener = text.split(maxsplit=1)[0].lower() if text else ""
    if opener in {"the", "his", "her", "its", "their"} or text[:1].isupper():
        return text
    if opener in {"a", "an"}:
        return "the " + text.partition(" ")[2]
    return f"the {text}"


def _lower_first(text: str) -> str:
    """A sentence to stand inside another: only an auxiliary is lowered, never a name."""
    first, _, rest = text.partition(" ")
    return f"{first.lower()} {rest}" if first.lower() in AUXILIARIES else text
