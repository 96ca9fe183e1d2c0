"""Sign-in at an OpenID Connect provider: authorization code with PKCE, state and nonce.

What has to be remembered until the provider sends the browser back is in a sealed cookie, which
ties the answer to the browser that asked.
"""

import base64
import json
import time
from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import quote

import httpx
from fastapi import Request, Response

from app.auth.cookie import is_https
from app.auth.secrets import new_token
from app.errors import NotFoundError, UnauthenticatedError, UnavailableError
from app.kit.crypto import UnsealError, seal, subkey, unseal
from app.settings import settings

COOKIE = "exhume_oidc"
PATH = "/api/v1/session/oidc"
CONTEXT = "exhume/oidc"
SECONDS = 600
TIMEOUT_SECONDS = 10.0
LEEWAY_SECONDS = 60
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")


@dataclass(frozen=True)
class Identity:
    """Who the provider says has signed in. `email` is None unless the provider verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


def configured() -> bool:
    """Tell whether the settings name a provider."""
    return settings().oidc_issuer is not None and settings().oidc_client_id is not None


async def begin(request: Request, response: Response) -> str:
    """Remember a new attempt in a cookie, and return the address at the provider."""
    from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
    from authlib.oauth2.rfc7636 import create_s256_code_challenge

    state, nonce, verifier = new_token(), new_token(), new_token()
    async with _client() as client:
        provider = await _discovered(client)
    address = prepare_grant_uri(
        provider["authorization_endpoint"],
        client_id=settings().oidc_client_id,
        response_type="code",
        redirect_uri=_back(request),
        scope="openid email profile",
        state=state,
        nonce=nonce,
        code_challenge=create_s256_code_challenge(verifier),
        code_challenge_method="S256",
    )
    attempt = {"state": state, "nonce": nonce, "verifier": verifier, "until": time.time() + SECONDS}
    sealed = seal(subkey("oidc"), json.dumps(attempt).encode(), CONTEXT)
    response.set_cookie(
        COOKIE,
        base64.urlsafe_b64encode(sealed).decode(),
        max_age=SECONDS,
        path=PATH,
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )
    return str(address)


async def finish(request: Request, code: str, state: str) -> Identity:
    """Exchange the code for a token, verify it, and return whom it names."""
    from joserfc.errors import JoseError

    attempt = _attempt(request)
    if attempt is None or attempt["state"] != state or attempt["until"] < time.time():
        raise _failed("This attempt was begun in another browser, or has taken too long")
    try:
        async with _client() as client:
            provider = await _discovered(client)
            token = await _token(client, provider["token_endpoint"], code, attempt["verifier"], _back(request))
            keys = await _document(client, provider["jwks_uri"])
        claims = _verified(token, keys, attempt["nonce"])
    except (JoseError, KeyError, ValueError, TypeError) as error:
        raise _failed("The identity provider's answer cannot be verified") from error
    except httpx.HTTPError as error:
        raise _unavailable() from error
    verified = claims.get("email_verified") is True and isinstance(claims.get("email"), str)
    return Identity(
        issuer=claims["iss"],
        subject=claims["sub"],
        email=_lower(claims["email"].strip()) if verified else None,
        name=claims.get("name") if isinstance(claims.get("name"), str) else None,
    )


def forget(response: Response) -> None:
    """Delete the cookie of an attempt."""
    response.delete_cookie(COOKIE, path=PATH)


def _attempt(request: Request) -> dict[str, Any] | None:
    try:
        sealed = base64.urlsafe_b64decode(request.cookies.get(COOKIE, ""))
        return cast("dict[str, Any]", json.loads(unseal(subkey("oidc"), sealed, CONTEXT)))
    except (ValueError, UnsealError):
        return None


def _client() -> httpx.AsyncClient:
    if not configured():
        raise NotFoundError("no_identity_provider", "This installation has no identity provider. Use a password.")
    return httpx.AsyncClient(timeout=TIMEOUT_SECONDS, transport=new_transport())


def _back(request: Request) -> str:
    """Return the address to which the provider sends the browser back."""
    return f"{(settings().public_url or str(request.base_url)).rstrip('/')}{PATH}/callback"


async def _token(client: httpx.AsyncClient, address: str, code: str, verifier: str, back: str) -> str:
    """Exchange a code for the id token."""
    identifier, secret = str(settings().oidc_client_id), settings().oidc_client_secret
    body = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier, "redirect_uri": back}
    if secret is None:
        answer = await client.post(address, data=body | {"client_id": identifier})
    else:
        basic = httpx.BasicAuth(quote(identifier, safe=""), quote(secret.get_secret_value(), safe=""))
        answer = await client.post(address, data=body, auth=basic)
    if answer.is_client_error:
        raise _failed("The identity provider did not accept the code")
    answer.raise_for_status()
    return str(answer.json()["id_token"])


def new_transport() -> httpx.AsyncBaseTransport | None:
    """Return the transport to the provider. None is that of httpx."""
    return None


async def _discovered(client: httpx.AsyncClient) -> dict[str, Any]:
    """Return what the provider says about itself."""
    issuer = str(settings().oidc_issuer)
    try:
        found = await _document(client, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
    except (httpx.HTTPError, ValueError) as error:
        raise _unavailable() from error
    if found.get("issuer") != issuer:
        raise _failed("The identity provider has another name than EXHUME_OIDC_ISSUER")
    return found


async def _document(client: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await client.get(address)
    answer.raise_for_status()
    found = answer.json()
    if not isinstance(found, dict):
        raise ValueError(f"{address} is not a JSON object")
    return found


def _verified(token: str, keys: dict[str, Any], nonce: str) -> dict[str, Any]:
    """Return the claims of an id token that is signed, for us, current, and for this attempt."""
    from joserfc import jwt
    from joserfc.jwk import KeySet

    claims = jwt.decode(token, KeySet.import_key_set(cast("Any", keys)), algorithms=ALGORITHMS).claims
    jwt.JWTClaimsRegistry(
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "value": str(settings().oidc_issuer)},
        aud={"essential": True, "value": str(settings().oidc_client_id)},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    ).validate(claims)
    if not isinstance(claims["sub"], str):
        raise ValueError("the claim `sub` is not a text")
    return claims


def _lower(email: str) -> str:
    """Return an address with the letters A to Z in lower case.

    Others stay, because `str.lower` makes the Kelvin sign a k: another address would be verified.
    """
    return email.encode(errors="replace").lower().decode()


def _failed(what: str) -> UnauthenticatedError:
    return UnauthenticatedError("single_sign_on_failed", f"{what}. Sign in again.")


def _unavailable() -> UnavailableError:
    return UnavailableError(
        "identity_provider_unavailable", "The identity provider does not answer. Try again in a minute."
    )
