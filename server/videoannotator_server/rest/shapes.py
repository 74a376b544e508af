"""What older REST clients read beside, or instead of, the plain rendering of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from google.protobuf.message import Message

from videoannotator.v1 import jobs_pb2, pipelines_pb2, tokens_pb2, types_pb2, videos_pb2
from videoannotator_server.rest.render import Shape, render

_NO_JSON_SCHEMA: dict[str, Any] = {}


def as_json(message: Message) -> Any:
    """Return a message as REST clients expect it."""
    return render(message, SHAPES)


def _job(message: types_pb2.Job, plain: dict[str, Any]) -> dict[str, Any]:
    """Names come as selected_pipelines; the runs take the name pipelines. Paths are left out."""
    runs, names = plain.pop("runs"), plain.pop("pipelines")
    duration = plain["video_duration"]
    return {
        **plain,
        "selected_pipelines": names,
        "pipelines": runs,
        "video_duration_seconds": None if duration is None else round(duration),
        "error_message": message.error.message if message.HasField("error") else None,
        "video_path": None,
        "result_path": None,
        "storage_path": None,
    }


def _pipeline(message: pipelines_pb2.Pipeline, plain: dict[str, Any]) -> dict[str, Any]:
    """config_schema has one entry per option, each a JSON Schema; json_schema is the whole."""
    schema = plain.pop("config_schema") or _NO_JSON_SCHEMA
    return {
        **plain,
        "enabled": message.available,
        "pipeline_family": plain.pop("family"),
        "capabilities": [],
        "backends": list(dict.fromkeys(model.id for model in message.models)),
        "config_schema": schema.get("properties", {}),
        "json_schema": schema,
        "examples": [{"config": {message.name: defaults(schema)}}],
    }


def defaults(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the configuration that an empty one stands for."""
    return {name: entry.get("default") for name, entry in schema.get("properties", {}).items()}


def _pipelines(message: pipelines_pb2.ListPipelinesResponse, plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "total": len(message.pipelines)}


def _validation(message: pipelines_pb2.ValidateConfigResponse, plain: dict[str, Any]) -> dict[str, Any]:
    count = len(message.violations)
    return {
        "valid": message.valid,
        "errors": [_finding(violation) for violation in plain.pop("violations")],
        "warnings": [{"field": "config", "message": text, "suggestion": None} for text in plain.pop("warnings")],
        "message": "Configuration is valid" if message.valid else f"Configuration has {count} error(s)",
        "pipelines_validated": plain["pipelines"],
        "normalized": plain["normalized"],
    }


def _finding(violation: dict[str, Any]) -> dict[str, Any]:
    example, allowed = violation["example"], violation["allowed"]
    return {
        **violation,
        "pipeline": violation["field"].split(".")[1] if violation["field"].count(".") else None,
        "severity": "error",
        "error_code": violation["code"],
        "hint": None if allowed is None else f"Allowed: {_in_words(allowed)}",
        "suggested_value": example,
    }


def _in_words(allowed: Any) -> str:
    if isinstance(allowed, dict):
        return ", ".join(f"{key} {value}" for key, value in allowed.items())
    return ", ".join(str(each) for each in allowed) if isinstance(allowed, list) else str(allowed)


def _created_token(message: tokens_pb2.CreatedToken, plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain["token"], "secret": message.secret}


def _without_schema(message: types_pb2.Artifact, plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "url": f"/api/v1/artifacts/{message.id}"}


def _jobs(message: jobs_pb2.ListJobsResponse, plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "next_page_token": message.next_page_token or None}


def _videos(message: videos_pb2.ListVideosResponse, plain: dict[str, Any]) -> dict[str, Any]:
    return {**plain, "next_page_token": message.next_page_token or None}


SHAPES: Mapping[str, Shape] = {
    types_pb2.Job.DESCRIPTOR.full_name: _job,
    types_pb2.Artifact.DESCRIPTOR.full_name: _without_schema,
    pipelines_pb2.Pipeline.DESCRIPTOR.full_name: _pipeline,
    pipelines_pb2.ListPipelinesResponse.DESCRIPTOR.full_name: _pipelines,
    pipelines_pb2.ValidateConfigResponse.DESCRIPTOR.full_name: _validation,
    tokens_pb2.CreatedToken.DESCRIPTOR.full_name: _created_token,
    jobs_pb2.ListJobsResponse.DESCRIPTOR.full_name: _jobs,
    videos_pb2.ListVideosResponse.DESCRIPTOR.full_name: _videos,
}
