"""Submitting jobs over REST: a form with the video in it, or JSON about a video that is there already."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

from google.api import httpbody_pb2
from pydantic import AliasChoices, BaseModel, ConfigDict, Field, ValidationError

from videoannotator.errors import InvalidRequestError, VideoAnnotatorError, Violation
from videoannotator.pipelines.registry import Registry
from videoannotator.service.job_service import JobService
from videoannotator.service.jobs.request import JobRequest
from videoannotator.service.jobs.views import JobView
from videoannotator.service.videos.streaming_uploads import StreamingUpload, StreamingUploads
from videoannotator.service.videos.uploads import Uploads
from videoannotator_server import messages
from videoannotator_server.context import Context
from videoannotator_server.interceptors.auth import caller
from videoannotator_server.rest import responses
from videoannotator_server.rest.bodies import announced_length, first_piece, whole_body
from videoannotator_server.rest.forms import Form
from videoannotator_server.rest.legacy_config import translate

_DEFAULT_PIPELINES = ("scene_detection", "person_tracking")
"""What a form without selected_pipelines stands for."""


class JobForm(BaseModel):
    """The fields of a job as JSON or form fields have them."""

    model_config = ConfigDict(extra="forbid", strict=True)

    video_id: str = ""
    pipelines: list[str] = Field(default_factory=list, validation_alias=AliasChoices("pipelines", "selected_pipelines"))
    config: dict[str, Any] | None = None
    outputs: list[str] = Field(default_factory=list)
    labels: dict[str, str] = Field(default_factory=dict)
    priority: int = 0
    max_attempts: int | None = None
    retention_days: int | None = None
    request_id: str | None = None
    validate_only: bool = False


class SubmissionHandlers:
    """The call that takes jobs."""

    def __init__(
        self, jobs: JobService, registry: Registry, uploads: Uploads, streaming_uploads: StreamingUploads
    ) -> None:
        self._jobs = jobs
        self._registry = registry
        self._uploads = uploads
        self._streaming_uploads = streaming_uploads

    async def SubmitJob(
        self, requests: AsyncIterator[httpbody_pb2.HttpBody], context: Context
    ) -> httpbody_pb2.HttpBody:
        """Queue a job."""
        first = await first_piece(requests)
        kind = first.content_type.partition(";")[0].strip().lower()
        if kind == responses.JSON:
            form = _validated(_parsed(await whole_body(first, requests)))
            view = await self._jobs.submit(caller(), self._request(form), store=not form.validate_only)
            return await responses.reply(context, messages.job(view), 200 if form.validate_only else 201)
        if kind != "multipart/form-data":
            raise InvalidRequestError(
                f"A job comes as multipart/form-data with a video, or as {responses.JSON} with a video_id; "
                f"not as {kind or 'nothing'}.",
                field="Content-Type",
            )
        view = await self._with_video(first, requests, announced_length(context))
        return await responses.reply(context, messages.job(view), 201)

    async def _with_video(
        self, first: httpbody_pb2.HttpBody, rest: AsyncIterator[httpbody_pb2.HttpBody], announced: int
    ) -> JobView:
        form = Form(first.content_type, "video")
        async with AsyncExitStack() as stack:
            upload = await stack.enter_async_context(self._streaming_uploads.open(announced))
            for piece in form.feed(first.data):
                await upload.write(piece)
            async for message in rest:
                for piece in form.feed(message.data):
                    await upload.write(piece)
            # A caller that went away ends the stream as if all were said; this await is where its absence shows.
            await asyncio.sleep(0)
            form.end()
            request = self._request(_validated(_fields(form.fields)))
            await self._jobs.check(replace(request, video_id=upload.video_id))
            kept = stack.pop_all()
        # All of it is here: whether the caller waits for the answer makes no difference any more.
        return await asyncio.shield(self._submit(kept, upload, form.filename or "video", request))

    async def _submit(
        self, stack: AsyncExitStack, upload: StreamingUpload, filename: str, request: JobRequest
    ) -> JobView:
        principal = caller()
        async with stack:
            video = await self._streaming_uploads.accept(principal, upload, filename)
        try:
            return await self._jobs.submit(principal, replace(request, video_id=video.id))
        except VideoAnnotatorError:
            await self._uploads.remove(principal, video.id)
            raise

    def _request(self, form: JobForm) -> JobRequest:
        config, warnings = translate(self._registry, form.config or {})
        others = form.model_dump(exclude={"pipelines", "outputs", "config", "validate_only"})
        return JobRequest(
            pipelines=tuple(form.pipelines), outputs=tuple(form.outputs), config=config, warnings=warnings, **others
        )


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidRequestError(f"The body is not JSON: {error}", field="body") from error


def _fields(fields: Mapping[str, str]) -> dict[str, Any]:
    """Return the fields of a form as JSON would have them; other fields are ignored."""
    found: dict[str, Any] = {"pipelines": _listed(fields.get("selected_pipelines", fields.get("pipelines", "")))}
    found["pipelines"] = found["pipelines"] or list(_DEFAULT_PIPELINES)
    found["outputs"] = _listed(fields.get("outputs", ""))
    for name in ("config", "labels", "priority", "max_attempts", "retention_days"):
        if text := fields.get(name, "").strip():
            found[name] = _json_field(name, text)
    return found


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _json_field(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        message = f"{name} is not JSON: {error}"
        violation = Violation(name, "INVALID_TYPE", message)
        raise InvalidRequestError(message, violations=[violation]) from error


def _validated(content: Any) -> JobForm:
    try:
        form = JobForm.model_validate(content)
        json.dumps(form.config, allow_nan=False)
    except ValidationError as error:
        violations = [_violation(dict(problem)) for problem in error.errors(include_url=False)]
        raise InvalidRequestError(violations[0].message, violations=violations) from error
    except ValueError as error:
        raise InvalidRequestError("config has a number that is not finite.", field="config") from error
    return form


def _violation(problem: dict[str, Any]) -> Violation:
    path = ".".join(str(part) for part in problem["loc"]) or "body"
    if problem["type"] == "extra_forbidden":
        return Violation(path, "UNKNOWN_FIELD", f"A job has no field {path}.", list(JobForm.model_fields))
    return Violation(path, "INVALID_TYPE", f"{path}: {problem['msg'][:1].lower()}{problem['msg'][1:]}")
