"""The documents of the client are those of the API, and the checks of a file are waited for."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from exhume import documents, errors, files
from tests.unit.client.both import BOTH, Call

API = json.loads((Path(__file__).parents[3] / "openapi.json").read_text())["components"]["schemas"]
DOCUMENTS = [documents.Project, documents.Target, documents.Release, documents.Upload, documents.Estimate]
DOCUMENTS += [documents.Audit, documents.ReleaseOfAudit, documents.Job, documents.Problem]
both = pytest.mark.parametrize("call", BOTH)


@pytest.mark.parametrize("document", [*DOCUMENTS, documents.Dataset], ids=lambda document: document.__name__)
def test_a_document_asks_for_nothing_that_the_api_does_not_send(document: type[documents.Document]) -> None:
    name = "DatasetSummary" if document is documents.Dataset else document.__name__
    assert set(document.model_fields) <= set(API[name]["properties"])


def dataset(state: str, problem: dict[str, Any] | None = None) -> dict[str, Any]:
    nothing = dict.fromkeys(("sha256", "notes", "images", "identity_count"))
    return {
        **{"id": "dst_1", "project_id": "prj_1", "name": "faces", "role": "public", "state": state},
        **{"problem": problem, "images_digest": "sha256:0"},
        **nothing,
    }


FACES = documents.Dataset.model_validate(dataset("checking"))


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "POLL_SECONDS", 0.0)


@both
def test_a_checked_file_is_waited_for_and_fields_of_a_newer_server_are_kept(call: Call) -> None:
    answers = [httpx.Response(200, json=dataset(state)) for state in ("checking", "ready")]
    ready = call(lambda _: answers.pop(0), "until_ready", FACES)
    assert (ready.state, ready.images_digest) == ("ready", "sha256:0")


@both
def test_a_rejected_file_says_why(call: Call) -> None:
    problem = {"code": "nan_weights", "detail": "head.weight holds 3 NaN values", "errors": [{"name": "head.weight"}]}
    with pytest.raises(errors.FileRejectedError, match=r"faces was rejected .nan_weights.: head\.weight") as caught:
        call(lambda _: httpx.Response(200, json=dataset("refused", problem)), "until_ready", FACES)
    assert caught.value.problem == problem


@both
def test_a_missing_worker_is_suspected_when_nothing_happens(call: Call) -> None:
    with pytest.raises(errors.StillRunningError, match="exhume doctor"):
        call(lambda _: httpx.Response(200, json=dataset("checking")), "until_ready", FACES, timeout=0)


def upload(state: str, received: int, problem: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        **{"id": "upl_1", "dataset_id": "dst_1", "state": state, "address": "https://host/faces.zip"},
        **{"filename": "faces.zip", "sha256": None, "length": 9, "received": received, "problem": problem},
    }


class Importing:
    """A server that fetches a file. `running` is an import that an earlier call began."""

    def __init__(self, *states: dict[str, Any], running: bool = False) -> None:
        self.states, self.running, self.begun = list(states), running, 0

    def __call__(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.removeprefix("/api/v1")
        if request.method == "POST":
            self.begun += 1
            return httpx.Response(201, json=upload("receiving", 0))
        if path == "/projects/prj_1/uploads":
            return httpx.Response(200, json={"items": [upload("receiving", 1)] if self.running else []})
        found = self.states.pop(0) if path == "/uploads/upl_1" else dataset("ready")
        return httpx.Response(200, json=found)


@both
@pytest.mark.parametrize("running", [False, True])
def test_an_import_is_begun_once_and_waited_for(call: Call, running: bool) -> None:
    server, seen = Importing(upload("receiving", 5), upload("complete", 9), running=running), list[int]()
    options = {"progress": lambda one: seen.append(one.received)}
    ready = call(server, "import_file", FACES, "https://host/faces.zip", **options)
    assert (ready.state, server.begun, seen) == ("ready", int(not running), [int(running), 5])


@both
def test_an_import_that_ends_without_the_file_says_why(call: Call) -> None:
    problem = {"code": "address_forbidden", "detail": "is private", "errors": []}
    server = Importing(upload("refused", 0, problem))
    with pytest.raises(errors.FileRejectedError, match="is private"):
        call(server, "import_file", FACES, "https://host/faces.zip")
