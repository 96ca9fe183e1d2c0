"""Owners of an uploaded file: releases, data sets and verifiers, and how their uploads differ."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from app.auth.scopes import Scope
from app.db.models import Dataset, Release, Upload, Verifier
from app.db.moves import Owner
from app.formats import limits
from app.kit.ids import public_id
from app.settings import Settings, settings


@dataclass(frozen=True)
class OwnerKind:
    """One kind of owner.

    `scope` allows uploads to it. `suffixes` are the kinds of files that it accepts from an
    address.
    """

    table: type[Owner]
    prefix: str
    scope: Scope
    suffixes: tuple[str, ...]
    largest: Callable[[Settings], int]

    @property
    def name(self) -> str:
        """Its name in audit-log actions, problem codes and columns."""
        return self.table.__tablename__

    @property
    def column(self) -> str:
        """The column of uploads that refers to the owner."""
        return f"{self.name}_id"

    @property
    def limit(self) -> int:
        """The size limit of a file in bytes."""
        return self.largest(settings())

    def public_id(self, owner_id: UUID) -> str:
        """Return the id as users see it."""
        return public_id(self.prefix, owner_id)


RELEASE = OwnerKind(
    Release, "rel", Scope.TARGETS_WRITE, (".safetensors",), lambda current: current.max_checkpoint_bytes
)
DATASET = OwnerKind(Dataset, "dst", Scope.DATASETS_WRITE, (".zip", ".npz"), lambda current: current.max_dataset_bytes)
VERIFIER = OwnerKind(Verifier, "ver", Scope.DATASETS_WRITE, (".onnx",), lambda _: limits.VERIFIER.file_bytes)
KINDS = (RELEASE, DATASET, VERIFIER)


def owner_of(upload: Upload) -> tuple[OwnerKind, UUID]:
    """Return the owner of an upload."""
    for kind in KINDS:
        owner_id: UUID | None = getattr(upload, kind.column)
        if owner_id is not None:
            return kind, owner_id
    raise AssertionError("an upload has an owner")
