"""Every setting of the service: name, range, default and meaning in one place, validated together at start."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import AliasChoices, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from videoannotator.errors import ConfigurationError, Violation

GIB = 2**30
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s\"]+")


class Settings(BaseSettings):
    """The service's configuration, read from the environment and a ``.env`` file.

    The first name of each setting is its name; the others are those of the program's earlier versions.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, populate_by_name=True)

    host: str = Field(
        "127.0.0.1",
        validation_alias=AliasChoices("VIDEOANNOTATOR_HOST"),
        description="Address to listen on. Anything but loopback needs authentication and TLS.",
    )
    port: int = Field(
        50051,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("VIDEOANNOTATOR_PORT"),
        description="Port for gRPC; 0 picks one.",
    )
    rest: bool = Field(
        True,
        validation_alias=AliasChoices("VIDEOANNOTATOR_REST"),
        description="Whether to serve REST, gRPC-Web and gRPC together through Envoy, beside the port above.",
    )
    rest_port: int = Field(
        18011,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("VIDEOANNOTATOR_REST_PORT"),
        description="Port of Envoy; 0 picks one.",
    )
    allowed_origins: str = Field(
        "http://localhost:19011,http://127.0.0.1:19011",
        validation_alias=AliasChoices("ALLOWED_ORIGINS", "CORS_ORIGINS"),
        description="Origins of browser clients that may call the service, separated by commas; * allows every one.",
    )
    rest_rate_limit: int = Field(
        5000,
        ge=1,
        le=1_000_000,
        validation_alias=AliasChoices("REST_RATE_LIMIT"),
        description="Most requests a second that Envoy lets through, of all clients together.",
    )
    storage_dir: Path = Field(
        Path("storage"),
        validation_alias=AliasChoices("VIDEOANNOTATOR_STORAGE_DIR", "STORAGE_ROOT"),
        description="Directory of uploads, results, logs and the embedded database.",
    )
    database_url: str | None = Field(
        None,
        validation_alias=AliasChoices("VIDEOANNOTATOR_DATABASE_URL"),
        description="SQLAlchemy URL: sqlite:///... or postgresql+psycopg://... Unset: SQLite in the storage directory.",
        pattern=r"^(sqlite:///|postgresql(\+psycopg)?://)",
    )
    models_dir: Path | None = Field(
        None,
        validation_alias=AliasChoices("VIDEOANNOTATOR_MODELS_DIR"),
        description="Directory that is searched for model weights before the bundled ones.",
    )

    require_auth: bool = Field(
        True,
        validation_alias=AliasChoices("VIDEOANNOTATOR_REQUIRE_AUTH", "AUTH_REQUIRED", "SECURITY_ENABLED"),
        description="Whether every call needs a token. Off: everybody who can connect is the administrator.",
    )
    allow_insecure: bool = Field(
        False,
        validation_alias=AliasChoices("VIDEOANNOTATOR_ALLOW_INSECURE"),
        description="Listen beyond loopback without authentication or TLS all the same.",
    )
    tls_cert: Path | None = Field(
        None,
        validation_alias=AliasChoices("VIDEOANNOTATOR_TLS_CERT"),
        description="PEM certificate chain of the server.",
    )
    tls_key: Path | None = Field(
        None, validation_alias=AliasChoices("VIDEOANNOTATOR_TLS_KEY"), description="PEM private key of the server."
    )

    max_concurrent_gpu_jobs: int = Field(
        2, ge=0, le=64, validation_alias=AliasChoices("MAX_CONCURRENT_GPU_JOBS"), description="Most GPU jobs at once."
    )
    max_concurrent_cpu_jobs: int = Field(
        2,
        ge=1,
        le=256,
        validation_alias=AliasChoices("MAX_CONCURRENT_CPU_JOBS", "MAX_CONCURRENT_JOBS"),
        description="Most jobs at once that use no GPU.",
    )
    job_timeout: float = Field(
        24 * 3600.0,
        ge=1,
        le=30 * 86400,
        validation_alias=AliasChoices("JOB_TIMEOUT"),
        description="Longest time an attempt may take, in seconds.",
    )
    worker_memory_limit: int = Field(
        16 * GIB,
        ge=0,
        validation_alias=AliasChoices("WORKER_MEMORY_LIMIT"),
        description="Most address space of a worker process, in bytes; 0 for no limit, which CUDA needs.",
    )
    worker_idle_timeout: float = Field(
        600.0,
        ge=0,
        validation_alias=AliasChoices("WORKER_IDLE_TIMEOUT"),
        description="How long an idle worker keeps its models loaded, in seconds.",
    )
    lease_duration: float = Field(
        20.0,
        ge=1,
        le=600,
        validation_alias=AliasChoices("LEASE_DURATION"),
        description="How long a silent worker is believed to be alive, in seconds.",
    )
    shutdown_grace: float = Field(
        15.0,
        ge=0,
        le=600,
        validation_alias=AliasChoices("SHUTDOWN_GRACE"),
        description="How long running jobs may go on after SIGTERM before they are requeued, in seconds.",
    )

    max_attempts: int = Field(
        3,
        ge=1,
        le=10,
        validation_alias=AliasChoices("MAX_ATTEMPTS", "MAX_JOB_RETRIES"),
        description="How often pipelines may fail with a passing error, unless the job says otherwise.",
    )
    retry_base_delay: float = Field(
        2.0,
        ge=0,
        le=3600,
        validation_alias=AliasChoices("RETRY_BASE_DELAY", "RETRY_DELAY_BASE"),
        description="Wait before the second attempt, in seconds; doubles with each further one.",
    )
    retry_max_delay: float = Field(
        300.0,
        ge=0,
        le=86400,
        validation_alias=AliasChoices("RETRY_MAX_DELAY"),
        description="Longest wait between attempts, in seconds.",
    )
    retry_jitter: float = Field(
        1.0,
        ge=0,
        le=3600,
        validation_alias=AliasChoices("RETRY_JITTER"),
        description="Random extra wait of up to this, in seconds.",
    )

    max_upload_bytes: int = Field(
        20 * GIB, ge=1, validation_alias=AliasChoices("MAX_UPLOAD_BYTES"), description="Largest video in bytes."
    )
    max_owner_bytes: int = Field(
        200 * GIB,
        ge=1,
        validation_alias=AliasChoices("MAX_OWNER_BYTES"),
        description="Most bytes of videos that one owner may keep.",
    )
    max_owner_jobs: int = Field(
        1000,
        ge=1,
        validation_alias=AliasChoices("MAX_OWNER_JOBS"),
        description="Most jobs of one owner that have not ended.",
    )
    audit_at_start: bool = Field(
        True,
        validation_alias=AliasChoices("AUDIT_AT_START"),
        description="Whether a process tries to import every pipeline when the service starts; those that fail are "
        "listed as unavailable.",
    )
    min_free_bytes: int = Field(
        GIB,
        ge=0,
        validation_alias=AliasChoices("MIN_FREE_BYTES"),
        description="Free disk space below which no upload is accepted, in bytes.",
    )
    upload_expiry: float = Field(
        86400.0,
        ge=1,
        validation_alias=AliasChoices("UPLOAD_EXPIRY"),
        description="How long an unfinished upload is kept after its last byte, in seconds.",
    )
    max_video_duration: float = Field(
        12 * 3600.0,
        gt=0,
        validation_alias=AliasChoices("MAX_VIDEO_DURATION"),
        description="Longest playing time of a video, in seconds.",
    )
    max_video_pixels: int = Field(
        8192 * 4320, ge=1, validation_alias=AliasChoices("MAX_VIDEO_PIXELS"), description="Most pixels of a picture."
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", validation_alias=AliasChoices("LOG_LEVEL"), description="Least serious log line that is written."
    )
    log_format: Literal["text", "json"] = Field(
        "text",
        validation_alias=AliasChoices("LOG_FORMAT"),
        description="Form of the log: text for people, json for programs.",
    )

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        problems = []
        if (self.tls_cert is None) != (self.tls_key is None):
            problems.append("VIDEOANNOTATOR_TLS_CERT and VIDEOANNOTATOR_TLS_KEY go together")
        problems += [
            f"{path} is not a readable file" for path in (self.tls_cert, self.tls_key) if path and not path.is_file()
        ]
        if not self.is_loopback and not self.allow_insecure:
            if not self.require_auth:
                problems.append(
                    f"listening on {self.host} without authentication needs VIDEOANNOTATOR_ALLOW_INSECURE=true"
                )
            if self.tls_cert is None:
                problems.append(f"listening on {self.host} without TLS needs VIDEOANNOTATOR_ALLOW_INSECURE=true")
        problems += [
            f"ALLOWED_ORIGINS: {origin} is no origin such as http://localhost:5173"
            for origin in self.origins
            if origin != "*" and not _ORIGIN.fullmatch(origin)
        ]
        if 0 < self.worker_memory_limit < GIB:
            problems.append("WORKER_MEMORY_LIMIT must be 0 or at least 1 GiB (1073741824)")
        if self.retry_max_delay < self.retry_base_delay:
            problems.append("RETRY_MAX_DELAY must not be smaller than RETRY_BASE_DELAY")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can connect."""
        return self.host in {"127.0.0.1", "::1", "localhost"} or self.host.startswith("unix:")

    @property
    def origins(self) -> tuple[str, ...]:
        """The allowed origins, one by one."""
        return tuple(part.strip().rstrip("/") for part in self.allowed_origins.split(",") if part.strip())

    @property
    def effective_database_url(self) -> str:
        """The database URL with the embedded default filled in and the PostgreSQL driver named."""
        if self.database_url is None:
            return f"sqlite:///{self.storage_dir.absolute() / 'videoannotator.db'}"
        return self.database_url.replace("postgresql://", "postgresql+psycopg://", 1)

    def insecurities(self) -> list[str]:
        """Return one sentence for each setting that makes the service less safe than it could be."""
        found = []
        if not self.require_auth:
            found.append("Authentication is off: everybody who can connect sees and deletes everything.")
        if not self.is_loopback and self.tls_cert is None:
            found.append(f"Listening on {self.host} without TLS: tokens and videos travel readable.")
        if "*" in self.origins:
            found.append("ALLOWED_ORIGINS is *: every web page may call the service with a token that it knows.")
        return found


def setting_names(field: str) -> list[str]:
    """Return the environment names of a field of Settings, the proper one first."""
    alias = Settings.model_fields[field].validation_alias
    assert isinstance(alias, AliasChoices)  # noqa: S101 - every field above is declared so
    return [str(name) for name in alias.choices]


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and validate all settings.

    Args:
        overrides: Fields of Settings that the command line set; they win over the environment.

    Raises:
        ConfigurationError: With one violation for each thing that is wrong.
    """
    try:
        return Settings(**dict(overrides or {}))
    except ValidationError as error:
        violations = [*_told(error), *_contradictions(error, dict(overrides or {}))]
        raise ConfigurationError(
            f"{len(violations)} setting{'s are' if len(violations) > 1 else ' is'} wrong", violations=violations
        ) from error


def _told(error: ValidationError) -> list[Violation]:
    return [each for problem in error.errors(include_url=False) for each in _violations(dict(problem))]


def _contradictions(error: ValidationError, overrides: dict[str, Any]) -> list[Violation]:
    """Return how the valid settings contradict each other; with any wrong one beside them nobody has looked."""
    named = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
    wrong = {field for field in Settings.model_fields if named & {field, *setting_names(field)}}
    if not wrong:
        return []
    try:
        Settings(**overrides | {field: Settings.model_fields[field].default for field in wrong})
    except ValidationError as further:
        return _told(further)
    return []


def _violations(problem: dict[str, Any]) -> list[Violation]:
    message = problem["msg"].removeprefix("Value error, ")
    if not problem["loc"]:  # settings that contradict each other, joined by _consistent
        return [Violation(field="settings", code="INVALID_VALUE", message=part) for part in message.split("; ")]
    name = str(problem["loc"][0])
    if name in Settings.model_fields:
        name = setting_names(name)[0]
    value = problem.get("input")
    shown = f" (got {value!r})" if isinstance(value, str | int | float) else ""
    return [Violation(field=name, code="INVALID_VALUE", message=message + shown)]
