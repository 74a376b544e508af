"""The composition root: every object of the service, made once and joined here."""

from __future__ import annotations

import asyncio
import logging
import os
import ssl
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection
from sqlalchemy.exc import SQLAlchemyError

from videoannotator.child_environment import child_environment
from videoannotator.errors import ConfigurationError, ModelCorruptError
from videoannotator.media.limits import MediaLimits
from videoannotator.media.prober import probe_in_process
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.service.artifacts.downloads import Downloads
from videoannotator.service.artifacts.repository import ArtifactRepository
from videoannotator.service.auth.access import TokenText
from videoannotator.service.auth.audit_log import AuditLog
from videoannotator.service.auth.tokens import TokenRepository
from videoannotator.service.database.connection import Database
from videoannotator.service.execution.subprocess_backend import SubprocessBackend
from videoannotator.service.execution.supervisor import Limits, Supervisor
from videoannotator.service.health import HealthProbe, Vitals
from videoannotator.service.job_service import JobService
from videoannotator.service.jobs.attempts import AttemptRepository, Slots
from videoannotator.service.jobs.events import EventHub
from videoannotator.service.jobs.queue import JobQueue
from videoannotator.service.jobs.quota import JobQuota
from videoannotator.service.jobs.repository import JobRepository
from videoannotator.service.jobs.retry import RetryPolicy
from videoannotator.service.jobs.statistics import JobStatistics
from videoannotator.service.jobs.submissions import Submissions
from videoannotator.service.jobs.unit_of_work import UnitOfWork
from videoannotator.service.jobs.validator import JobValidator
from videoannotator.service.jobs.watching import Watcher
from videoannotator.service.orphans import Orphans
from videoannotator.service.retention import Retention
from videoannotator.service.storage_layout import Layout
from videoannotator.service.videos.intake import Intake
from videoannotator.service.videos.repository import VideoRepository
from videoannotator.service.videos.streaming_uploads import StreamingUploads
from videoannotator.service.videos.uploads import Uploads
from videoannotator.settings import Settings
from videoannotator.worker.protocol import WorkerConfig
from videoannotator_server import request_ids
from videoannotator_server.audit import StartAudit
from videoannotator_server.grpc_services import GrpcServices
from videoannotator_server.health_checking import follow_health
from videoannotator_server.housekeeping import Housekeeping, QueuePositions, StorageRounds
from videoannotator_server.interceptors.auth import AuthInterceptor
from videoannotator_server.interceptors.drain import DrainInterceptor
from videoannotator_server.interceptors.errors import ErrorInterceptor
from videoannotator_server.rest.downloads import DownloadHandlers
from videoannotator_server.rest.gateway import Gateway
from videoannotator_server.rest.jobs import JobHandlers
from videoannotator_server.rest.pipelines import PipelineHandlers
from videoannotator_server.rest.reference import ReferenceHandlers
from videoannotator_server.rest.service import handlers as rest_handlers
from videoannotator_server.rest.submission import SubmissionHandlers
from videoannotator_server.rest.system import SystemHandlers
from videoannotator_server.rest.tokens import TokenHandlers
from videoannotator_server.rest.videos import VideoHandlers
from videoannotator_server.servicers.artifacts import ArtifactServicer
from videoannotator_server.servicers.jobs import JobServicer
from videoannotator_server.servicers.pipelines import PipelineServicer
from videoannotator_server.servicers.system import SystemServicer
from videoannotator_server.servicers.tokens import TokenServicer
from videoannotator_server.servicers.videos import VideoServicer
from videoannotator_server.statistics import CallStatistics

logger = logging.getLogger(__name__)

