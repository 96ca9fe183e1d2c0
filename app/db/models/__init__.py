"""All tables, one file each."""

from app.contract.class_kinds import ClassKind
from app.db.models.api_key import ApiKey
from app.db.models.artifact import Artifact
from app.db.models.artifact_use import ArtifactUse
from app.db.models.audit import Audit
from app.db.models.audit_log_entry import AuditLogEntry
from app.db.models.blind_line_up import BlindLineUp
from app.db.models.blind_line_up_answer import BlindLineUpAnswer
from app.db.models.blind_line_up_item import BlindLineUpItem
from app.db.models.blind_line_up_review import BlindLineUpReview
from app.db.models.browser_session import BrowserSession, Method
from app.db.models.dataset import Dataset, DatasetRole
from app.db.models.decision import Cause, Decision
from app.db.models.destroyed_key import DestroyedKey
from app.db.models.idempotency_key import IdempotencyKey
from app.db.models.identity_outcome import IdentityOutcome
from app.db.models.invitation import Invitation
from app.db.models.job import Job
from app.db.models.job_event import JobEvent
from app.db.models.legal_hold import LegalHold
from app.db.models.membership import Membership, Role
from app.db.models.notification import Notification
from app.db.models.object_key import ObjectKey
from app.db.models.organisation import Organisation
from app.db.models.person import Person
from app.db.models.policy import Policy, PolicyVersion
from app.db.models.project import Project
from app.db.models.project_key import ProjectKey
from app.db.models.project_limit import ProjectLimit
from app.db.models.receipt import Receipt
from app.db.models.reconstruction import Reconstruction
from app.db.models.release import Original, Release
from app.db.models.reservation import Reservation
from app.db.models.schedule import CatchUp, Schedule
from app.db.models.schedule_run import ScheduleRun, SkipReason, Trigger
from app.db.models.score import Score
from app.db.models.sign_in_link import SignInLink
from app.db.models.signing_key import SigningKey
from app.db.models.source import Source, SourceKind
from app.db.models.source_call import SourceCall
from app.db.models.source_change import SourceChange
from app.db.models.target import Target
from app.db.models.upload import Upload
from app.db.models.verifier import Verifier
from app.db.models.waiver import Waiver
from app.db.models.webhook import Webhook, WebhookFormat
from app.db.models.webhook_delivery import WebhookDelivery
from app.db.models.worker_node import WorkerNode

__all__ = [
    "ApiKey",
    "Artifact",
    "ArtifactUse",
    "Audit",
    "AuditLogEntry",
    "BlindLineUp",
    "BlindLineUpAnswer",
    "BlindLineUpItem",
    "BlindLineUpReview",
    "BrowserSession",
    "CatchUp",
    "Cause",
    "ClassKind",
    "Dataset",
    "DatasetRole",
    "Decision",
    "DestroyedKey",
    "IdempotencyKey",
    "IdentityOutcome",
    "Invitation",
    "Job",
    "JobEvent",
    "LegalHold",
    "Membership",
    "Method",
    "Notification",
    "ObjectKey",
    "Organisation",
    "Original",
    "Person",
    "Policy",
    "PolicyVersion",
    "Project",
    "ProjectKey",
    "ProjectLimit",
    "Receipt",
    "Reconstruction",
    "Release",
    "Reservation",
    "Role",
    "Schedule",
    "ScheduleRun",
    "Score",
    "SignInLink",
    "SigningKey",
    "SkipReason",
    "Source",
    "SourceCall",
    "SourceChange",
    "SourceKind",
    "Target",
    "Trigger",
    "Upload",
    "Verifier",
    "Waiver",
    "Webhook",
    "WebhookDelivery",
    "WebhookFormat",
    "WorkerNode",
]
