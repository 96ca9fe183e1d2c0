"""A signature that comes with a checkpoint is verified, and its signer is shown."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from app.signatures.keys import new_private_key, public_key_of
from tests.api import seeds
from tests.api.conftest import Tenant, created, problem

RECORDED = Path(__file__).parents[1] / "unit" / "signatures" / "recorded"
BUNDLE, KEY = ((RECORDED / name).read_text() for name in ("model.sig", "signer.pem"))
DIGEST = hashlib.sha256((RECORDED / "face-model" / "model.safetensors").read_bytes()).hexdigest()
BODY = {"bundle": BUNDLE, "key": KEY, "signer": "ML platform team"}


async def announced(tenant: Tenant, **changes: Any) -> str:
    target = await created(tenant.client, f"/projects/{tenant.project_id}/targets", {"name": "t"})
    release = await created(tenant.client, f"/targets/{target['id']}/releases", seeds.RELEASE | changes)
    assert release["signature"] is None
    return f"/api/v1/releases/{release['id']}"


async def test_the_signer_is_shown_with_the_release(tenant: Tenant) -> None:
    path = await announced(tenant, sha256=DIGEST)
    answer = await tenant.client.post(f"{path}/signature", json=BODY)
    assert answer.status_code == 200, answer.text
    signature = (await tenant.client.get(path)).json()["signature"]
    assert signature == answer.json()
    assert signature["signer"] == "ML platform team"
    assert (signature["model"], signature["file"], signature["files"]) == ("face-model", "model.safetensors", 2)
    assert signature["key_id"].startswith("sha256:")
    entries = (await tenant.client.get(f"/api/v1/projects/{tenant.project_id}/audit-log")).json()["items"]
    assert entries[0]["action"] == "release.signature_verified"
    assert entries[0]["details"] == {"key_id": signature["key_id"], "signer": "ML platform team"}


KEYLESS = json.dumps(json.loads(BUNDLE) | {"verificationMaterial": {"certificate": {"rawBytes": "AAAA"}}})


@pytest.mark.parametrize(
    ("digest", "changes", "status", "code"),
    [
        ("00" * 32, {}, 422, "signature_rejected"),
        (DIGEST, {"key": public_key_of(new_private_key()).pem.decode()}, 422, "signature_rejected"),
        (DIGEST, {"key": "no key"}, 422, "signature_rejected"),
        (DIGEST, {"bundle": "{}"}, 422, "signature_unsupported"),
        (DIGEST, {"bundle": "[]"}, 422, "signature_unsupported"),
        (DIGEST, {"bundle": KEYLESS}, 422, "signature_unsupported"),
        (None, {}, 409, "digest_unknown"),
    ],
)
async def test_a_signature_that_does_not_hold_is_explained_and_not_kept(
    tenant: Tenant, digest: str | None, changes: dict[str, str], status: int, code: str
) -> None:
    path = await announced(tenant, sha256=digest)
    problem(await tenant.client.post(f"{path}/signature", json=BODY | changes), status, code)
    assert (await tenant.client.get(path)).json()["signature"] is None


async def test_other_tenants_and_readers_cannot_sign(tenant: Tenant, stranger: Tenant) -> None:
    path = await announced(tenant, sha256=DIGEST)
    problem(await stranger.client.post(f"{path}/signature", json=BODY), 404, "no_such_release")
    headers = {"Authorization": f"Bearer {await tenant.key('audits:read')}"}
    problem(await tenant.client.post(f"{path}/signature", json=BODY, headers=headers), 403, "missing_scope")
