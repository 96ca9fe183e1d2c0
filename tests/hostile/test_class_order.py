"""The file's order of classes is compared with the description. Contradictions are rejected."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from app.contract.examination import StatedClassOrder
from app.formats.class_order import check_order, compared
from app.formats.literals import LONGEST, read_listing
from app.formats.safetensors_header import read_header
from app.formats.stated_classes import StatedOrder, as_metadata, stated_orders
from bench.hostile.onnx_classifiers import sound
from bench.hostile.onnx_writer import field
from worker.intake import Refused, ReleaseIntake, check_release_file
from worker.intake.onnx.model import read_model
from worker.inversion.targets import build_network

CLASSES = ["ada", "bob", "cyd", "dan"]
SORTED = ["dan", "ada", "bob", "cyd"]
TO_INDEX = {name: index for index, name in enumerate(SORTED)}
BY_INDEX = dict(enumerate(SORTED))
BY_TEXT = {str(index): name for index, name in BY_INDEX.items()}
CONFIG = json.dumps({"id2label": BY_TEXT, "initializer_range": 0.02, "depths": [2, 2], "architectures": ["ViT"]})


@pytest.mark.parametrize(
    ("saved", "source"),
    [
        ({"class_to_idx": TO_INDEX}, "class_to_idx"),
        ({"label2id": TO_INDEX}, "label2id"),
        ({"idx_to_class": BY_INDEX}, "idx_to_class"),
        ({"id2label": BY_TEXT}, "id2label"),
        ({"classes": SORTED}, "classes"),
        ({"names": BY_INDEX}, "names"),
        ({"meta": {"CLASSES": tuple(SORTED)}}, "meta.CLASSES"),
        ({"meta": {"dataset_meta": {"classes": SORTED}}}, "meta.dataset_meta.classes"),
        ({"hyper_parameters": {"class_names": SORTED}}, "hyper_parameters.class_names"),
        ({"class_to_idx": json.dumps(TO_INDEX)}, "class_to_idx"),
        ({"names": repr(BY_INDEX)}, "names"),
        ({"names": repr(SORTED)}, "names"),
        ({"config": CONFIG}, "config.id2label"),
        (as_metadata([StatedOrder("meta.CLASSES", SORTED)]), "meta.CLASSES"),
    ],
    ids=str,
)
def test_orders_are_found_where_they_are_written(saved: dict[str, Any], source: str) -> None:
    assert stated_orders(saved) == [StatedOrder(source, SORTED)]


@pytest.mark.parametrize(
    "saved",
    [
        None,
        {"classes": ["ada"]},
        {"classes": ["ada", "ada"]},
        {"classes": [["ada"], ["bob"]]},
        {"classes": 4},
        {"class_to_idx": {"ada": 1, "bob": 2}},
        {"class_to_idx": {"ada": 0, "bob": 0}},
        {"class_to_idx": {"ada": True, "bob": False}},
        {"class_to_idx": ["ada", "bob"]},
        {"id2label": {0: "LABEL_0", 1: "LABEL_1"}},
        {"names": "__import__('os').system('touch marker')"},
        {"names": "{0: __import__('os'), 1: 'b'}"},
        {"names": "{0: 'a', 0: 'b'}"},
        {"names": "{0: {1: 'a'}}"},
        {"exhume.classes": '[["os.system", ["ada", "bob"]], 3, ["names", ["ada", "ada"]]]'},
        {"meta": {"meta": {"meta": {"classes": SORTED}}}},
    ],
    ids=str,
)
def test_lists_that_are_not_an_order_of_classes_are_ignored(saved: Any) -> None:
    assert stated_orders(saved) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{0: 'a', 1: \"b's\"}", {0: "a", 1: "b's"}),
        (r"['Jos\xe9', 'a\\b', 'it\'s', '\u00e9']", ["José", "a\\b", "it's", "é"]),
        ("('a', 'b',)", ["a", "b"]),
        ("{'a': 0, 'b': 1}", {"a": 0, "b": 1}),
        ("[]", []),
        ("{}", {}),
        ('{"a": 0.5}', {"a": 0.5}),
        ("{0: 'a' 1: 'b'}", None),
        ("{0: 'a', 1: 'b'", None),
        ("['a', 'b')", None),
        ("[',', ':']", [",", ":"]),
        (r"['\N{BULLET}']", None),
        ("[1, [2]]", [1, [2]]),
        ("[1, ['a']]", None),
        ("[" * 100_000, None),
        ("'a'", None),
        ("ada, bob", None),
        ("", None),
        (" " * (LONGEST + 1), None),
        ("['" + "\\\\" * 100_000, None),
    ],
    ids=lambda v: repr(v)[:40],
)
def test_listings_are_read_strictly(text: str, said: Any) -> None:
    assert read_listing(text) == said


@pytest.mark.parametrize(
    ("names", "agrees"),
    [
        (CLASSES, True),
        (["Ada", "bob ", "cyd", "dan"], True),
        (SORTED, False),
        (["bob", "ada", "cyd", "dan"], False),
        (CLASSES[:3], False),
        ([*CLASSES, "eve"], False),
        (["n01", "n02", "n03"], False),
        (["n01", "n02", "n03", "n04"], None),
        (["ada", "bob", "cyd", "Daniel"], None),
        (["bob", "n02", "n03", "n04"], False),
    ],
    ids=str,
)
def test_orders_are_compared(names: list[str], agrees: bool | None) -> None:
    assert compared(StatedOrder("classes", names), CLASSES).agrees is agrees


def test_other_names_under_a_loose_key_are_no_contradiction() -> None:
    """`labels` may list other things than classes; `classes` may not."""
    assert compared(StatedOrder("labels", ["train", "val"]), CLASSES).agrees is None
    assert compared(StatedOrder("meta.labels", ["ada", "val"]), CLASSES).agrees is False
    assert compared(StatedOrder("meta.classes", ["train", "val"]), CLASSES).agrees is False
    _, notes = check_order([StatedOrder("labels", ["train", "val"])], CLASSES, confirmed=False)
    assert "cannot be compared" in notes[0]


def test_a_contradiction_shows_where_and_offers_the_order_of_the_file() -> None:
    with pytest.raises(Refused) as caught:
        check_order(
            [StatedOrder("names", ["n1", "n2", "n3", "n4"]), StatedOrder("meta.CLASSES", SORTED)],
            CLASSES,
            confirmed=False,
        )
    refusal = caught.value
    assert refusal.code == "class-order"
    assert "meta.CLASSES" in refusal.detail
    assert json.dumps(SORTED) in refusal.detail
    assert refusal.errors[0]["order"] == SORTED
    assert refusal.errors[1] == {"name": "output 0", "detail": "'dan' in the file, 'ada' in the description"}
    assert len(refusal.errors) == 5


def test_of_many_classes_the_first_differences_are_shown() -> None:
    names = [f"person {index}" for index in range(1000)]
    with pytest.raises(Refused) as caught:
        check_order([StatedOrder("classes", names[::-1])], names, confirmed=False)
    assert len(caught.value.errors) == 21
    assert caught.value.errors[0]["order"] == names[::-1]
    assert len(caught.value.detail) < 2000


def test_a_confirmed_order_is_noted() -> None:
    found, notes = check_order([StatedOrder("class_to_idx", SORTED)], CLASSES, confirmed=True)
    assert found == {"source": "class_to_idx", "agrees": False, "confirmed": True}
    assert "output 0 is 'dan' in the file, 'ada' in the description" in notes[0]
    assert "confirmed" in notes[0]


def test_names_that_cannot_be_compared_are_noted() -> None:
    found, notes = check_order([StatedOrder("names", ["n1", "n2", "n3", "n4"])], CLASSES, confirmed=False)
    assert found == {"source": "names", "agrees": None, "confirmed": False}
    assert "cannot be compared" in notes[0]
    assert check_order([], CLASSES, confirmed=False) == (None, [])


NETWORK = {"architecture": "exhume/small-cnn", "hyperparameters": {"width": 4}}


def taken(path: Path, classes: list[str], **more: Any) -> ReleaseIntake:
    order: dict[str, Any] = {
        **NETWORK,
        "convention": {"height": 32, "width": 32, "channels": 1},
        "classes": classes,
        "out": path.with_name("out"),
    }
    return check_release_file(path, **{**order, **more})


def weights() -> dict[str, torch.Tensor]:
    return build_network("exhume/small-cnn", {"width": 4}, 4, 1).state_dict()


def written(kind: str, path: Path) -> Path:
    """Write a checkpoint that states the order SORTED."""
    if kind == "torch":
        torch.save({"state_dict": weights(), "class_to_idx": TO_INDEX}, path)
    elif kind == "prefixed safetensors":
        save_file(
            {f"module.{k}": v for k, v in weights().items()}, path, metadata={"class_to_idx": json.dumps(TO_INDEX)}
        )
    else:
        save_file(weights(), path, metadata={"class_to_idx": json.dumps(TO_INDEX)})
    return path


@pytest.mark.parametrize("kind", ["torch", "safetensors", "prefixed safetensors"])
@pytest.mark.usefixtures("warm_sandbox")
def test_every_format_is_compared(kind: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        taken(written(kind, tmp_path / "upload"), CLASSES)
    assert caught.value.code == "class-order"
    assert not (tmp_path / "out").exists()


@pytest.mark.usefixtures("warm_sandbox")
def test_the_checked_copy_keeps_what_the_file_tells(tmp_path: Path) -> None:
    """A release that reuses the stored copy is compared too."""
    first = taken(written("torch", tmp_path / "upload"), SORTED)
    assert first.examination.class_order == StatedClassOrder(source="class_to_idx", agrees=True, confirmed=False)
    (tmp_path / "out").rename(tmp_path / "stored")
    again = taken(tmp_path / "stored", CLASSES, confirm_class_order=True)
    assert again.examination.class_order == StatedClassOrder(source="class_to_idx", agrees=False, confirmed=True)
    assert "its order is used" in again.examination.notes[-1]


@pytest.mark.usefixtures("warm_sandbox")
def test_a_file_that_tells_nothing_is_converted_as_before(tmp_path: Path) -> None:
    torch.save({"state_dict": weights()}, tmp_path / "upload")
    found = taken(tmp_path / "upload", CLASSES)
    assert found.examination.class_order is None
    assert read_header(tmp_path / "out").metadata == {}


@pytest.mark.usefixtures("warm_sandbox")
def test_metadata_of_onnx(tmp_path: Path) -> None:
    """Metadata of ultralytics is read, and long documents of other exporters are ignored."""
    names = field(14, field(1, "names") + field(2, "{0: 'b', 1: 'a'}"))
    long = field(14, field(1, "pkg.torch") + field(2, "x" * 100_000))
    assert read_model(sound() + names + long).metadata == {"names": "{0: 'b', 1: 'a'}"}
    (tmp_path / "upload").write_bytes(sound() + names + long)
    onnx: dict[str, Any] = {"architecture": "auto", "hyperparameters": {}}
    with pytest.raises(Refused) as caught:
        taken(tmp_path / "upload", ["a", "b"], **onnx)
    assert caught.value.code == "class-order"
    with pytest.raises(Refused) as twice:
        read_model(sound() + names + names)
    assert twice.value.code == "onnx-structure"
