"""Which model is called, where, and with which key, is what was set and nothing else."""

from __future__ import annotations

import pytest

from bot.settings import BotSettings
from bot.writer.settings import LlmSettings
from index.errors import UsageError
from index.remote.address import OPENAI_URL

LOCAL = {"DATELINE_LLM_BASE_URL": "http://127.0.0.1:8080/v1/", "DATELINE_LLM_MODEL": "local"}


def read(environ: dict[str, str], model: str | None = None) -> LlmSettings:
    settings = LlmSettings.from_env(environ, model)
    assert settings is not None
    return settings


def test_without_key_and_server_there_is_no_model() -> None:
    assert LlmSettings.from_env({}) is None
    assert LlmSettings.from_env({"OPENAI_BASE_URL": "http://127.0.0.1:1/v1"}) is None
    assert BotSettings.from_env({}).llm is None


def test_openais_key_is_enough() -> None:
    settings = read({"OPENAI_API_KEY": "sk-a"})

    assert (settings.base_url, settings.key) == (OPENAI_URL, "sk-a")
    assert settings.model
    assert settings.is_openai


def test_a_server_of_ones_own_needs_no_key() -> None:
    settings = read(LOCAL)

    assert settings == LlmSettings("local", "http://127.0.0.1:8080/v1", None)
    assert not settings.is_openai


def test_openais_key_is_not_sent_to_another_server() -> None:
    assert read({**LOCAL, "OPENAI_API_KEY": "sk-openai"}).key is None
    assert read({**LOCAL, "OPENAI_API_KEY": "sk-openai", "DATELINE_LLM_KEY": "own"}).key == "own"


@pytest.mark.parametrize("name", ["OPENAI_BASE_URL", "OPENAI_API_BASE"])
def test_the_customary_address_goes_with_the_customary_key(name: str) -> None:
    settings = read({name: "https://proxy.example/v1", "OPENAI_API_KEY": "sk-a"})

    assert (settings.base_url, settings.key) == ("https://proxy.example/v1", "sk-a")


def test_our_address_goes_before_the_customary_one() -> None:
    environ = {**LOCAL, "OPENAI_BASE_URL": "https://proxy.example/v1"}

    assert read(environ).base_url == "http://127.0.0.1:8080/v1"


def test_a_model_on_the_command_line_goes_before_the_environment() -> None:
    assert read(LOCAL, "other").model == "other"
    assert read({**LOCAL, "DATELINE_LLM_MODEL": ""}, "other").model == "other"


def test_numbers_are_read() -> None:
    settings = read(
        {
            **LOCAL,
            "DATELINE_LLM_TIMEOUT": "5",
            "DATELINE_LLM_DEADLINE": "20",
            "DATELINE_LLM_TOKENS": "400",
            "DATELINE_LLM_CONTEXT": "4096",
        }
    )

    assert (settings.timeout_seconds, settings.deadline_seconds) == (5, 20)
    assert (settings.completion_tokens, settings.context_tokens) == (400, 4096)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({"DATELINE_LLM_MODEL": "local"}, "Set OPENAI_API_KEY, or DATELINE_LLM_BASE_URL"),
        ({"DATELINE_LLM_BASE_URL": "http://127.0.0.1:1/v1"}, "Set DATELINE_LLM_MODEL"),
        ({**LOCAL, "DATELINE_LLM_BASE_URL": "localhost:8080"}, "write it as http://"),
        ({**LOCAL, "DATELINE_LLM_BASE_URL": "file:///etc/passwd"}, "write it as http://"),
        ({**LOCAL, "DATELINE_LLM_BASE_URL": "http://[::1"}, "write it as http://"),
        ({**LOCAL, "DATELINE_LLM_TIMEOUT": "soon"}, "a whole number from 1 to 600"),
        ({**LOCAL, "DATELINE_LLM_TIMEOUT": "0"}, "a whole number from 1 to 600"),
        ({**LOCAL, "DATELINE_LLM_TOKENS": "-5"}, "a whole number from 100"),
        ({**LOCAL, "DATELINE_LLM_TOKENS": "٥٠٠"}, "a whole number from 100"),
        ({**LOCAL, "DATELINE_LLM_TOKENS": "5000"}, "leaves no room for articles"),
        ({"OPENAI_API_KEY": "sk-a\nX-Evil: 1"}, "a character that no key has"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_remedy(environ: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        LlmSettings.from_env(environ)

    assert said in str(caught.value)
    assert "X-Evil" not in str(caught.value)


def test_offline_leaves_the_model_out() -> None:
    assert BotSettings.from_env(LOCAL, offline=True).llm is None
    llm = BotSettings.from_env(LOCAL).llm
    assert llm is not None
    assert llm.model == "local"


def test_no_representation_shows_the_key() -> None:
    assert "sk-a" not in repr(BotSettings.from_env({"OPENAI_API_KEY": "sk-a"}))
