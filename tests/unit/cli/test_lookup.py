"""A name typed by a person must name one thing; otherwise the error lists the names."""

from typing import Any, cast

import pytest
import typer

from app.cli import lookup
from exhume import Client

DOOR, BADGE = {"id": "tgt_1", "name": "door"}, {"id": "tgt_2", "name": "badge"}


def release(identifier: str, target: dict[str, str], version: str, twin_of: str | None = None) -> dict[str, Any]:
    return {"id": identifier, "target_id": target["id"], "version": version, "twin_of": twin_of}


RELEASES = [
    release("rel_4", BADGE, "1-twin", twin_of="rel_3"),
    release("rel_3", BADGE, "1"),
    release("rel_2", DOOR, "2"),
    release("rel_1", DOOR, "1"),
]


class Service:
    """A server that answers lists like the API, newest first."""

    def items(self, path: str) -> list[dict[str, Any]]:
        sets = [{"id": "dst_1", "name": "staff"}]
        lists = {"releases": RELEASES, "targets": [BADGE, DOOR], "datasets": sets, "projects": [{"id": "prj_1"}]}
        lists |= {"verifiers": [{"id": "ver_1", "name": "faces"}], "bundled-verifiers": [{"name": "characters"}]}
        return lists[path.rpartition("/")[2]]


def found(name: str) -> str:
    return str(lookup.release(cast(Client, Service()), "prj_1", name)["id"])


@pytest.mark.parametrize(("name", "expected"), [("door:1", "rel_1"), ("2", "rel_2"), ("1-twin", "rel_4")])
def test_a_release_is_named_by_target_and_version_or_by_its_version_alone(name: str, expected: str) -> None:
    assert found(name) == expected


def test_a_target_with_one_release_names_it_its_twin_aside() -> None:
    assert found("badge") == "rel_3"


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("door", "Several releases match 'door': door:2, door:1. Name one of them."),
        ("1", "Several releases match '1': badge:1, door:1. Name one of them."),
        ("gate", "There is no release named 'gate'. Releases: badge:1-twin, badge:1, door:2, door:1."),
    ],
)
def test_a_name_of_no_release_or_of_several_is_answered_with_those_that_could_be_meant(
    name: str, answer: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit) as stopped:
        found(name)
    assert stopped.value.exit_code == 4
    said = " ".join(capsys.readouterr().err.split())
    assert said == answer


def test_a_data_set_is_named_by_its_id_or_its_name() -> None:
    service, identifier = cast(Client, Service()), "dst_" + "0" * 32
    assert lookup.dataset_id(service, None, identifier) == identifier  # without a request
    assert lookup.dataset_id(service, None, "staff") == "dst_1"


def test_a_release_is_named_by_its_id_or_its_target_and_version() -> None:
    service, identifier = cast(Client, Service()), "rel_" + "0" * 32
    assert lookup.release_id(service, None, identifier) == identifier
    assert lookup.release_id(service, None, "door:1") == "rel_1"


def test_an_uploaded_verifier_is_named_by_its_id_or_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    service, identifier = cast(Client, Service()), "ver_" + "0" * 32
    assert lookup.verifier_id(service, None, identifier) == identifier  # without a request
    assert lookup.verifier_id(service, None, "faces") == "ver_1"
    with pytest.raises(typer.Exit):
        lookup.verifier_id(service, None, "characters")
    assert "The verifier 'characters' comes with Exhume" in " ".join(capsys.readouterr().err.split())
