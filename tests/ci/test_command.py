"""Every recipe calls `exhume gate` as it is: with options and formats that exist."""

from collections.abc import Callable

import pytest
import typer.main

from app.cli.gate.outputs import parsed
from app.cli.root import app
from tests.ci.recipe import Checkout
from tests.ci.test_container import DOCKER, SCRIPT, SERVER
from tests.ci.test_github import gate
from tests.ci.test_gitlab import AUDIT, job


def github(checkout: Checkout) -> None:
    gate(checkout, DECISION="pass")


def github_local(checkout: Checkout) -> None:
    gate(checkout, DECISION="pass", LOCAL="true")


def gitlab(checkout: Checkout) -> None:
    job(checkout, AUDIT, DECISION="pass")


def container(checkout: Checkout) -> None:
    checkout.program("docker", DOCKER)
    checkout.run(SCRIPT, DECISION="pass", WORKSPACE=str(checkout.folder), **SERVER)


@pytest.mark.parametrize("recipe", [github, github_local, gitlab, container])
def test_the_command_accepts_what_the_recipe_gives_it(checkout: Checkout, recipe: Callable[[Checkout], None]) -> None:
    recipe(checkout)
    words, _, _ = checkout.asked()
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    context = commands[words[0]].make_context("gate", words[1:])
    assert str(context.params["config"]) == "exhume.yaml"
    assert context.params["local"] == (recipe is github_local)
    assert {"json", "markdown", "junit"} <= set(parsed(context.params["output"]))
