"""Every setting of the service: name, range, default and meaning in one place, validated together at start."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from videoannotator import settings_sources
from videoannotator.errors import ConfigurationError, Violation

GIB = 2**30
ALIASES: Mapping[str, tuple[str, ...]] = {
    "allowed_origins": ("ALLOWED_ORIGINS", "CORS_ORIGINS"),
    "storage_dir": ("STORAGE_ROOT",),
    "require_auth": ("AUTH_REQUIRED", "SECURITY_ENABLED"),
    "max_concurrent_gpu_jobs": ("MAX_CONCURRENT_GPU_JOBS",),
    "max_concurrent_cpu_jobs": ("MAX_CONCURRENT_CPU_JOBS", "MAX_CONCURRENT_JOBS"),
    "worker_memory_limit": ("WORKER_MEMORY_LIMIT",),
    "worker_idle_timeout": ("WORKER_IDLE_TIMEOUT",),
    "max_attempts": ("MAX_ATTEMPTS", "MAX_JOB_RETRIES"),
    "retry_base_delay": ("RETRY_BASE_DELAY", "RETRY_DELAY_BASE"),
    "retry_max_delay": ("RETRY_MAX_DELAY",),
    "retry_jitter": ("RETRY_JITTER",),
    "max_upload_bytes": ("MAX_UPLOAD_BYTES",),
    "retention_days": ("STORAGE_RETENTION_DAYS",),
}
"""Names of the program's earlier versions and of its roadmap that are still read, by field. A new setting has none."""
OTHER_NAMES = (
    "VIDEOANNOTATOR_SERVER",
    "VIDEOANNOTATOR_TOKEN",
    "VIDEOANNOTATOR_TLS_CA",
    "VIDEOANNOTATOR_CONFIG",
    "VIDEOANNOTATOR_CRASH_AT",
)
"""Variables that the clients and the tests read: right in an environment, but no settings of the service."""
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s\"]+")


