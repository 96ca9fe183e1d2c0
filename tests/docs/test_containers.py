"""docker-compose.yml and Dockerfile match the code: keys, settings and commands."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import typer.main
import yaml

from app.cli.root import app
from app.jobs.broker import QUEUES
from app.settings import Settings
from tests.docs.test_settings_page import variable

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
GPU: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.gpu.yml").read_text())
OURS = {name: service for name, service in COMPOSE["services"].items() if service["image"].startswith("exhume:")}
DOCKERFILE = (ROOT / "Dockerfile").read_text()
SUBSTITUTION = re.compile(r"\$\{(?P<name>[A-Z_]+)(?P<rest>[^}]*)\}")


def commands() -> set[str]:
    return set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]


def merged(base: Any, more: Any) -> Any:
    """Merge two documents as Compose does. Lists that meet are commands, which are replaced."""
    if not isinstance(base, dict) or not isinstance(more, dict):
        return more
    return base | {name: merged(base.get(name), value) for name, value in more.items()}


def with_gpu() -> dict[str, Any]:
    services = dict(COMPOSE["services"])
    for name, more in GPU["services"].items():
        own = {key: value for key, value in more.items() if key != "extends"}
        base = COMPOSE["services"][more["extends"]["service"] if "extends" in more else name]
        services[name] = merged(base, own)
    return COMPOSE | {"services": services}


@pytest.mark.parametrize("document", [COMPOSE, with_gpu()], ids=["plain", "gpu"])
def test_the_compose_file_is_valid(document: dict[str, Any]) -> None:
    schema = json.loads((Path(__file__).parent / "compose_schema.json").read_text())
    assert list(jsonschema.Draft7Validator(schema).iter_errors(document)) == []


def test_with_a_gpu_one_worker_has_it_and_another_checks_uploads() -> None:
    services = with_gpu()["services"]
    (gpu,) = services["worker"]["deploy"]["resources"]["reservations"]["devices"]
    assert (gpu["driver"], gpu["capabilities"]) == ("nvidia", ["gpu"])
    assert "deploy" not in services["checker"]
    assert {services[name]["command"][2] for name in ("worker", "checker")} == set(QUEUES)
    for name in ("worker", "checker"):
        assert set(services[name]["environment"]) <= {variable(field) for field in Settings.model_fields}
        assert services[name]["depends_on"]["migrate"]


def test_the_image_is_built_for_the_processor_or_for_cuda() -> None:
    assert re.search(r"^ARG TORCH=cpu$", DOCKERFILE, re.MULTILINE)
    assert GPU["services"]["worker"]["build"]["args"]["TORCH"] == "cuda"
    assert set(re.findall(r"^ +(\w+)\) index=", DOCKERFILE, re.MULTILINE)) == {"cpu", "cuda"}


def test_the_schema_would_notice_a_mistake() -> None:
    schema = json.loads((Path(__file__).parent / "compose_schema.json").read_text())
    broken = json.loads(json.dumps(COMPOSE))
    broken["services"]["api"]["comand"] = ["api"]
    with pytest.raises(jsonschema.ValidationError, match="comand"):
        jsonschema.Draft7Validator(schema).validate(broken)


def test_it_runs_the_versions_we_support_and_every_process() -> None:
    assert COMPOSE["services"]["postgres"]["image"] == "postgres:18"
    assert COMPOSE["services"]["valkey"]["image"] == "valkey/valkey:9"
    assert {"api", "worker", "scheduler", "migrate"} == set(OURS)


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_variable_is_a_setting(service: str) -> None:
    assert set(OURS[service]["environment"]) <= {variable(field) for field in Settings.model_fields}


@pytest.mark.parametrize("service", sorted(OURS))
def test_the_environment_makes_valid_settings(service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OURS[service]["environment"].items():
        monkeypatch.setenv(name, SUBSTITUTION.sub(lambda match: match["rest"].removeprefix(":-"), value))
    settings = Settings()
    assert settings.database_url is not None
    assert settings.redis_url == "redis://valkey:6379/0"
    assert "localhost" in settings.allowed_hosts


def test_variables_from_the_shell_are_explained_at_the_top() -> None:
    text = (ROOT / "docker-compose.yml").read_text()
    required = {match["name"] for match in SUBSTITUTION.finditer(text) if match["rest"].startswith(":?")}
    assert required == {"POSTGRES_PASSWORD", "EXHUME_SECRET_KEY"}
    head = text.partition("name:")[0]
    assert all(name in head for name in required)


@pytest.mark.parametrize("service", sorted(OURS))
def test_every_command_exists(service: str) -> None:
    assert OURS[service]["command"][0] in commands()


def test_health_checks_and_comments_use_commands_that_exist() -> None:
    texts = [" ".join(service.get("healthcheck", {}).get("test", [])) for service in OURS.values()]
    texts.append((ROOT / "docker-compose.yml").read_text())
    used = {match.group(1) for text in texts for match in re.finditer(r"\bexhume ([a-z][a-z-]+)\b", text)}
    assert {"doctor", "sign-in"} <= used <= commands()


def test_what_waits_for_health_has_a_health_check() -> None:
    for service in COMPOSE["services"].values():
        for name, wait in service.get("depends_on", {}).items():
            assert name in COMPOSE["services"]
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in COMPOSE["services"][name]


def test_volumes_are_declared_and_hold_the_data_folder() -> None:
    used = {entry.partition(":")[0] for service in COMPOSE["services"].values() for entry in service.get("volumes", [])}
    assert used == set(COMPOSE["volumes"])
    for service in OURS.values():
        assert f"data:{service['environment']['EXHUME_DATA_DIR']}" in service["volumes"]


def test_the_image_copies_only_what_exists_and_runs_as_a_normal_user() -> None:
    copied = [
        word
        for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
        for word in line.split()[:-1]
        if not word.endswith("*")
    ]
    assert copied
    assert [path for path in copied if not (ROOT / path).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    assert ignored[0] == "*"
    assert [path for path in copied if f"!{path.partition('/')[0]}" not in ignored] == []
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == ["exhume"]


def test_the_image_s_variables_are_settings_and_its_command_exists() -> None:
    names = set(re.findall(r"\b(EXHUME_[A-Z_]+)=", DOCKERFILE))
    assert names
    assert names <= {variable(field) for field in Settings.model_fields}
    assert re.search(r'^ENTRYPOINT \["exhume"\]$', DOCKERFILE, re.MULTILINE)
    command = re.search(r'^CMD \["([a-z]+)"\]$', DOCKERFILE, re.MULTILINE)
    assert command is not None
    assert command.group(1) in commands()
