"""Reports over the API: who may get them, what is logged, and what a PDF needs."""

import subprocess
from base64 import b64encode
from functools import partial
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import update

from app.audit_reports import pdf
from app.audit_reports.pdf_process import Ending
from app.audit_reports.pseudonyms import pseudonym
from app.auth.bootstrap import create_sign_in_link
from app.db.models import Reconstruction
from app.db.session import sync_session
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem, with_key
from tests.api.test_results import audit  # noqa: F401 - a fixture
from tests.results import RESULT
from tests.unit.audit_reports.test_reports import Words

WHY = {"purpose": "sign-off of the release"}
SHOWN = {"names": True, "pictures": True} | WHY
RESULT_OF = RESULT | {"worst_decile": ["ada", "bob"], "noun": {"one": "person", "many": "people"}}


async def entries(tenant: Tenant) -> list[dict[str, Any]]:
    """Return what the audit log says about reports and images, oldest first."""
    answer = await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")
    kinds = ("report.", "image.")
    return [one for one in reversed(answer.json()["items"]) if one["action"].startswith(kinds)]


@pytest.fixture
async def path(audit: dict[str, Any]) -> str:  # noqa: F811 - the fixture
    """Return the address of the report of a finished audit."""
    seeds.finish(audit["id"], seeds.add_reconstructions(audit["id"], [0, 1, 2]), RESULT_OF)
    return f"/api/v1/audits/{audit['id']}/report"


async def test_the_report_has_the_figures_of_the_api_and_leaves_no_entry(tenant: Tenant, path: str) -> None:
    one = (await tenant.client.get(path.replace("/report", ""))).json()
    sets = {f"{role}_dataset_id": one[f"{role}_dataset"]["id"] for role in ("public", "private")}
    body = sets | {"release_id": one["release"]["id"], "rights": seeds.RIGHTS, "seed": 1}
    other = await created(tenant.client, f"/projects/{tenant.project_id}/audits", body)
    seeds.finish(other["id"], [], RESULT)
    answer = await tenant.client.get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert answer.headers["content-disposition"].startswith('attachment; filename="aud_')
    assert answer.headers["cache-control"] == "no-store"
    text = Words(answer.text).text
    found = (await tenant.client.get(path.replace("/report", "/result"))).json()
    shown = (await tenant.client.get(path.replace("/report", ""))).json()
    assert ("1 (this one)" in text, "Cost of the same audits" in text) == (True, True)
    assert found["sentence"].partition(": ")[2] in text
    assert all(one in text for one in (*found["reasons"], *found["not_tested"], *found["bounds"]))
    assert all(one in text for one in (shown["plan_digest"], shown["declaration"], found["inputs"]["checkpoint"]))
    target = seeds.uuid_of(shown["release"]["target_id"])
    assert [pseudonym(target, name) in text for name in seeds.CLASSES] == [True, True, True, False]
    assert pseudonym(target, "ada") != pseudonym(seeds.uuid_of(shown["id"]), "ada")
    assert await entries(tenant) == []
    card = await tenant.client.get(path, params={"format": "md"})
    assert card.headers["content-type"] == "text/markdown; charset=utf-8"
    assert card.text.startswith("## Privacy")


async def test_names_and_pictures_need_scope_and_purpose_and_are_logged(
    transport: httpx.ASGITransport, tenant: Tenant, stranger: Tenant, anonymous: httpx.AsyncClient, path: str
) -> None:
    problem(await tenant.client.get(path, params={"names": True}), 422, "purpose_required")
    problem(await stranger.client.get(path, params=SHOWN), 404, "no_such_audit")
    problem(await tenant.client.get(path, params=SHOWN | {"format": "md"}), 422, "model_card_is_public")
    async with with_key(transport, await tenant.key("audits:read")) as reader:
        problem(await reader.get(path, params=SHOWN), 403, "missing_scope")
        assert (await reader.get(path)).status_code == 200
    with sync_session() as session:
        token = create_sign_in_link(session)
    await anonymous.post("/api/v1/session", json={"token": token})
    foreign = {"Sec-Fetch-Site": "cross-site"}
    problem(await anonymous.get(path, params=SHOWN, headers=foreign), 403, "foreign_origin")
    refused = await entries(tenant)
    reasons = ["purpose_required", "missing_scope", "foreign_origin"]
    assert [(one["action"], one["details"]["reason"]) for one in refused] == [
        ("report.reveal_refused", reason) for reason in reasons
    ]

    answer = await tenant.client.get(path, params=SHOWN)
    assert answer.status_code == 200, answer.text
    text = Words(answer.text).text
    assert [f"({name})" in text or f"\n{name}\n" in text for name in ("ada", "bob", "cyd")] == [True, True, True]
    assert answer.text.count("data:image/png") == 2, "of the worst decile"
    assert WHY["purpose"] in text
    *images, report = (await entries(tenant))[len(refused) :]
    assert [one["action"] for one in images] == ["image.revealed"] * 2
    assert (report["action"], report["actor"]) == ("report.revealed", "key:ours all")
    pictures = [one["subject"] for one in images]
    assert report["details"] == WHY | {"format": "html", "names": True, "pictures": pictures}


