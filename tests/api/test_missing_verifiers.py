"""An audit whose images have no verifiers says how to get them, before it starts."""

from typing import Any

import pytest

from app.audits import judging
from app.verifiers.bundled import bundled
from tests.api import seeds
from tests.api.conftest import Tenant
from tests.api.test_audits import body  # noqa: F401


async def estimated(tenant: Tenant, body: dict[str, Any], **more: Any) -> dict[str, Any] | None:  # noqa: F811
    request = {name: value for name, value in body.items() if name != "rights"} | more
    answer = await tenant.client.post(f"/api/v1/projects/{tenant.project_id}/audits/estimate", json=request)
    assert answer.status_code == 200, answer.text
    missing: dict[str, Any] | None = answer.json()["missing_verifiers"]
    return missing


async def test_it_says_how_to_train_a_pair(
    tenant: Tenant,
    body: dict[str, Any],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert await estimated(tenant, body) is None, "two are bundled for this size"
    [one, _] = [card.name for card in bundled()]
    assert "two are needed" in ((await estimated(tenant, body, verifiers=[one])) or {})["sentence"]
    monkeypatch.setattr(judging, "bundled", tuple)
    assert await estimated(tenant, body, private_dataset_id=None) is None, "nothing can be verified anyway"
    few = await estimated(tenant, body)
    assert few is not None
    assert (few["images"], few["seconds"], few["commands"]) == ("32x32x1", None, [])
    assert "12 people with four images each, or 200 images" in few["sentence"]
    seeds.make_ready(None, body["public_dataset_id"], identities=[f"person {n}" for n in range(12)])
    enough = await estimated(tenant, body)
    assert enough is not None
    assert enough["sentence"].startswith("No verifiers for images of 32x32x1. Train two on the public data set public")
    assert [each["command"] for each in enough["commands"]] == ["exhume verifier train public.zip --out verifiers"]
    assert 60 < enough["seconds"] < 600
