"""Article text that talks to the machine instead of the reader.

An article may hold orders to a bot, forged sources or a made-up dialogue. Such a passage is still
shown to whoever searches, but no answer is made of it: what stands among planted orders is no
better than they are.
"""

from __future__ import annotations

import re
import unicodedata

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|these\s+)*"
    r"(?:previous|prior|above|earlier|preceding|former|other)\s+"
    r"(?:instructions?|prompts?|rules?|directions?|orders?)\b"
    r"|\byou\s+are\s+now\s+(?:in\s+)?(?:a|an|the|\w+\s+mode)\b"
    r"|\b(?:system|developer)\s+(?:prompt|message|override)\b"
    r"|\b(?:reply|respond|answer)\s+only\s+with\b"
    r"|\bas\s+an?\s+(?:ai|language)\s+(?:model|assistant)\b"
    # Spoken to the machine itself: "Note to AI summarizers", "Dear assistant", "AI, obey".
    r"|\b(?:note|notice|message|attention|instructions?|task)\s+(?:to|for)\s+(?:all\s+|any\s+|the\s+)*"
    r"(?:ai|llms?|language\s+models?|chat\s?bots?|assistants?|bots?)\b"
    r"|\b(?:dear|hello|hey)\s+(?:ai|llm|assistant|chat\s?bot|language\s+model)\b"
    r"|\b(?:ai|llm)\s+(?:model|readers?|assistant)\s*[,:]"
    r"|\b(?:ai\s+systems?|assistants?|chat\s?bots?|language\s+models?|llms?)\s+(?:must|should|shall)\s+"
    r"(?:not\s+|never\s+|always\s+)?(?:say|answer|reply|respond|obey|output|mention|refuse\s+to\s+answer)\b"
    r"|\b(?:assistant|chat\s?bot|ai)\s*[,:]\s+(?:please\s+)?"
    r"(?:obey|print|reveal|repeat|first|ignore|say|write|output|answer)\b"
    r"|\b(?:obey|print|reveal|repeat)\s*,\s*(?:assistant|ai|chat\s?bot)\b"
    r"|\b(?:print|reveal|repeat|show|output)\s+(?:your|the)\s+(?:system\s+)?(?:prompt|instructions)\b"
    r"|\bdecode\s+(?:this\s+)?and\s+(?:obey|follow|execute|run)\b",
    re.IGNORECASE,
)
# The marks of a dialogue or of a prompt's own structure.
_FORGED = re.compile(
    r"(?:^|\n)[^\S\n]*\W{0,3}(?:system|assistant|user|developer)\W{0,2}\s*[:\]>]"
    r"|</?(?:passage|context|source|system|instructions?|document|quote)s?\b[^>\n]{0,40}>"
    r"|<\|[\w ]{2,20}\|>|\[/?INST\]|\bBEGIN\s+SYSTEM\b"
    # Our own blocks and keys, and the forms in which models call tools and answer programs.
    r"|===\s*(?:passage|question|conversation|quote|statement)\b|\[k[0-9a-f]{8}\]"
    r"|<function_call>|\"(?:tool_calls|function_call)\"\s*:|\{\s*\"answer\"\s*:"
    r"|(?:^|\n)[^\S\n]*Observation\s*:.*(?:$|\n)|(?:^|\n)[^\S\n]*Action\s*:\s*\w+\[",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S*", re.IGNORECASE)
# What can be followed, or what a page would load or run: an address, a link, markup.
_LINK = re.compile(
    r"\w://|\bwww\.|\]\(|[<>]|\b(?:javascript|data|vbscript):\w|\b[a-z0-9-]+\.[a-z]{2,10}/\w",
    re.IGNORECASE,
)


def is_hostile(text: str) -> bool:
    """Whether `text` gives orders to a machine or forges parts of a conversation with one."""
    if not text.isascii():
        # Full-width letters and ligatures spell orders too.
        text = unicodedata.normalize("NFKC", text)
    return bool(_ORDERS.search(text) or _FORGED.search(text))


def without_addresses(text: str) -> str:
    """`text` with its web addresses taken out: a title's or an outlet's name needs none."""
    return _ADDRESS.sub("[address]", text)


def find_link(text: str) -> str | None:
    """The first thing in `text` that can be followed or is markup; None if there is none.

    No sentence of an answer holds one: addresses are those of the cited articles.
    """
    found = _LINK.search(text)
    return found[0] if found else None
