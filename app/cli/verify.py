"""`exhume verify`: checks, without a server, what a signed file says about a checkpoint."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli.arguments import JsonOption
from app.cli.connection import server
from app.cli.terminal import err, out
from app.contract.exit_codes import Exit
from app.formats.local_files import one_file
from app.signatures.envelope import parsed
from app.signatures.errors import SignatureRefusedError, UnsupportedSignatureError
from app.signatures.evidence import Evidence, read_evidence
from app.signatures.keys import PublicKey, read_public_keys
from app.signatures.model_signature import is_bundle, read_model_signature

FILE = typer.Argument(help="Signed decision or test result, or the signature of a model.", exists=True, dir_okay=False)
CHECKPOINT = typer.Argument(help="The file that it is about.", exists=True, dir_okay=False)
KEY = typer.Option("--key", help="Public keys in PEM. Default: the keys of your server.", exists=True, dir_okay=False)


def verify(
    file: Annotated[Path, FILE],
    checkpoint: Annotated[Path, CHECKPOINT],
    key: Annotated[Path | None, KEY] = None,
    any_outcome: Annotated[
        bool, typer.Option("--any-outcome", help="Accept a decision that failed or that is too old.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Verify a signed decision, or the signature of a model (OpenSSF), against a checkpoint.

    Works offline with --key. Exit codes: 0 signed and passed (or passed with warnings), 1 not
    signed by these keys, changed, about another file, too old, or a decision that failed, 4 usage
    or a kind of signature that is not supported.
    """
    try:
        data = file.read_bytes()
        keys = _keys(key, needed=is_bundle(parsed(data)))
        digest = _digest(checkpoint)
        said = _model(data, digest, keys) if is_bundle(parsed(data)) else _decision(data, digest, keys)
    except SignatureRefusedError as error:
        err.say(f"not verified: {error}.")
        raise typer.Exit(Exit.GATE_FAILED) from error
    except UnsupportedSignatureError as error:
        err.say(f"not supported: {error}.")
        raise typer.Exit(Exit.USAGE) from error
    out.json(said) if as_json else out.say(*(f"{name}: {value}" for name, value in said.items() if value is not None))
    if said.get("problem") and not any_outcome:
        err.say(f"not accepted: {said['problem']}. Use --any-outcome to check the signature alone.")
        raise typer.Exit(Exit.GATE_FAILED)


def _digest(checkpoint: Path) -> str:
    """Return the digest of the file that a release has: shards are packed as for an upload."""
    try:
        with one_file(checkpoint) as file, file.open("rb") as opened:
            return f"sha256:{hashlib.file_digest(opened, 'sha256').hexdigest()}"
    except (OSError, ValueError) as error:
        err.say(f"Cannot read {checkpoint}: {error}")
        raise typer.Exit(Exit.USAGE) from error


def _keys(file: Path | None, *, needed: bool) -> list[PublicKey]:
    if file is not None:
        return read_public_keys(file.read_bytes())
    if needed:
        err.say("The signature of a model is verified with the key of its signer. Name the file with --key.")
        raise typer.Exit(Exit.USAGE)
    with server() as client:
        pem = "".join(str(one["pem"]) for one in client.get("/signing-keys")["items"])
    return read_public_keys(pem.encode())


def _decision(data: bytes, digest: str, keys: list[PublicKey]) -> dict[str, Any]:
    evidence = read_evidence(data, digest, keys)
    decision = evidence.decision
    return {
        "verified": evidence.release,
        "checkpoint": evidence.digest,
        "signed by": evidence.key.id,
        "result": evidence.result,
        "sentence": decision.sentence if decision else None,
        "policy": f"{decision.policy.name} version {decision.policy.version}" if decision else None,
        "audit": decision.audit if decision else None,
        "decided": decision.at.isoformat() if decision else None,
        "valid until": decision.until.isoformat() if decision and decision.until else None,
        "problem": _problem(evidence),
    }


def _problem(evidence: Evidence) -> str | None:
    if evidence.result == "FAILED":
        return "the release failed its policy"
    if evidence.expired(datetime.now(UTC)):
        return "the decision is too old and has to be made again"
    return None


def _model(data: bytes, digest: str, keys: list[PublicKey]) -> dict[str, Any]:
    signature = read_model_signature(data, digest, keys)
    return {
        "verified": f"{signature.name}, one of {signature.files} signed files of {signature.model}",
        "checkpoint": digest,
        "signed by": signature.key.id,
    }