_HEARTBEATS_PER_LEASE = 4
_STREAM_GRACE = 2.0
_CHANNEL_OPTIONS = (
    # A peer that vanished without a word is noticed within 20 seconds.
    ("grpc.keepalive_time_ms", 10_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.ping_timeout_ms", 10_000),  # a minute by default, and that is what counts while data flows
    ("grpc.keepalive_permit_without_calls", 1),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.http2.min_ping_interval_without_data_ms", 5_000),
    # A burst of thousands of new watches is answered, not refused.
    ("grpc.max_concurrent_streams", 100_000),
    ("grpc.server.max_pending_requests", 20_000),
    ("grpc.server.max_pending_requests_hard_limit", 60_000),
    ("grpc.server_max_unrequested_time_in_server", 120),
    ("grpc.max_receive_message_length", 8 * 2**20),
    # Two servers on one port would share the calls between them.
    ("grpc.so_reuseport", 0),
)


class Application:
    """The service: its parts, and how they start and stop. Made on the event loop that it lives on."""

    def __init__(self, settings: Settings) -> None:
        """Open the storage and the database and settle what a predecessor left behind.

        Raises:
            ConfigurationError, RegistryError, ModelMissingError, ModelCorruptError: The service cannot start.
        """
        self.settings = settings
        self.started_at = time.time()
        self._layout = Layout(settings.storage_dir)
        self._layout.create()
        self._lock = self._layout.lock()
        self._layout.tidy()
        self._registry = Registry.load()
        self._models = ModelStore(settings.models_dir)
        self._availability = Availability(self._models)
        self._environment = child_environment(os.environ, settings.worker_variable_names)
        self._audit = StartAudit(self._registry, self._availability, self._environment)
        _refuse_corrupt_weights(self._registry, self._models)
        self._database = _open_database(settings.effective_database_url)
        self._build()
        self._rescue()

    def _build(self) -> None:
        settings = self.settings
        hub = EventHub()
        unit_of_work = UnitOfWork(self._database, hub)
        policy = RetryPolicy(settings.retry_base_delay, settings.retry_max_delay, settings.retry_jitter)
        slots = Slots(gpu=settings.max_concurrent_gpu_jobs, cpu=settings.max_concurrent_cpu_jobs)
        self._audit_log = AuditLog(self._layout.audit, time.time, request_ids.current)
        self._tokens = TokenRepository(self._database, time.time, self._audit_log)
        self._videos = VideoRepository(self._database, time.time, settings.max_owner_bytes, settings.upload_expiry)
        quota = JobQuota(settings.max_owner_jobs)
        self._queue = JobQueue(unit_of_work)
        self._jobs = JobRepository(unit_of_work, quota)
        self._submissions = Submissions(unit_of_work, quota)
        self._artifacts = ArtifactRepository(self._database)
        self._statistics = JobStatistics(self._database)
        self._attempts = AttemptRepository(unit_of_work, policy, settings.lease_duration)
        self._backend = SubprocessBackend(
            _worker_config(settings),
            self._layout,
            self._environment,
            settings.worker_idle_timeout,
            max_idle=slots.gpu + slots.cpu,
        )
        positions = QueuePositions(self._queue, hub)
        limits = Limits(slots, settings.lease_duration, settings.job_timeout)
        self._supervisor = Supervisor(
            self._queue, self._attempts, self._backend, self._layout, limits, positions.queue_changed
        )
        self._watcher = Watcher(self._jobs, hub, on_watch=positions.queue_changed)
        media_limits = MediaLimits(max_duration=settings.max_video_duration, max_pixels=settings.max_video_pixels)
        probe = partial(probe_in_process, limits=media_limits)
        intake = Intake(self._layout, probe, settings.max_upload_bytes, settings.min_free_bytes)
        self._uploads = Uploads(self._videos, intake, self._audit_log)
        self._streaming_uploads = StreamingUploads(self._videos, intake, self._audit_log)
        retention = Retention(unit_of_work, self._layout, settings.retention, with_videos=settings.delete_unused_videos)
        orphans = Orphans(self._database, self._layout, time.time, settings.upload_expiry)
        rounds = StorageRounds(self._layout, retention, orphans)
        self._housekeeping = Housekeeping(
            positions,
            chores=(self._uploads.expire, self._supervisor.reclaim, self._backend.retire_idle, rounds.shorten_logs),
            rounds=(rounds.retire, rounds.settle_orphans),
        )

    def _rescue(self) -> None:
        """Settle what a dead predecessor left: attempts first, since their results may be swept away with them."""
        rescued = self._attempts.rescue()
        swept = Orphans(self._database, self._layout, time.time, min_age=0).sweep()
        if rescued or swept:
            logger.info("Rescued %s jobs and removed %s stray directories of an earlier run.", rescued, swept)

    @property
    def logs(self) -> Path:
        """The directory of log files."""
        return self._layout.logs

    def first_token(self) -> TokenText | None:
        """Return the administrator's token if this is the first start."""
        return self._tokens.create_first() if self.settings.require_auth else None

    async def start(self, gateway: Gateway | None = None) -> int:
        """Begin to serve, also on the socket of the gateway if there is one; return the port.

        Raises:
            ConfigurationError: The address is taken or cannot be used.
        """
        statistics = CallStatistics()
        auth = AuthInterceptor(self._tokens, required=self.settings.require_auth)
        self._server = grpc.aio.server(
            interceptors=(ErrorInterceptor(statistics), DrainInterceptor(), auth), options=_CHANNEL_OPTIONS
        )
        vitals = Vitals(
            idle_workers=self._backend.idle_workers,
            seconds_since_look=lambda: self._supervisor.seconds_since_look,
            serves_rest=None if gateway is None else lambda: gateway.is_running,
        )
        probe = HealthProbe(
            self._statistics,
            self._videos,
            self._layout,
            self._registry,
            self._availability,
            self.settings.min_free_bytes,
            vitals,
        )
        await self._add_services(self._server, statistics, auth, probe)
        port = _listen(self._server, self.settings)
        if gateway is not None:
            self._server.add_insecure_port(f"unix:{gateway.service_socket}")
        await self._server.start()
        self._supervisor.start()
        self._housekeeping.start()
        self._follower = asyncio.create_task(follow_health(probe, self._health))
        if self.settings.audit_at_start:
            self._audit.start()
        return port

    async def _add_services(
        self, server: grpc.aio.Server, statistics: CallStatistics, auth: AuthInterceptor, probe: HealthProbe
    ) -> None:
        validator = JobValidator(self._registry, self._availability, self.settings.max_attempts)
        jobs = JobService(
            self._jobs,
            validator,
            self._submissions,
            self._supervisor,
            self._layout,
            self._audit_log,
            delete_unused_videos=self.settings.delete_unused_videos,
        )
        downloads = Downloads(self._artifacts, self._jobs, self._videos, self._layout, self._audit_log)
        native = GrpcServices(
            videos=VideoServicer(self._videos, self._uploads),
            jobs=JobServicer(jobs, self._watcher),
            artifacts=ArtifactServicer(downloads),
            pipelines=PipelineServicer(self._registry, self._models, self._availability),
            system=SystemServicer(self.settings, probe, self.started_at),
            tokens=TokenServicer(self._tokens, auth.end_calls),
        )
        native.add_to(server)
        by_hand = (
            VideoHandlers(self._streaming_uploads, native.videos),
            SubmissionHandlers(jobs, self._registry, self._uploads, self._streaming_uploads),
            JobHandlers(jobs, native.jobs),
            DownloadHandlers(downloads, self._registry),
            PipelineHandlers(self._registry, native.pipelines),
            SystemHandlers(self.settings, probe, self._statistics, self._registry, statistics, self.started_at),
            TokenHandlers(native.tokens),
            ReferenceHandlers(),
        )
        server.add_generic_rpc_handlers((rest_handlers(native.services(), by_hand),))
        await self._add_introspection(server, native.names)

    async def _add_introspection(self, server: grpc.aio.Server, names: Sequence[str]) -> None:
        self._health = health.aio.HealthServicer()
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        for name in ("", *names):
            await self._health.set(name, health_pb2.HealthCheckResponse.SERVING)
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), server)

    async def stop(self) -> None:
        """Let running jobs end for a while, requeue the rest, then let go of everything."""
        self._follower.cancel()
        await self._health.enter_graceful_shutdown()
        self._watcher.close()
        await asyncio.gather(self._server.stop(_STREAM_GRACE), self._supervisor.drain(self.settings.shutdown_grace))
        await self._housekeeping.stop()
        await self._audit.stop()
        self._database.close()
        self._lock.close()


