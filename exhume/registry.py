"""Projects, targets, releases and data sets."""

from collections.abc import AsyncIterator, Mapping
from typing import Any

from exhume.documents import Dataset, Project, Release, ReleaseSummary, Role, Target
from exhume.requests import Requests


class Registry(Requests):
    """Resources that an audit names."""

    async def projects(self) -> AsyncIterator[Project]:
        """Yield the projects that the key can read."""
        async for item in self.items("/projects"):
            yield Project.model_validate(item)

    async def create_project(self, name: str) -> Project:
        """Create a project."""
        return Project.model_validate(await self.post("/projects", {"name": name}))

    async def targets(self, project: str) -> AsyncIterator[Target]:
        """Yield the targets of a project, by its id."""
        async for item in self.items(f"/projects/{project}/targets"):
            yield Target.model_validate(item)

    async def create_target(self, project: str, name: str, description: str = "") -> Target:
        """Create a target, a model with all its releases."""
        body = {"name": name, "description": description}
        return Target.model_validate(await self.post(f"/projects/{project}/targets", body))

    async def releases(self, project: str) -> AsyncIterator[ReleaseSummary]:
        """Yield the releases of a project, newest first, without the names of their classes."""
        async for item in self.items(f"/projects/{project}/releases"):
            yield ReleaseSummary.model_validate(item)

    async def release(self, release: str) -> Release:
        """Return a release by id."""
        return Release.model_validate(await self.get(f"/releases/{release}"))

    async def create_release(
        self,
        target: str,
        version: str,
        description: Mapping[str, Any],
        *,
        sha256: str | None = None,
        size_bytes: int | None = None,
    ) -> Release:
        """Create a release of a target, by its id. Its checkpoint is sent by `upload`.

        `description` has `convention` and `classes`, and optionally `architecture`,
        `hyperparameters`, `classes_are` and `confirm_class_order`.
        """
        body = {**description, "version": version, "sha256": sha256, "size_bytes": size_bytes}
        return Release.model_validate(await self.post(f"/targets/{target}/releases", body))

    async def datasets(self, project: str) -> AsyncIterator[Dataset]:
        """Yield the data sets of a project, newest first."""
        async for item in self.items(f"/projects/{project}/datasets"):
            yield Dataset.model_validate(item)

    async def dataset(self, dataset: str) -> Dataset:
        """Return a data set by id."""
        return Dataset.model_validate(await self.get(f"/datasets/{dataset}"))

    async def create_dataset(self, project: str, name: str, role: Role) -> Dataset:
        """Create a data set. Its images are sent by `upload`."""
        return Dataset.model_validate(await self.post(f"/projects/{project}/datasets", {"name": name, "role": role}))
