"""Pipelines as older clients ask for them: forms drawn from JSON Schema, and validation with what has no meaning."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from google.api import httpbody_pb2

from videoannotator.pipelines.registry import Registry
from videoannotator.rest.v1 import rest_pb2
from videoannotator.v1 import pipelines_pb2
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.rest.legacy_config import translate
from videoannotator_server.rest.render import render
from videoannotator_server.rest.responses import reply
from videoannotator_server.servicers.pipelines import PipelineServicer


class PipelineHandlers:
    """The calls about pipelines that REST has for itself."""

    def __init__(self, registry: Registry, native: PipelineServicer) -> None:
        self._registry = registry
        self._native = native

    async def GetPipelineForm(
        self, request: pipelines_pb2.GetPipelineRequest, context: Context
    ) -> httpbody_pb2.HttpBody:
        """Return the parameters of a pipeline as a form draws them."""
        pipeline = await self._native.GetPipeline(request, context)
        schema = render(pipeline.config_schema)
        content = {"pipeline": pipeline.name, "parameters": list(parameters(schema)), "json_schema": schema}
        return await reply(context, content)

    async def ValidateConfig(self, request: rest_pb2.ValidateConfigForm, context: Context) -> httpbody_pb2.HttpBody:
        """Check the configuration of several pipelines."""
        config = messages.mapping(request.config, "config")
        pipelines = [*request.selected_pipelines, *request.pipelines]
        return await self._validate(config, pipelines, list(request.outputs), context)

    async def ValidatePipelineConfig(
        self, request: rest_pb2.ValidatePipelineConfigForm, context: Context
    ) -> httpbody_pb2.HttpBody:
        """Check the configuration of one pipeline, given as its options or as a section with them."""
        spec = self._registry.get(request.name)
        config = messages.mapping(request.config, "config")
        is_section = len(config) == 1 and next(iter(config)) in (spec.name, *spec.all_aliases)
        return await self._validate(config if is_section else {spec.name: config}, [spec.name], [], context)

    async def _validate(
        self, config: Mapping[str, Any], pipelines: list[str], outputs: list[str], context: Context
    ) -> httpbody_pb2.HttpBody:
        kept, warnings = translate(self._registry, config)
        request = pipelines_pb2.ValidateConfigRequest(
            config=messages.struct(kept), pipelines=pipelines, outputs=outputs
        )
        answer = await self._native.ValidateConfig(request, context)
        answer.warnings.extend(warnings)
        return await reply(context, answer)


def parameters(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the options of a JSON Schema as fields of a form, without what is null: the viewer would show it."""
    required = schema.get("required", [])
    for name, option in schema.get("properties", {}).items():
        kinds = option.get("type", "object")
        kind = next((each for each in kinds if each != "null"), "object") if isinstance(kinds, list) else kinds
        choices = option.get("enum") or option.get("items", {}).get("enum")
        if choices:
            kind = "multiselect" if kind == "array" else "enum"
        field = {
            "name": name,
            "type": kind if kind != "array" else "object",
            "label": name.replace("_", " ").capitalize(),
            "description": option.get("description", ""),
            "required": name in required,
            "default": option.get("default"),
            "min": option.get("minimum", option.get("exclusiveMinimum")),
            "max": option.get("maximum", option.get("exclusiveMaximum")),
            "step": 1 if kind == "integer" else None,
            "pattern": option.get("pattern"),
            "enum": [{"value": each, "label": str(each)} for each in choices] if choices else None,
        }
        yield {key: value for key, value in field.items() if value is not None}
