"""Settings come from the environment, and a wrong one is never passed over."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.settings import BotSettings
from index.errors import UsageError
from index.settings import IndexSettings


def test_an_empty_environment_gives_the_defaults() -> None:
    settings = BotSettings.from_env({})

    assert settings.index == IndexSettings()
    assert settings.library.name == "library"
    assert settings.sample_library == settings.library.parent / "sample"


def test_settings_are_read_and_other_peoples_left_alone() -> None:
    settings = BotSettings.from_env(
        {
            "DATELINE_LIBRARY": "/srv/news",
            "DATELINE_EMBEDDING_MODEL": "all-MiniLM-L6-v2",
            "HOME": "/root",
            "_DATELINE_COMPLETE": "complete_bash",
        }
    )

    assert settings.library == Path("/srv/news")
    assert settings.index.embedding_model == "all-MiniLM-L6-v2"


def test_an_empty_variable_counts_as_not_set() -> None:
    empty = {"DATELINE_LIBRARY": "", "DATELINE_EMBEDDING_MODEL": ""}

    assert BotSettings.from_env(empty) == BotSettings.from_env({})


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"DATELINE_LIBRAY": "x"}, "Did you mean DATELINE_LIBRARY?"),
        ({"DATELINE_MODEL": "x"}, "Did you mean DATELINE_LLM_MODEL?"),
        ({"DATELINE_ZZZ": "x"}, "Known: DATELINE_CATALOG, "),
        ({"DATELINE_EMBEDDING_MODEL": "e5"}, "Choose one of: all-MiniLM-L6-v2, multilingual"),
    ],
)
def test_a_wrong_setting_names_the_remedy(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match="DATELINE_") as caught:
        BotSettings.from_env(environ)

    assert said in str(caught.value)
