"""The examples of a deployment name only what there is, and run nothing as root."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.cli.edge import run
from bot.settings import BotSettings
from bot.slack.settings import Mode, SlackSettings
from index.watch.config import load_plan

ROOT = Path(__file__).parent.parent
DEPLOY = ROOT / "docs" / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
KUBERNETES = [one for one in yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()) if one]
OURS = "dateline:local"
FILLED = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_SIGNING_SECRET": "1", "PGPASSWORD": "1"}


def pods():
    """Every pod's spec of the Kubernetes example, by name."""
    for one in KUBERNETES:
        spec = one.get("spec", {})
        spec = spec.get("jobTemplate", one).get("spec", {})
        if "template" in spec:
            yield one["metadata"]["name"], spec["template"]["spec"]


def processes():
    """Command and environment of every process of ours in both examples."""
    for name, service in COMPOSE["services"].items():
        if service.get("image") == OURS:
            yield f"compose {name}", service["command"], service["environment"]
    (config,) = [one["data"] for one in KUBERNETES if one["metadata"]["name"] == "dateline"]
    for name, pod in pods():
        for container in pod["containers"]:
            if container["image"] == OURS:
                own = {one["name"]: one["value"] for one in container.get("env", [])}
                yield f"kubernetes {name}", container["args"], config | own


@pytest.mark.parametrize(
    ("command", "environment"),
    [one[1:] for one in processes()],
    ids=[one[0] for one in processes()],
)
def test_every_process_starts_a_command_that_there_is_with_settings_that_are_known(
    command, environment, capsys
):
    words = [word for word in command if not word.startswith(("/", "-"))]
    assert run([*words, "--help"]) == 0
    shown = capsys.readouterr().out
    for option in (word for word in command if word.startswith("--")):
        assert option in shown
    filled = environment | FILLED
    settings = BotSettings.from_env(filled)
    assert settings.index.servers.catalog.shown.startswith("postgresql://postgres:5432/dateline")
    assert not settings.index.servers.catalog.has_password
    assert settings.index.servers.chroma.shown == "http://chroma:8000"
    if "slack" in command:
        slack = SlackSettings.from_env(filled)
        slack.require()
        assert (slack.mode, slack.host, slack.port) == (Mode.HTTP, "0.0.0.0", 3000)


def test_two_bots_one_watcher_and_both_servers_are_in_each():
    assert COMPOSE["services"]["bot"]["deploy"]["replicas"] == 2
    assert {"postgres", "chroma", "watcher", "caddy"} < COMPOSE["services"].keys()
    replicas = {
        one["metadata"]["name"]: one["spec"]["replicas"]
        for one in KUBERNETES
        if "replicas" in one.get("spec", {})
    }
    assert replicas == {"chroma": 1, "watcher": 1, "bot": 2}


def test_nothing_of_ours_runs_as_root_or_writes_beside_its_own_folder():
    for service in COMPOSE["services"].values():
        if service.get("image") == OURS:
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
    for _, pod in pods():
        for container in pod["containers"]:
            if container["image"] == OURS:
                assert pod["securityContext"]["runAsNonRoot"]
                assert container["securityContext"]["readOnlyRootFilesystem"]
                mounted = {one["name"] for one in container["volumeMounts"]}
                assert mounted <= {one["name"] for one in pod["volumes"]}
    users = re.findall(r"^USER (.*)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001:10001"]


def test_every_secret_comes_from_outside_and_is_in_the_example():
    named = set(re.findall(r"\$\{(\w+)", (DEPLOY / "compose.yaml").read_text()))
    kept = dict(
        line.split("=", 1)
        for line in (DEPLOY / "example.env").read_text().splitlines()
        if "=" in line and not line.startswith("#")
    )
    assert named == kept.keys()
    assert not any(value for name, value in kept.items() if name != "PUBLIC_NAME")


def test_the_image_holds_what_the_package_is_made_of():
    dockerfile = (DEPLOY / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, re.MULTILINE)
        for word in line.split()[:-1]
    }
    assert {"bot", "eval", "index", "prompts", "pyproject.toml", "requirements.txt"} <= copied
    let_in = (DEPLOY / "Dockerfile.dockerignore").read_text()
    for name in copied:
        assert (ROOT / name).exists()
        assert f"!{name}\n" in let_in
    assert "--require-hashes" in dockerfile


def test_the_watchers_example_can_be_read():
    assert len(load_plan(DEPLOY / "sources.yaml").sources) == 2


@pytest.mark.skipif(not shutil.which("docker-compose"), reason="docker-compose is not installed")
def test_compose_itself_accepts_the_file(tmp_path):
    path = tmp_path / "compose.yaml"
    # Releases before 2 do not know the project's name.
    lines = (DEPLOY / "compose.yaml").read_text().splitlines(keepends=True)
    path.write_text("".join(line for line in lines if not line.startswith("name:")))
    filled = (DEPLOY / "example.env").read_text().replace("=\n", "=x\n")
    (tmp_path / "filled.env").write_text(filled)
    command = ["docker-compose", "--env-file", str(tmp_path / "filled.env"), "-f", str(path)]
    told = subprocess.run(
        [*command, "config", "--quiet"], check=False, capture_output=True, text=True
    )
    assert told.returncode == 0, told.stderr
