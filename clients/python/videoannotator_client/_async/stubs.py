"""The services of the contract."""

from __future__ import annotations

import grpc.aio

from videoannotator.v1.artifacts_pb2_grpc import ArtifactServiceStub
from videoannotator.v1.jobs_pb2_grpc import JobServiceStub
from videoannotator.v1.pipelines_pb2_grpc import PipelineServiceStub
from videoannotator.v1.system_pb2_grpc import SystemServiceStub
from videoannotator.v1.tokens_pb2_grpc import TokenServiceStub
from videoannotator.v1.videos_pb2_grpc import VideoServiceStub


class AsyncStubs:
    """Every service of the contract over one channel."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self.videos = VideoServiceStub(channel)
        self.jobs = JobServiceStub(channel)
        self.artifacts = ArtifactServiceStub(channel)
        self.pipelines = PipelineServiceStub(channel)
        self.system = SystemServiceStub(channel)
        self.tokens = TokenServiceStub(channel)
