"""Whether the text that a sentence cites proves it, by rules and without a language model.

verdict = Verifier().verify("He arrived on Tuesday.", [passage])
verdict.ok, verdict.quotes, [finding.why for finding in verdict.faults]
"""

from bot.verify.verdict import Fault, Finding, Quote, Verdict
from bot.verify.verifier import Verifier

__all__ = ["Fault", "Finding", "Quote", "Verdict", "Verifier"]
