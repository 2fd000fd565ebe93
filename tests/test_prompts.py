"""Prompts are Markdown files whose slots are all filled, once, and by nothing else."""

from __future__ import annotations

import string
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts import Prompt, load_prompt

NAMES = sorted(
    file.name.removesuffix(".md")
    for file in resources.files("prompts").iterdir()
    if file.name.endswith(".md")
)


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_loads_and_fills(name: str) -> None:
    prompt = load_prompt(name)

    filled = prompt.fill(**dict.fromkeys(prompt.slots, "filling"))

    assert prompt.slots or name.endswith(".system")
    assert "$" not in filled
    assert len(prompt.sha256) == 64


def test_a_missing_slot_raises() -> None:
    with pytest.raises(ValueError, match=r"nothing fills \$question"):
        Prompt("p", "Answer $question by $day.").fill(day="Tuesday")


def test_an_unknown_slot_raises() -> None:
    with pytest.raises(ValueError, match=r"there is no slot \$today"):
        Prompt("p", "Answer $question").fill(question="q", today="Tuesday")


def test_an_unknown_prompt_raises() -> None:
    with pytest.raises(ValueError, match="no prompt 'nothing'"):
        load_prompt("nothing")


@given(value=st.text())
def test_a_value_is_never_read_for_slots(value: str) -> None:
    prompt = Prompt("p", "[$question] $other")

    assert prompt.fill(question=value, other="$question") == f"[{value}] $question"


def test_a_prompt_says_the_same_every_time() -> None:
    for name in NAMES:
        text = load_prompt(name).text
        assert string.Template(text).is_valid()
        assert load_prompt(name) == load_prompt(name)
