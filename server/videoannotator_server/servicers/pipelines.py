"""PipelineService."""

from __future__ import annotations

import asyncio

from videoannotator.errors import VideoAnnotatorError
from videoannotator.formats.names import validate_outputs
from videoannotator.models.store import ModelStore
from videoannotator.pipelines.availability import Availability
from videoannotator.pipelines.registry import Registry
from videoannotator.pipelines.spec import PipelineSpec
from videoannotator.pipelines.validation import validate_config
from videoannotator.v1 import pipelines_pb2, pipelines_pb2_grpc
from videoannotator_server import messages
from videoannotator_server.context import Context


class PipelineServicer(pipelines_pb2_grpc.PipelineServiceServicer):
    """Tells what can be done with a video."""

    def __init__(self, registry: Registry, models: ModelStore, availability: Availability) -> None:
        self._registry = registry
        self._models = models
        self._availability = availability

    async def ListPipelines(
        self, request: pipelines_pb2.ListPipelinesRequest, context: Context
    ) -> pipelines_pb2.ListPipelinesResponse:
        """Return the pipelines."""
        specs = sorted((*self._registry, *self._registry.unavailable), key=lambda spec: spec.name)
        found = [await self._pipeline(spec) for spec in specs]
        return pipelines_pb2.ListPipelinesResponse(
            pipelines=[each for each in found if each.available or request.include_unavailable]
        )

    async def GetPipeline(self, request: pipelines_pb2.GetPipelineRequest, context: Context) -> pipelines_pb2.Pipeline:
        """Return one pipeline."""
        return await self._pipeline(self._registry.find(request.name))

    async def ValidateConfig(
        self, request: pipelines_pb2.ValidateConfigRequest, context: Context
    ) -> pipelines_pb2.ValidateConfigResponse:
        """Return everything that is wrong with a configuration."""
        config = messages.mapping(request.config, "config")
        problems: list[VideoAnnotatorError] = []
        try:
            validate_outputs(request.outputs)
        except VideoAnnotatorError as error:
            problems.append(error)
        try:
            validated = validate_config(self._registry, tuple(request.pipelines) or None, config)
            await asyncio.to_thread(self._availability.require, self._registry, validated)
        except VideoAnnotatorError as error:
            problems.append(error)
        if problems:
            violations = [violation for problem in problems for violation in problem.violations]
            return pipelines_pb2.ValidateConfigResponse(violations=[messages.violation(each) for each in violations])
        return pipelines_pb2.ValidateConfigResponse(
            valid=True,
            warnings=validated.warnings,
            normalized=messages.struct(validated.config),
            pipelines=validated.pipelines,
        )

    async def _pipeline(self, spec: PipelineSpec) -> pipelines_pb2.Pipeline:
        reason = await asyncio.to_thread(self._availability.reason, spec)
        return messages.pipeline(spec, self._models.manifest, reason)
