"""Options that describe an audit, for `exhume audit start` and `exhume audit estimate`."""

from typing import Annotated, Any

import typer

from app.cli import lookup
from app.cli.arguments import attack_names, share
from app.contract.choices import Attack, Combination, Effort, PriorChoice, Setting
from exhume import Client

Release = Annotated[
    str,
    typer.Option(help="Release to audit: an id, target:version, or a target or version that names one release."),
]
Public = Annotated[str, typer.Option(help="Public data set: images that an attacker could have.")]
Private = Annotated[
    str | None,
    typer.Option(
        help="Private data set: images that the model was trained on. Without it the verdict is INCONCLUSIVE."
    ),
]
Gallery = Annotated[str | None, typer.Option(help="Gallery data set: people that the model was not trained on.")]
Verifiers = Annotated[
    list[str] | None,
    typer.Option(
        "--verifier",
        help="Verifier to use; can be repeated. Default: the bundled verifiers that fit the images.",
    ),
]
Twin = Annotated[
    str | None, typer.Option(help="Twin of the release, or `none`. Default: its newest twin, if it has one.")
]
OneAttack = Annotated[
    Attack | None, typer.Option(help="Attack to run. miface is a smoke test. Default: the portfolio of the effort.")
]
Combining = Annotated[
    Combination,
    typer.Option(
        help="How several attacks count: a class is exposed if any exposes it (union), or only the attack that "
        "exposes the most counts (strongest)."
    ),
]
Settings = Annotated[
    Setting | None, typer.Option(help="Setting of the attacks. Default: lomma up to 32x32 pixels, lom above.")
]
Prior = Annotated[
    PriorChoice | None,
    typer.Option(
        help="Prior to search: trained (a generator trained on the public images), pca (their principal "
        "components, fitted in a minute) or built-in (shipped for images of this size). Default: trained up to "
        "32x32 pixels, pca above."
    ),
]
Identities = Annotated[
    int | None, typer.Option(help="Number of classes to attack, drawn with the seed. Default: all.", min=1)
]
Seed = Annotated[int, typer.Option(help="Seed of the attack and of the draw.", min=0)]
HowMuch = Annotated[Effort, typer.Option(help="Effort of the attack.")]
Budget = Annotated[
    float,
    typer.Option(help="Largest risk that can pass, as a share: 0.05 is 5 %.", parser=share, metavar="SHARE"),
]
StopEarly = Annotated[
    bool,
    typer.Option(
        "--stop-early",
        help="Attack a random half of the identities first, and end the audit there if the verdict is certain. "
        "The result then covers that half.",
    ),
]


def request(
    client: Client,
    owner: str,
    release: str,
    public: str,
    private: str | None,
    gallery: str | None,
    verifiers: list[str] | None,
    twin: str | None,
    given: dict[str, Any],
) -> dict[str, Any]:
    """Return the body of a request. Names become ids, and what is not given is left out."""
    body = {
        "release_id": lookup.release(client, owner, release)["id"],
        "public_dataset_id": lookup.dataset(client, owner, public)["id"],
        "private_dataset_id": lookup.dataset(client, owner, private)["id"] if private else None,
        **{name: value for name, value in given.items() if name not in ("attack", "attacks")},
    }
    if given["attack"]:
        body["attack"] = given["attack"]
    if given["attacks"]:
        body["attacks"] = attack_names(given["attacks"])
    if gallery:
        body["gallery_dataset_id"] = lookup.dataset(client, owner, gallery)["id"]
    if verifiers:
        named = [lookup.verifier(client, owner, name) for name in verifiers]
        body["verifiers"] = [one.get("id", one["name"]) for one in named]
    if twin:
        body["twin_release_id"] = None if twin == "none" else lookup.release(client, owner, twin)["id"]
    return body
