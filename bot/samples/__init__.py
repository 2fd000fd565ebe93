"""The sample archive: some sixty articles that ship with the bot, so that it can be tried at once.

The outlets, the country of Kestria and everybody in it are invented. Reports on events that did
happen (the visits to Pyongyang, the space missions, the Nobel Prizes, the antitrust cases) keep
to the public record in words of our own; private persons quoted in them are invented too. Some
files are as untidy as real input: no year in a dateline, paragraphs twice, sentences glued
together, a page with its furniture. One, `2024-08-06-aurorapress-lighthouse.md`, is hostile.
"""

from pathlib import Path


def sample_folder() -> Path:
    """The folder of the sample articles, which `dateline ingest` reads as it stands."""
    return Path(__file__).resolve().parent / "articles"
