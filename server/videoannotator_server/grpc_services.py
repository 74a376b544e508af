"""The six services of the native contract and what does their work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import grpc
from google.protobuf.descriptor import ServiceDescriptor

from videoannotator.v1 import (
    artifacts_pb2,
    artifacts_pb2_grpc,
    jobs_pb2,
    jobs_pb2_grpc,
    pipelines_pb2,
    pipelines_pb2_grpc,
    system_pb2,
    system_pb2_grpc,
    tokens_pb2,
    tokens_pb2_grpc,
    videos_pb2,
    videos_pb2_grpc,
)
from videoannotator_server.rest.service import GrpcService
from videoannotator_server.servicers.artifacts import ArtifactServicer
from videoannotator_server.servicers.jobs import JobServicer
from videoannotator_server.servicers.pipelines import PipelineServicer
from videoannotator_server.servicers.system import SystemServicer
from videoannotator_server.servicers.tokens import TokenServicer
from videoannotator_server.servicers.videos import VideoServicer

SERVICES: tuple[ServiceDescriptor, ...] = tuple(
    service
    for module in (videos_pb2, jobs_pb2, artifacts_pb2, pipelines_pb2, system_pb2, tokens_pb2)
    for service in module.DESCRIPTOR.services_by_name.values()
)


@dataclass(frozen=True, slots=True)
class GrpcServices:
    """One servicer for each service."""

    videos: VideoServicer
    jobs: JobServicer
    artifacts: ArtifactServicer
    pipelines: PipelineServicer
    system: SystemServicer
    tokens: TokenServicer

    def add_to(self, server: grpc.aio.Server) -> None:
        """Serve them."""
        videos_pb2_grpc.add_VideoServiceServicer_to_server(self.videos, server)
        jobs_pb2_grpc.add_JobServiceServicer_to_server(self.jobs, server)
        artifacts_pb2_grpc.add_ArtifactServiceServicer_to_server(self.artifacts, server)
        pipelines_pb2_grpc.add_PipelineServiceServicer_to_server(self.pipelines, server)
        system_pb2_grpc.add_SystemServiceServicer_to_server(self.system, server)
        tokens_pb2_grpc.add_TokenServiceServicer_to_server(self.tokens, server)

    @property
    def names(self) -> list[str]:
        """The full names of the services."""
        return [service.full_name for service in SERVICES]

    def services(self) -> Iterator[GrpcService]:
        """Yield what REST calls can be derived from."""
        servicers = (self.videos, self.jobs, self.artifacts, self.pipelines, self.system, self.tokens)
        return (GrpcService(service, servicer) for service, servicer in zip(SERVICES, servicers, strict=True))
