"""What a model's tokens cost, at prices that whoever runs the set gives: they change too often."""

from __future__ import annotations

from dataclasses import dataclass

from eval.record import Outcome
from index.errors import UsageError

_TOKENS = 1_000_000


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens."""

    prompt: float
    completion: float

    @classmethod
    def parse(cls, text: str) -> Prices:
        """Read `PROMPT,COMPLETION`.

        Raises:
            UsageError: If it is not two numbers from 0 up.
        """
        try:
            prompt, completion = map(float, text.split(","))
        except ValueError:
            prompt = completion = -1.0
        if not (0 <= prompt < 1e6 and 0 <= completion < 1e6):
            raise UsageError(f"--prices {text!r}: write dollars for a million tokens: 0.40,1.60")
        return cls(prompt, completion)

    def cost_of(self, outcome: Outcome) -> float | None:
        """Dollars of one outcome; None if it does not say how many tokens it took."""
        usage = (outcome.answer or {}).get("usage") or {}
        prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
        if not (isinstance(prompt, int) and isinstance(completion, int)):
            return None
        return round((prompt * self.prompt + completion * self.completion) / _TOKENS, 6)