async def test_a_deleted_picture_is_left_out_and_without_any_there_is_no_report_with_pictures(
    tenant: Tenant, path: str
) -> None:
    """The identity 0 was erased since, and later the retention ended."""
    with sync_session() as session:
        session.execute(update(Reconstruction).where(Reconstruction.identity == 0).values(sealed_image=None))
    answer = await tenant.client.get(path, params=SHOWN)
    assert answer.status_code == 200, answer.text
    assert answer.text.count("data:image/png") == 1
    assert "1 of the 2 in the worst decile are shown." in Words(answer.text).text
    assert [one["action"] for one in await entries(tenant)] == ["image.revealed", "report.revealed"]
    with sync_session() as session:
        session.execute(update(Reconstruction).values(sealed_image=None))
    problem(await tenant.client.get(path, params=SHOWN), 410, "image_deleted")
    assert (await tenant.client.get(path)).status_code == 200


async def test_an_unfinished_audit_has_no_report(tenant: Tenant, audit: dict[str, Any]) -> None:  # noqa: F811
    problem(await tenant.client.get(f"/api/v1/audits/{audit['id']}/report"), 409, "no_result")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("raise SystemExit(3)", "pdf_unavailable"),
        ("raise SystemExit(1)", "pdf_failed"),
        ("import time; time.sleep(60)", "pdf_failed"),
        ("import os, sys; sys.stdout.write('%PDF' + ''.join(v for k, v in os.environ.items() if 'URL' in k))", None),
    ],
    ids=["not installed", "failed", "too slow", "made"],
)
async def test_a_pdf_that_cannot_be_made_is_a_problem_and_html_remains(
    tenant: Tenant, path: str, monkeypatch: pytest.MonkeyPatch, code: str, expected: str | None
) -> None:
    """The process has its own limits and knows no address of the database."""
    monkeypatch.setattr(pdf, "COMMAND", (pdf.COMMAND[0], "-I", "-c", code))
    monkeypatch.setattr(pdf, "SECONDS", 0.5 if "sleep" in code else 20)
    answer = await tenant.client.get(path, params={"format": "pdf"})
    if expected is None:
        assert (answer.content, answer.headers["content-type"]) == (b"%PDF", "application/pdf")
    else:
        problem(answer, 503, expected)
    assert (await tenant.client.get(path)).status_code == 200


async def test_a_third_pdf_at_once_is_asked_to_wait(
    tenant: Tenant, path: str, application: FastAPI, monkeypatch: pytest.MonkeyPatch
) -> None:
    busy = pdf.Typesetter()
    monkeypatch.setattr(application.state, "typesetter", busy)
    waiting: list[str] = []
    full, go = anyio.Event(), anyio.Event()

    async def slow(html: str) -> bytes:
        waiting.append(html)
        if len(waiting) == pdf.AT_ONCE:
            full.set()
        await go.wait()
        return b"%PDF"

    monkeypatch.setattr(pdf, "_made", slow)
    ask = partial(tenant.client.get, path, params={"format": "pdf"})
    async with anyio.create_task_group() as tasks:
        for _ in range(pdf.AT_ONCE):
            tasks.start_soon(ask)
        await full.wait()
        answer = await ask()
        problem(answer, 503, "reports_busy")
        assert answer.headers["retry-after"] == "5"
        go.set()
    assert (await ask()).content == b"%PDF"


def test_a_crash_of_a_library_at_exit_does_not_spoil_a_complete_pdf() -> None:
    code = "import atexit, os, runpy; atexit.register(os.abort); "
    code += "runpy.run_module('app.audit_reports.pdf_process', run_name='__main__')"
    html = b'<!doctype html><html lang="en"><title>Report</title><p>Text'
    done = subprocess.run(
        [pdf.COMMAND[0], "-I", "-c", code], input=html, capture_output=True, env=pdf.environment(), check=False
    )
    if done.returncode == Ending.NOT_INSTALLED:
        pytest.skip("Pango is not installed")
    assert done.returncode == Ending.MADE
    assert done.stdout.rstrip().endswith(b"%%EOF")


def test_a_pdf_is_tagged_and_has_only_pictures_of_the_page(tmp_path: Path) -> None:
    """A file and an address are not opened, even if they are there."""
    (tmp_path / "secret.png").write_bytes(seeds.png(1))
    inside = f"data:image/png;base64,{b64encode(seeds.png(2)).decode()}"
    sources = [inside, (tmp_path / "secret.png").as_uri(), "http://127.0.0.1:9/x.png"]
    images = "".join(f'<img alt="x" src="{one}">' for one in sources)
    done = pdf.checked(f'<!doctype html><html lang="en"><title>Report</title><p>Text{images}'.encode())
    if done.returncode == Ending.NOT_INSTALLED:
        pytest.skip("Pango is not installed")
    assert done.returncode == Ending.MADE
    assert done.stdout.startswith(b"%PDF-1.7")
    assert all(one in done.stdout for one in (b'pdfuaid:part="1"', b"/StructTreeRoot", b"/Lang (en)"))
    assert done.stdout.count(b"/Subtype /Image") == 1
