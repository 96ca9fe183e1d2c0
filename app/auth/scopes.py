"""Permissions of API keys."""

from enum import StrEnum


class Scope(StrEnum):
    """A permission. Reading projects, targets, releases, data sets and policies needs none."""

    PROJECTS_WRITE = "projects:write"
    MEMBERS_WRITE = "members:write"
    KEYS_WRITE = "keys:write"
    TARGETS_WRITE = "targets:write"
    DATASETS_WRITE = "datasets:write"
    AUDITS_READ = "audits:read"
    AUDITS_WRITE = "audits:write"
    POLICIES_WRITE = "policies:write"
    WAIVERS_WRITE = "waivers:write"
    WAIVERS_APPROVE = "waivers:approve"
    RECONSTRUCTIONS_REVEAL = "reconstructions:reveal"
    BLIND_LINE_UPS_REVIEW = "blind-line-ups:review"
    DATA_DELETE = "data:delete"
    DATA_HOLD = "data:hold"
    WEBHOOKS_WRITE = "webhooks:write"
    LOG_READ = "log:read"


ALL_SCOPES: tuple[Scope, ...] = tuple(Scope)
