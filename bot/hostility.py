"""Article text that talks to the machine instead of the reader.

An article may hold orders to a bot, forged sources or a made-up dialogue. Such a passage is still
shown to whoever searches, but no answer is made of it: what stands among planted orders is no
better than they are.
"""

from __future__ import annotations

import re

_ORDERS = re.compile(
    r"\b(?:ignore|disregard|forget|override)\s+(?:all\s+|any\s+|the\s+|your\s+|these\s+)*"
    r"(?:previous|prior|above|earlier|preceding|former|other)\s+"
    r"(?:instructions?|prompts?|rules?|directions?|orders?)\b"
    r"|\byou\s+are\s+now\s+(?:in\s+)?(?:a|an|the|\w+\s+mode)\b"
    r"|\b(?:system|developer)\s+(?:prompt|message|override)\b"
    r"|\b(?:reply|respond|answer)\s+only\s+with\b"
    r"|\bas\s+an?\s+(?:ai|language)\s+(?:model|assistant)\b",
    re.IGNORECASE,
)
# The marks of a dialogue or of a prompt's own structure.
_FORGED = re.compile(
    r"(?:^|\n)[^\S\n]*\W{0,3}(?:system|assistant|user|developer)\W{0,2}\s*[:\]>]"
    r"|</?(?:passage|context|source|system|instructions?|document|quote)s?\b[^>\n]{0,40}>"
    r"|<\|[\w ]{2,20}\|>|\[/?INST\]|\bBEGIN\s+SYSTEM\b",
    re.IGNORECASE,
)


def is_hostile(text: str) -> bool:
    """Whether `text` gives orders to a machine or forges parts of a conversation with one."""
    return bool(_ORDERS.search(text) or _FORGED.search(text))
