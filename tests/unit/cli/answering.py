"""A server that answers like the API about one audit in a given state."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

AUDIT = "aud_" + "0" * 32
FINISHED = {"succeeded", "failed", "cancelled"}
LABELS = ["GMI, +LOM, PCA prior", "Decoder, +LOM, PCA prior"]


@dataclass
class Answering:
    """Responses of the server.

    `refusing` is the status of a problem that answers every request.
    """

    state: str = "succeeded"
    verdict: str | None = "PASS"
    drift: str = "exact"
    refusing: int | None = None
    named: str = "door"
    requests: list[str] = field(default_factory=list)

    def audit(self) -> dict[str, Any]:
        """Return the audit."""
        problem = {"code": "stage_failed", "detail": f"Stage attack of {self.named} failed."}
        return {
            "id": AUDIT,
            "state": self.state,
            "verdict": self.verdict,
            "problem": problem if self.state == "failed" else None,
            "estimate": {"seconds": 600, "measured": False, "attacks": LABELS, "concludes": []},
            "release": {"target_name": self.named, "version": "1"},
            "plan": {"attacks": [{"name": one, "setting": "lom", "prior": "pca"} for one in ("gmi", "decoder")]},
            "risk": 0.7112 if self.verdict else None,
            "risk_low": 0.6 if self.verdict else None,
            "risk_high": 0.8 if self.verdict else None,
            "created_at": "2026-11-23T22:00:00Z",
        }

    def result(self) -> dict[str, Any]:
        """Return its result."""
        return {
            "verdict": self.verdict,
            "sentence": f"{self.verdict}: {self.named} was audited.",
            "evidence_level": "verified",
            "figures": {},
            "controls": {},
            "risk": None,
        }

    def page(self, path: str) -> list[dict[str, Any]]:
        """Return the items of a list."""
        base = {"id": "x", "name": "something", "state": "ready", "version": "something", "target_id": "x"}
        if path.endswith("/audits"):
            return [self.audit()]
        return [base | {"twin_of": None, "role": "public", "problem": None}]

    def answer(self, method: str, path: str) -> Any:
        """Return the body for a request."""
        if method == "POST" and path.endswith(("/audits", "/replay")):
            return self.audit()
        if path.endswith("/jobs"):
            return {"items": [], "next_cursor": None}
        if path.endswith("/queue"):
            return {"ahead": 2, "elsewhere": 1, "starts_in_seconds": 60.0, "workers": 1}
        if path.endswith("/result"):
            return self.result()
        if path.endswith("/drift"):
            pair = {f"{side}{end}": 0.5 for side in ("original", "replay") for end in ("", "_low", "_high")}
            images, verdict = {"equal": 1, "total": 1}, {"original": "PASS", "replay": "PASS"}
            drift = {"outcome": self.drift, "explanation": "The two were compared.", "expected": "exact"}
            drift |= {"identities": [], "changed": []}
            return drift | {"reconstructions": images, "risk": pair, "verdict": verdict}
        if path.endswith(f"/audits/{AUDIT}"):
            return self.audit()
        return {"items": self.page(path), "next_cursor": None}


@contextmanager
def answering(answers: Answering) -> Iterator[str]:
    """Serve in a thread and yield the URL."""

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

        def _answer(self) -> None:
            path = self.path.partition("?")[0].removeprefix("/api/v1")
            answers.requests.append(f"{self.command} {path}")
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if answers.refusing:
                self._send(answers.refusing, {"code": "refused", "detail": f"No {answers.named}."})
            elif path.endswith("/events"):
                self._stream()
            else:
                self._send(200, answers.answer(self.command, path))

        def _send(self, status: int, body: Any) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("Retry-After", "0")
            self.end_headers()
            self.wfile.write(data)

        def _stream(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.end_headers()
            job = {"stage": "attack", "shard": 0, "shards": 1, "state": "running", "attempt": 1}
            event = {"seq": 1, "kind": "job", "at": "2026-11-23T22:00:00Z", "payload": job}
            seen = self.headers.get("Last-Event-ID") == "1"
            self.wfile.write(b": hello\n\n" if seen else f"data: {json.dumps(event)}\n\n".encode())
            self.wfile.flush()
            if answers.state not in FINISHED:
                stop.wait(30)

        do_GET = do_POST = do_DELETE = do_HEAD = do_PATCH = do_PUT = _answer  # noqa: N815 - names of http.server

    stop = threading.Event()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        stop.set()
        server.shutdown()
        server.server_close()
