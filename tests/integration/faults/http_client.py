"""A client of the API that retries while the server does not answer."""

import time
from pathlib import Path
from typing import Any

import httpx

from tests.integration.faults.processes import until

RIGHTS = {"declared_by": "the owner", "statement": "These are our own model and data."}


class Api:
    """Requests under `/api/v1` with an administrator's key."""

    def __init__(self, port: int, key: str) -> None:
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{port}", headers={"Authorization": f"Bearer {key}"}, timeout=30
        )

    def ready(self) -> bool:
        try:
            return self.http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def get(self, path: str) -> Any:
        return self._checked(self.http.get(f"/api/v1{path}"))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        return self._checked(self.http.post(f"/api/v1{path}", json=body))

    def upload(self, path: str, file: Path) -> None:
        """PUT the file and wait for its checks."""
        self._checked(self.http.put(f"/api/v1{path}/file", content=file.read_bytes()))
        until(lambda: self.get(path)["state"] in {"ready", "refused"}, f"the checks of {file.name}")
        assert self.get(path)["problem"] is None

    def wait(self, audit_id: str, seconds: float = 400) -> dict[str, Any]:
        """Poll an audit until it ends, even while the server does not answer."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                audit: dict[str, Any] = self.get(f"/audits/{audit_id}")
            except httpx.TransportError:
                audit = {"state": "unknown"}
            if audit["state"] in {"succeeded", "failed", "cancelled"}:
                return audit
            time.sleep(0.3)
        raise AssertionError(f"audit {audit_id} did not end in {seconds:.0f} s")

    @staticmethod
    def _checked(response: httpx.Response) -> Any:
        assert response.is_success, response.text
        return response.json()
