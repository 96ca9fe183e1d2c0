"""Build hook: adds the OpenAPI document to the wheel, and fails without the dashboard."""

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class DashboardHook(BuildHookInterface[Any]):
    """Checks `app/static/index.html` before anything but an editable installation is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Refuse to build without the dashboard."""
        index = Path(self.root) / "app" / "static" / "index.html"
        if version != "editable" and not index.is_file():
            raise RuntimeError(f"{index} is missing: build the dashboard first with `make build`")
        if version != "editable" and self.target_name == "wheel":
            build_data.setdefault("force_include", {})[str(Path(self.root) / "openapi.json")] = "app/openapi.json"