def _refuse_corrupt_weights(registry: Registry, models: ModelStore) -> None:
    """Missing weights make a pipeline unavailable; wrong ones are a sign of worse, and stop the service."""
    wanted = dict.fromkeys(model for spec in registry for model in spec.models)
    corrupt = [problem for problem in models.check(wanted) if isinstance(problem, ModelCorruptError)]
    if corrupt:
        raise ModelCorruptError(" ".join(problem.message for problem in corrupt), hint=corrupt[0].hint)


def _open_database(url: str) -> Database:
    try:
        database = Database(url)
        database.migrate()
    except (SQLAlchemyError, OSError) as error:
        cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise ConfigurationError(
            f"The database cannot be opened: {cause}",
            hint="Check VIDEOANNOTATOR_DATABASE_URL, and whether its server runs and its directory can be written.",
            field="VIDEOANNOTATOR_DATABASE_URL",
        ) from error
    return database


def _worker_config(settings: Settings) -> WorkerConfig:
    jobs_at_once = max(1, settings.max_concurrent_cpu_jobs)
    return WorkerConfig(
        models_dir=settings.models_dir,
        threads=max(1, (os.cpu_count() or 1) // jobs_at_once),
        memory_limit=settings.worker_memory_limit,
        max_duration=settings.max_video_duration,
        max_pixels=settings.max_video_pixels,
        heartbeat_interval=settings.lease_duration / _HEARTBEATS_PER_LEASE,
    )


def _listen(server: grpc.aio.Server, settings: Settings) -> int:
    host = f"[{settings.host}]" if ":" in settings.host and not settings.host.startswith("unix:") else settings.host
    address = host if host.startswith("unix:") else f"{host}:{settings.port}"
    try:
        if settings.tls_cert is None or settings.tls_key is None:
            return server.add_insecure_port(address)
        return server.add_secure_port(address, _credentials(settings.tls_cert, settings.tls_key))
    except RuntimeError as error:
        raise ConfigurationError(
            f"Cannot listen on {address}: the address is taken or not of this machine.",
            hint="Stop the program that uses it, or choose another address with --host and --port.",
            field="VIDEOANNOTATOR_PORT",
        ) from error


def _credentials(certificate: Path, key: Path) -> grpc.ServerCredentials:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password="")
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            f"VIDEOANNOTATOR_TLS_CERT {certificate} and VIDEOANNOTATOR_TLS_KEY {key} do not make a pair.",
            hint="Both must be PEM files that belong together; the key must not need a password.",
            field="VIDEOANNOTATOR_TLS_CERT",
        ) from error
    return grpc.ssl_server_credentials([(key.read_bytes(), certificate.read_bytes())])
