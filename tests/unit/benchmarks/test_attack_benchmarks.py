"""Attack benchmarks on tiny synthetic sets: complete lines, which the table can read."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from bench.attacks import cells, faces, mnist
from bench.make.train_target import TargetRecipe
from worker.evaluation.verifiers import BUNDLED
from worker.inversion.attacks import attacks

from .faces import IDENTITIES

NEEDED = {
    "bench", "target", "prior", "attack", "setting", "seed", "identities", "top1", "top1_low", "top1_high", "verified",
    "gap", "seconds", "device", "torch", "commit",
}  # fmt: skip
TINY = TargetRecipe("exhume/small-cnn", {"width": 4, "feature_dim": 16}, epochs=2, batch=8, lr=0.05)


class Pooled:
    """A verifier of 8x8 averages.

    It replaces the face verifiers, which are not part of the project.
    """

    def __init__(self, path: Path) -> None:
        self.name, self.digest, self.shift = path.stem, "sha256:0", 1.0 if "b" in path.stem else 0.5

    def embed(self, images: np.ndarray) -> np.ndarray:
        e = images.reshape(len(images), 8, 8, 8, 8, 3).mean((2, 4)).reshape(len(images), -1) / 255 - self.shift / 4
        unit: np.ndarray = (e / np.linalg.norm(e, axis=1, keepdims=True)).astype(np.float32)
        return unit


@pytest.fixture
def bench(face_data, tmp_path, monkeypatch) -> faces.Faces:
    monkeypatch.setattr(faces, "Verifier", Pooled)
    monkeypatch.setattr(
        faces, "PRIORS", {"wgan-gp": {"steps": 1, "width": 4, "batch": 4, "gp_images": 2, "latent_dim": 8}}
    )
    data = shutil.copytree(face_data, tmp_path / "data")
    for name in "ab":
        (data / f"verifier-face64-{name}.onnx").touch()
    return faces.Faces(
        null=False,
        data=data, work=tmp_path / "work", out=tmp_path / "out" / "faces.jsonl", device="cpu", target_name="tiny",
        evaluator_name="tiny", identities=list(range(IDENTITIES)), seeds=[0], settings=["baseline", "lomma"],
        attacks=["gmi"], options={"gmi": {"steps": 2, "restarts": 2, "pool": 4, "views": 2, "micro_batch": 8}},
        config={}, prior_kind=None, prior_options={}, student_images=8,
        student_recipe={"networks": [["exhume/small-cnn", {"width": 4}]], "epochs": 1, "batch": 4},
        student_options={},
        targets={"tiny": TINY}, evaluators={"tiny": TINY},
    )  # fmt: skip


def test_a_face_run_writes_a_line_per_cell_and_makes_everything_once(bench, capsys):
    bench.run(["fairface"])
    lines = [json.loads(line) for line in bench.out.read_text().splitlines()]
    assert [c["setting"] for c in lines] == ["baseline", "lomma"]
    for c in lines:
        assert c.keys() >= NEEDED
        assert c["identities"] == len(c["success"]) == IDENTITIES
        assert c["top1_low"] <= c["top1"] <= c["top1_high"]
        assert c["verified"] == np.mean(c["success"])
    made = {p: p.stat().st_mtime_ns for p in bench.work.rglob("*") if p.is_file()}
    assert any(p.name.startswith("prior-fairface-wgan-gp") and p.suffix == ".safetensors" for p in made)
    bench.run(["fairface"])
    assert {p: p.stat().st_mtime_ns for p in bench.work.rglob("*") if p.is_file()} == made
    again = [json.loads(line) for line in bench.out.read_text().splitlines()][2:]
    same = ("target", "prior", "top1", "verified", "gap", "success", "config")
    assert [{k: c[k] for k in same} for c in again] == [{k: c[k] for k in same} for c in lines]
    capsys.readouterr()
    cells.table(bench.out)
    shown = capsys.readouterr().out
    assert shown.count("gmi; target tiny") == 1
    assert "prior fairface sha256:" in shown
    assert [row.split()[:2] for row in shown.splitlines()[-2:]] == [["baseline", "1"], ["lomma", "1"]]


def test_the_quick_cut_and_the_whole(monkeypatch):
    monkeypatch.setattr("sys.argv", ["faces", "--quick"])
    quick = faces.bench_of(faces.arguments())
    monkeypatch.setattr("sys.argv", ["faces", "--device", "cuda"])
    whole = faces.bench_of(faces.arguments())
    assert (len(quick.identities), quick.seeds, quick.target_name) == (20, [0], "small-cnn")
    assert (len(whole.identities), whole.seeds, whole.target_name) == (74, [0, 1, 2], "vgg16-bn")
    assert whole.settings == ["baseline", "lom", "ma", "lomma"]
    assert whole.evaluators[whole.evaluator_name].size == 112
    assert len(set(quick.identities)) == 20
    for run in (quick, whole):
        for name in ("gmi", "kedmi", "vmi"):
            attacks["gmi"].from_dict({"attack": name, **run.options[name]})


def test_mnist_is_split_by_digit_and_padded(tmp_path):
    rng = np.random.default_rng(0)
    x, y = rng.integers(1, 256, (60, 28, 28), dtype=np.uint8), np.arange(60) % 10
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x[:20], y_test=y[:20])
    train, test, public = mnist.split(tmp_path / "mnist.npz")
    assert (len(train.images), len(test.images), len(public)) == (30, 10, 30)
    assert set(train.labels.tolist()) == set(range(5))
    assert train.images.shape[1:] == (32, 32)
    assert not train.images[:, :2].any()
    for image, label in zip(train.images, train.labels, strict=True):
        assert any((image[2:-2, 2:-2] == original).all() for original in x[y == label])
    assert {p.tobytes() for p in public[:, 2:-2, 2:-2]} == {p.tobytes() for p in x[y >= 5]}


def test_an_mnist_run_writes_its_lines(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    y = np.arange(80) % 10
    x = np.zeros((80, 28, 28), np.uint8)
    for image, digit in zip(x, y, strict=True):
        image[digit * 2 : digit * 2 + 6, 4:20] = rng.integers(100, 256)
    np.savez(tmp_path / "mnist.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    out = tmp_path / "mnist.jsonl"
    config = {"steps": 1, "restarts": 2, "pool": 4, "views": 1, "micro_batch": 10}
    monkeypatch.setattr(mnist, "PRIOR", mnist.PRIOR | {"width": 4, "batch": 8})
    monkeypatch.setattr("sys.argv", [
        "mnist", "--data", str(tmp_path), "--work", str(tmp_path / "work"), "--out", str(out), "--seeds", "0",
        "--settings", "lom", "ma", "--prior-steps", "1", "--config", json.dumps(config), "--threads", "1",
    ])  # fmt: skip
    mnist.main()
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [c["setting"] for c in lines] == ["lom", "ma"]
    for c in lines:
        assert c.keys() >= NEEDED | {"top1_all", "real_rank1"}
        assert 0 <= c["top1_all"] <= 1


def test_the_shipped_face_prior_is_what_its_card_says():
    import hashlib

    import torch

    from worker.inversion.priors import built_in_prior, load_prior
    from worker.inversion.priors.recipe import bundled_prior

    path = built_in_prior((3, 64, 64))
    assert path is not None
    assert path.parent == BUNDLED
    assert path.stat().st_size < 16 * 2**20
    card = json.loads(path.with_suffix(".json").read_text())
    assert card["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert card["license"] == "CC BY 4.0"
    assert "FairFace" in card["credit"]
    assert bundled_prior(card["key"]) == path
    prior = load_prior(path)
    assert {k: prior.recipe.to_dict()[k] for k in card["recipe"]} == card["recipe"]
    with torch.no_grad():
        images = prior.decode(torch.randn(32, prior.latent_dim, generator=torch.Generator().manual_seed(0)))
    assert images.shape == (32, 3, 64, 64)
    assert images.std(0).mean() > 0.05  # not the same face every time
    mirrored = (images - images.flip(3)).abs().mean()
    assert mirrored < (images - images.roll(1, 0)).abs().mean()  # a face is most similar to its mirror image
    assert built_in_prior((1, 32, 32)) is None
