"""A small OpenID Connect provider in this process."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import RSAKey

ISSUER = "https://id.example"
CLIENT = "exhume"


@dataclass
class Provider:
    """Answers with one identity. Tests change what it says."""

    claims: dict[str, Any] = field(default_factory=dict)
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    signing: RSAKey | None = None
    asked: dict[str, str] = field(default_factory=dict)
    exchanged: dict[str, str] = field(default_factory=dict)

    def authorize(self, address: str) -> dict[str, str]:
        """Sign the person in, and return the query that the browser brings back."""
        assert address.startswith(f"{ISSUER}/authorize?")
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        return {"code": "a code", "state": self.asked["state"]}

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer a request of the service."""
        if request.url.path == "/.well-known/openid-configuration":
            ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
            return httpx.Response(200, json={"issuer": ISSUER} | {end: f"{ISSUER}/{at}" for end, at in ends.items()})
        if request.url.path == "/jwks":
            return httpx.Response(200, json={"keys": [self.key.as_dict(private=False)]})
        self.exchanged = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        now = int(time.time())
        claims = {"iss": ISSUER, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": self.asked["nonce"]}
        token = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims, self.signing or self.key)
        return httpx.Response(200, json={"access_token": "a", "token_type": "Bearer", "id_token": token})
