"""All settings, read from the environment.

Their names have the prefix `EXHUME_`, except `DATABASE_URL` and `REDIS_URL`.
"""

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import AliasChoices, Field, HttpUrl, IPvAnyNetwork, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from app.contract.device import DeviceNeed

IMPORT_HOST = re.compile(
    r"(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?|\[[0-9a-f:.]+\](:[0-9]{1,5})?|s3://[a-z0-9.-]+"
)
MIB = 1024 * 1024
GIB = 1024 * MIB


def default_data_dir() -> Path:
    """Return `/var/lib/exhume` for root, otherwise `$XDG_DATA_HOME/exhume`.

    `XDG_DATA_HOME` defaults to `~/.local/share`.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/exhume")
    base = os.environ.get("XDG_DATA_HOME")
    return (Path(base) if base else Path.home() / ".local" / "share") / "exhume"


class Settings(BaseSettings):
    """The settings. Each is documented in `docs/settings.md`; a test compares the two."""

    model_config = SettingsConfigDict(env_prefix="EXHUME_", extra="ignore", populate_by_name=True)

    data_dir: Path = Field(
        default_factory=default_data_dir, description="Folder of the embedded servers and the object store."
    )
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("DATABASE_URL", "EXHUME_DATABASE_URL"),
        description="PostgreSQL 18 to use instead of the embedded one.",
    )
    redis_url: str | None = Field(
        None,
        validation_alias=AliasChoices("REDIS_URL", "EXHUME_REDIS_URL"),
        description="Redis-protocol server to use instead of the embedded Valkey.",
    )
    store_url: str | None = Field(None, description="Object store: `file:///path` or `s3://bucket/prefix`.")
    secret_key: str | None = Field(None, description="Root secret, 32 bytes in hex; made in the data folder if unset.")
    wrapping_key_file: Path | None = Field(
        None,
        description="File with the keys that encrypt the keys of projects, 32 bytes in hex a line, current one first.",
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8719, ge=0, le=65535, description="Port the API listens on.")
    allowed_hosts: list[str] = Field(
        default_factory=lambda: ["localhost", "127.0.0.1", "[::1]"],
        description="Host names that the API accepts (JSON list); protects against DNS rebinding.",
    )
    trusted_proxies: list[IPvAnyNetwork] = Field(
        default_factory=list,
        description="Networks of proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count (JSON list).",
    )
    public_url: str | None = Field(None, description="Address that users see, if a proxy is in front.")
    max_checkpoint_bytes: int = Field(10 * GIB, gt=0, description="Largest checkpoint accepted, in bytes.")
    max_dataset_bytes: int = Field(4 * GIB, gt=0, description="Largest data set accepted, in bytes.")
    max_project_bytes: int = Field(
        200 * GIB, gt=0, description="Bytes of checkpoints and data sets that a project may hold, uploads included."
    )
    max_open_uploads: int = Field(100, ge=1, description="Unfinished uploads that a project may have at once.")
    max_running_jobs: int = Field(50, ge=1, description="Stages of audits that a project may have running at once.")
    max_running_checks: int = Field(
        1, ge=1, description="Checks of files, and imports, that a project may have running at once, each."
    )
    max_open_jobs: int = Field(20_000, ge=1, description="Jobs of a project that may be waiting, queued or running.")
    max_requests_per_minute: int = Field(
        60_000, ge=1, description="Requests of a project, or of an organisation, in a minute."
    )
    max_processor_seconds: int | None = Field(
        None, ge=0, description="Seconds of workers that a project may use in a month; unset: no limit."
    )
    max_device_seconds: int | None = Field(
        None, ge=0, description="The same for workers with a GPU; unset: no separate limit."
    )
    upload_hours: float = Field(
        24.0, gt=0, description="Hours without a new piece after which an unfinished upload is deleted."
    )
    import_hosts: list[str] = Field(
        default_factory=list, description="Hosts and buckets from which files may be imported (JSON list); empty: none."
    )
    import_networks: list[IPvAnyNetwork] = Field(
        default_factory=list, description="Networks, besides the public internet, that imports may reach (JSON list)."
    )
    import_seconds: float = Field(3600.0, gt=0, description="Seconds that an import may take.")
    import_hub_url: str = Field("https://huggingface.co", description="Server that `hf://` addresses refer to.")
    import_hub_token: SecretStr | None = Field(None, description="Token sent to the hub and to no other server.")
    import_registry_url: str | None = Field(
        None, description="MLflow server that `models:/` and `runs:/` addresses refer to."
    )
    import_registry_token: SecretStr | None = Field(None, description="Token sent to that server and to no other.")
    import_s3_url: str | None = Field(None, description="S3 service that `s3://` addresses refer to; unset: AWS.")
    import_s3_region: str = Field("us-east-1", description="Region of that service.")
    import_s3_key_id: str | None = Field(
        None, description="Key id with which imports from S3 are signed; unset: unsigned."
    )
    import_s3_secret_key: SecretStr | None = Field(None, description="Secret of that key.")
    webhook_networks: list[IPvAnyNetwork] = Field(
        default_factory=list, description="Networks, besides the public internet, that webhooks may reach (JSON list)."
    )
    smtp_host: str | None = Field(None, description="Mail server for events and invitations; unset: no e-mail.")
    smtp_port: int = Field(587, gt=0, le=65535, description="Port of that server.")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        "starttls", description="How the connection is encrypted."
    )
    smtp_user: str | None = Field(None, description="User name at that server; unset: no sign-in.")
    smtp_password: SecretStr | None = Field(None, description="Password of that user.")
    smtp_from: str = Field("exhume@localhost", description="Sender of the messages.")
    lease_seconds: float = Field(60.0, gt=0, description="Seconds for which a worker keeps a job without a heartbeat.")
    heartbeat_seconds: float = Field(15.0, gt=0, description="Seconds between two heartbeats of a worker.")
    reaper_seconds: float = Field(
        3.0, gt=0, description="Seconds between two searches for lost jobs and unsent messages."
    )
    job_max_attempts: int = Field(3, ge=1, description="Attempts at a job before it fails.")
    original_days: int = Field(
        0, ge=0, description="Days for which the original of a converted checkpoint is kept; 0: deleted at once."
    )
    scratch_dir: Path | None = Field(
        None,
        description="Folder of decrypted files of jobs; unset: /dev/shm, or the temporary folder if they do not fit.",
    )
    attack_precision: Literal["auto", "float32", "tf32", "bf16"] = Field(
        "auto", description="Precision of the networks in an attack; part of the plan of an audit unless it is auto."
    )
    attack_device: DeviceNeed | None = Field(
        None,
        description="Device that the attack of an audit needs: gpu, cuda, bf16, or cuda>=8.0 (compute capability).",
    )
    cuda_graphs: bool = Field(True, description="Whether a search on a GPU of NVIDIA records its step as a CUDA graph.")
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|mps|cuda|rocm|cuda:[0-9]+|(GPU|MIG)-[0-9A-Za-z/-]+)$",
        description="Device of a worker: auto, cpu, cuda, cuda:N, mps, or the UUID of a GPU or MIG slice.",
    )
    checks_at_once: int = Field(2, ge=1, description="Uploads that `exhume up` checks at once, of all projects.")
    warm_sandbox: bool = Field(
        True, description="Keep a process running from which the sandboxes of uploads are forked."
    )
    max_scheduled_audits: int = Field(
        20, ge=1, description="Audits started by schedules that a project may have running at once."
    )
    retention_days: int = Field(30, ge=1, description="Days after which reconstructions are deleted.")
    access_seconds: float = Field(
        5.0, ge=0, description="Seconds for which an API process remembers a valid key or session; 0: not at all."
    )
    max_streams: int = Field(500, ge=1, description="Event streams that an API process serves at once.")
    max_streams_per_key: int = Field(
        100, ge=1, description="Event streams that a key or session may have open at once."
    )
    session_hours: int = Field(12, ge=1, description="Lifetime of a dashboard session.")
    metrics_port: int | None = Field(
        None, gt=0, le=65535, description="Port on which the API process serves metrics for Prometheus; unset: none."
    )
    metrics_host: str = Field("127.0.0.1", description="Address of that port.")
    oidc_issuer: str | None = Field(
        None, description="Issuer of an OpenID Connect provider for signing in; unset: passwords only."
    )
    oidc_client_id: str | None = Field(None, description="Client id at that provider.")
    oidc_client_secret: SecretStr | None = Field(None, description="Client secret at that provider; unset: none.")
    oidc_name: str = Field("single sign-on", description="Name of that provider for the sign-in page.")
    log_level: str = Field("info", description="debug, info, warning or error.")

    @field_validator("import_hub_url", "import_registry_url", "import_s3_url", "oidc_issuer")
    @classmethod
    def _web_address(cls, url: str | None) -> str | None:
        if url is not None and (HttpUrl(url).query or HttpUrl(url).username):
            raise ValueError("must be an https:// or http:// address without user name and query")
        return url

    @field_validator("import_hosts")
    @classmethod
    def _hosts(cls, hosts: list[str]) -> list[str]:
        for host in hosts:
            if not IMPORT_HOST.fullmatch(host):
                raise ValueError(f"{host!r} must be a host, host:port, *.domain or s3://bucket in lower case")
        return hosts

    @property
    def embedded_database(self) -> bool:
        """True if the supervisor starts the embedded PostgreSQL."""
        return self.database_url is None

    @property
    def embedded_broker(self) -> bool:
        """True if the supervisor starts the embedded Valkey."""
        return self.redis_url is None

    @property
    def object_store_url(self) -> str:
        """URL of the object store, by default a folder in `data_dir`."""
        return self.store_url or f"file://{self.data_dir}/store"


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
