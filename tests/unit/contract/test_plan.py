"""Plans: digests that must not change, and stored plans of older versions, which still load."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from pydantic import ValidationError

from app.audits.inputs import Inputs
from app.audits.plan import make_plan
from app.audits.schemas import EstimateRequest
from app.contract.plan import Plan, PlannedSets, PlannedVerifier
from app.contract.upgrades.plan import from_1, from_2, from_3
from app.db.models import Dataset, Release
from app.kit.canonical import digest

FOLDER = Path(__file__).parent / "stored"
STORED = {file.stem: json.loads(file.read_text()) for file in sorted(FOLDER.glob("plan-*.json"))}
IDS = {"release_id": f"rel_{1:032x}", "public_dataset_id": f"dst_{2:032x}"}


def sha(digit: str) -> str:
    return f"sha256:{digit * 64}"


def dataset(images: str, whole: str) -> Dataset:
    return Dataset(name=whole, images_digest=sha(images), digest=sha(whole), height=32, width=32, channels=1)


CLASSES = ["ada", "grace", "katherine", "mary", "rosalind", "tu"]
RELEASE = Release(id=UUID(int=1), version="1", classes=CLASSES)
REPLACED = [{"identity": "ada", "stand_in": "emmy"}, {"identity": "tu", "stand_in": "lise"}]
TWIN = Release(id=UUID(int=2), version="1-twin", sha256="e" * 64, replaced=REPLACED)
BUNDLED = PlannedVerifier(name="verifier-omniglot32-plain", digest=sha("f"), source="bundled", convention={})
CONVENTION = {"channel_order": "RGB", "mean": [0.5], "std": [0.5]}
UPLOADED = PlannedVerifier(name="faces-a", digest=sha("d"), source="uploaded", convention=CONVENTION)
ALONE = Inputs(RELEASE, dataset("a", "1"), None, list(range(6)), [])
JUDGED = Inputs(
    *(RELEASE, dataset("a", "1"), dataset("b", "2"), [0, 1, 3, 5], [BUNDLED, UPLOADED], dataset("c", "3"), TWIN)
)
FULL: dict[str, Any] = {
    **{
        "identities": 3,
        "seed": 7,
        "budget": 0.02,
        "release_plan": "hosted",
        "verifiers": ["x"],
        "effort": "deep",
        "attack": "gmi",
    }
}


def planned(inputs: Inputs, asked: dict[str, Any], precision: str = "auto") -> Plan:
    return make_plan(EstimateRequest.model_validate(IDS | asked), inputs, precision)


@pytest.mark.parametrize(
    ("plan", "expected"),
    [
        (planned(ALONE, {}), "402ca9dc9934f18d2ecb2e468fcb2019ce160f533b09e8d06af9eb129827e3ef"),
        (planned(JUDGED, FULL), "89351ffe811b46a891f23963b75b9583b21fb0cf6fd1d10ada691b3dd7356c6a"),
        (
            planned(ALONE, {"attack": "kedmi", "prior": "pca", "setting": "lom", "effort": "quick"}, "bf16"),
            "bd92576487c3571f99f461c17936881e04d9f2b15d5d3a25c1887d94cf30c6d7",
        ),
    ],
)
def test_the_same_request_has_the_same_digest_in_every_version_of_the_program(plan: Plan, expected: str) -> None:
    assert digest(plan.document()) == f"sha256:{expected}"


def test_a_plan_of_today_loads_as_it_was_stored() -> None:
    assert planned(JUDGED, FULL) == Plan.load(STORED["plan-4"]) == Plan.load(STORED["plan-3"])
    assert Plan.load(STORED["plan-4"]).document() == STORED["plan-4"]


@pytest.mark.parametrize("name", STORED)
def test_a_stored_plan_of_any_version_loads_and_keeps_what_it_says(name: str) -> None:
    stored = STORED[name]
    plan = Plan.load(stored)
    assert plan.version == 4
    shown = plan.document()
    if stored["version"] < 4:
        shown |= {"attack": shown["attacks"][0]["name"], **shown["attacks"][0]}
    assert {key: shown[key] for key in stored if key != "version"} == {
        key: value for key, value in stored.items() if key != "version"
    }


def test_version_1_named_nobody_to_judge_and_chose_no_prior() -> None:
    plan = Plan.load(STORED["plan-1"])
    assert (plan.verifiers, plan.gallery, plan.twin) == (None, None, None)
    attack = plan.attacks[0]
    assert (attack.prior, attack.prior_kind, plan.release_plan) == ("trained", "wgan-gp", None)
    assert from_1(STORED["plan-1"])["version"] == 2


def test_version_2_bound_no_image_sets() -> None:
    for name in ("plan-2-first", "plan-2-last"):
        assert from_2(STORED[name])["version"] == 3
        assert Plan.load(STORED[name]).datasets == PlannedSets()
    assert Plan.load(STORED["plan-2-first"]).attacks[0].prior_kind == "wgan-gp"
    assert Plan.load(STORED["plan-2-last"]).attacks[0].prior_kind == "pca"


def test_the_first_plans_of_version_3_do_not_say_who_chose_the_verifiers() -> None:
    assert "verifiers_chosen" not in STORED["plan-3-first"]
    assert Plan.load(STORED["plan-3-first"]).verifiers_chosen is False


def test_version_3_described_one_attack() -> None:
    upgraded = from_3(STORED["plan-3"])
    assert upgraded == {name: value for name, value in STORED["plan-4"].items() if name != "combination"}
    [attack] = Plan.load(STORED["plan-3"]).attacks
    assert (attack.name, attack.setting, attack.steps, attack.restarts) == ("gmi", "lomma", 400, 8)


def test_a_plan_of_a_later_version_is_rejected() -> None:
    with pytest.raises(ValidationError):
        Plan.load(STORED["plan-4"] | {"version": 5})
    with pytest.raises(ValidationError):
        Plan.load(STORED["plan-4"] | {"dose": 1})