class Settings(BaseModel):
    """The service's configuration. Each field is one setting; :func:`load_settings` reads them all."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: str = Field(
        "127.0.0.1", description="Address to listen on. Anything but loopback needs authentication and TLS."
    )
    port: int = Field(50051, ge=0, le=65535, description="Port for gRPC; 0 picks one.")
    rest: bool = Field(
        True, description="Whether to serve REST, gRPC-Web and gRPC together through Envoy, beside the port above."
    )
    rest_port: int = Field(18011, ge=0, le=65535, description="Port of Envoy; 0 picks one.")
    allowed_origins: str = Field(
        "http://localhost:19011,http://127.0.0.1:19011",
        description="Origins of browser clients that may call the service, separated by commas; * allows every one.",
    )
    rest_rate_limit: int = Field(
        5000, ge=1, le=1_000_000, description="Most requests a second that Envoy lets through, of all clients together."
    )
    storage_dir: Path = Field(
        Path("storage"), description="Directory of uploads, results, logs and the embedded database."
    )
    database_url: str | None = Field(
        None,
        description="SQLAlchemy URL: sqlite:///... or postgresql+psycopg://... Unset: SQLite in the storage directory.",
        pattern=r"^(sqlite:///|postgresql(\+psycopg)?://)",
    )
    models_dir: Path | None = Field(
        None, description="Directory that is searched for model weights before the bundled ones."
    )

    require_auth: bool = Field(
        True, description="Whether every call needs a token. Off: every caller is the administrator."
    )
    allow_insecure: bool = Field(False, description="Listen beyond loopback even without authentication or TLS.")
    tls_cert: Path | None = Field(None, description="PEM certificate chain of the server.")
    tls_key: Path | None = Field(None, description="PEM private key of the server.")

    max_concurrent_gpu_jobs: int = Field(2, ge=0, le=64, description="Most GPU jobs at once.")
    max_concurrent_cpu_jobs: int = Field(2, ge=1, le=256, description="Most jobs at once that use no GPU.")
    job_timeout: float = Field(
        24 * 3600.0, ge=1, le=30 * 86400, description="Longest time an attempt may take, in seconds."
    )
    worker_memory_limit: int = Field(
        16 * GIB,
        ge=0,
        description="Most address space of a worker process, in bytes; 0 for no limit, which CUDA needs.",
    )
    worker_idle_timeout: float = Field(
        600.0, ge=0, description="How long an idle worker keeps its models loaded, in seconds."
    )
    worker_variables: str = Field(
        "",
        description="Names of environment variables, separated by commas, that workers get beside those that every "
        "process needs; for plugins. Nothing else is passed on, because workers open files that strangers made.",
    )
    lease_duration: float = Field(
        20.0, ge=1, le=600, description="How long a silent worker is believed to be alive, in seconds."
    )
    shutdown_grace: float = Field(
        15.0,
        ge=0,
        le=600,
        description="How long running jobs may go on after SIGTERM before they are requeued, in seconds.",
    )

    max_attempts: int = Field(
        3, ge=1, le=10, description="How often pipelines may fail with a passing error, unless the job says otherwise."
    )
    retry_base_delay: float = Field(
        2.0, ge=0, le=3600, description="Wait before the second attempt, in seconds; doubles with each further one."
    )
    retry_max_delay: float = Field(300.0, ge=0, le=86400, description="Longest wait between attempts, in seconds.")
    retry_jitter: float = Field(1.0, ge=0, le=3600, description="Random extra wait of up to this, in seconds.")

    max_upload_bytes: int = Field(20 * GIB, ge=1, description="Largest video in bytes.")
    max_owner_bytes: int = Field(200 * GIB, ge=1, description="Most bytes of videos that one owner may keep.")
    max_owner_jobs: int = Field(1000, ge=1, description="Most jobs of one owner that have not ended.")
    audit_at_start: bool = Field(
        True,
        description="Whether a process tries to import every pipeline when the service starts; those that fail are "
        "listed as unavailable.",
    )
    min_free_bytes: int = Field(GIB, ge=0, description="Free disk space below which no upload is accepted, in bytes.")
    upload_expiry: float = Field(
        86400.0, ge=1, description="How long an unfinished upload is kept after its last byte, in seconds."
    )
    max_video_duration: float = Field(12 * 3600.0, gt=0, description="Longest playing time of a video, in seconds.")
    max_video_pixels: int = Field(8192 * 4320, ge=1, description="Most pixels of a frame.")

    retention_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Days that a job and its results are kept after it has completed. Unset: for ever; 30 is usual.",
    )
    retention_days_failed: int | None = Field(
        None, ge=1, le=36_500, description="The same for jobs that failed. Unset: like completed ones."
    )
    retention_days_cancelled: int | None = Field(
        None, ge=1, le=36_500, description="The same for jobs that were cancelled. Unset: like completed ones."
    )
    delete_unused_videos: bool = Field(
        False,
        description="Whether a video goes with the last of its jobs, unless DeleteJob says otherwise; and, where jobs "
        "are not kept for ever, after the same time if it has none.",
    )

    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least serious log line that is written."
    )
    log_format: Literal["text", "json"] = Field(
        "text", description="Form of the log: text for people, json for programs."
    )

    @property
    def is_loopback(self) -> bool:
        """Whether only programs of this machine can connect."""
        return self.host in {"127.0.0.1", "::1", "localhost"} or self.host.startswith("unix:")

    @property
    def origins(self) -> tuple[str, ...]:
        """The allowed origins, one by one."""
        return tuple(part.strip().rstrip("/") for part in self.allowed_origins.split(",") if part.strip())

    @property
    def worker_variable_names(self) -> tuple[str, ...]:
        """The names of further variables for workers, one by one."""
        return tuple(part.strip() for part in self.worker_variables.split(",") if part.strip())

    @property
    def retention(self) -> dict[str, int]:
        """Days that an ended job is kept, by its status; a status that is not named keeps its jobs for ever."""
        days = {
            "completed": self.retention_days,
            "failed": self.retention_days_failed or self.retention_days,
            "cancelled": self.retention_days_cancelled or self.retention_days,
        }
        return {status: number for status, number in days.items() if number is not None}

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
            found.append("Authentication is off: every caller sees and deletes everything.")
        if not self.is_loopback and self.tls_cert is None:
            found.append(f"Listening on {self.host} without TLS: tokens and videos travel readable.")
        if "*" in self.origins:
            found.append(
                "VIDEOANNOTATOR_ALLOWED_ORIGINS is *: every web page may call the service with a token that it knows."
            )
        return found

    def contradictions(self) -> list[str]:
        """Return one sentence for each way in which settings, each right by itself, do not fit together."""
        return [*self._tls_problems(), *self._exposure_problems(), *self._value_problems()]

    def _tls_problems(self) -> Iterator[str]:
        if (self.tls_cert is None) != (self.tls_key is None):
            yield "VIDEOANNOTATOR_TLS_CERT and VIDEOANNOTATOR_TLS_KEY go together."
        for path in (self.tls_cert, self.tls_key):
            if path and not path.is_file():
                yield f"The path {path} is not a readable file."

    def _exposure_problems(self) -> Iterator[str]:
        if self.is_loopback or self.allow_insecure:
            return
        if not self.require_auth:
            yield f"Listening on {self.host} without authentication needs VIDEOANNOTATOR_ALLOW_INSECURE=true."
        if self.tls_cert is None:
            yield f"Listening on {self.host} without TLS needs VIDEOANNOTATOR_ALLOW_INSECURE=true."

    def _value_problems(self) -> Iterator[str]:
        for origin in self.origins:
            if origin != "*" and not _ORIGIN.fullmatch(origin):
                yield f"VIDEOANNOTATOR_ALLOWED_ORIGINS: {origin} is not an origin such as http://localhost:5173."
        if 0 < self.worker_memory_limit < GIB:
            yield "VIDEOANNOTATOR_WORKER_MEMORY_LIMIT must be 0 or at least 1 GiB (1073741824)."
        if self.retry_max_delay < self.retry_base_delay:
            yield "VIDEOANNOTATOR_RETRY_MAX_DELAY must not be smaller than VIDEOANNOTATOR_RETRY_BASE_DELAY."


def setting_names(field: str) -> list[str]:
    """Return the environment names of a field of Settings, the proper one first."""
    return [f"{settings_sources.PREFIX}{field.upper()}", *ALIASES.get(field, ())]


def load_settings(overrides: Mapping[str, Any] | None = None) -> Settings:
    """Read and validate all settings.

    Args:
        overrides: Fields of Settings that the command line set; they win over the environment and ``.env``.

    Raises:
        ConfigurationError: With one violation for each thing that is wrong.
    """
    given = dict(overrides or {})
    found = settings_sources.variables()
    names = settings_sources.names_in_use(found, _all_names())
    settings, wrong = _validated({field: found[name] for field, name in names.items()} | given)
    shown = {field: name for field, name in names.items() if field not in given}
    violations = [_violation(problem, shown) for problem in wrong]
    violations += [
        Violation(field="settings", code="INVALID_VALUE", message=text) for text in settings.contradictions()
    ]
    if violations:
        count = f"{len(violations)} settings are" if len(violations) > 1 else "1 setting is"
        raise ConfigurationError(f"{count} wrong.", violations=violations)
    return settings


def setting_warnings() -> list[str]:
    """Return one sentence for each name in the environment and ``.env`` that was meant for us and has no effect.

    Raises:
        ConfigurationError: If there is a ``.env`` that cannot be read.
    """
    found, names = settings_sources.variables(), _all_names()
    return [*settings_sources.ignored_aliases(found, names), *settings_sources.unknown_names(found, names, OTHER_NAMES)]


def _all_names() -> dict[str, list[str]]:
    return {field: setting_names(field) for field in Settings.model_fields}


def _validated(values: Mapping[str, Any]) -> tuple[Settings, list[ErrorDetails]]:
    """Return the settings, with the default for each that is wrong, so that the others are still compared."""
    try:
        return Settings(**values), []
    except ValidationError as error:
        problems = error.errors(include_url=False)
        wrong = {problem["loc"][0] for problem in problems}
        return Settings(**{field: value for field, value in values.items() if field not in wrong}), problems


def _violation(problem: ErrorDetails, names: Mapping[str, str]) -> Violation:
    """Name the setting as it was written; with no name, the command line wrote it."""
    field, value = str(problem["loc"][0]), problem["input"]
    shown = f" (got {value!r})" if isinstance(value, str | int | float) else ""
    return Violation(
        field=names.get(field, setting_names(field)[0]), code="INVALID_VALUE", message=f"{problem['msg']}{shown}."
    )
