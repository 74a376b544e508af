"""The OpenAPI document tells the truth: every answer of the service is held against it, key by key."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from tests.support.rest import Answer, Rest

ROOT = Path(__file__).resolve().parents[3]
SERVED = ROOT / "server" / "videoannotator_server" / "rest" / "reference" / "openapi.json"
DOCUMENT: dict[str, Any] = json.loads(SERVED.read_text())
OPERATIONS = {
    operation["operationId"]: operation for verbs in DOCUMENT["paths"].values() for operation in verbs.values()
}

Call = Callable[[Rest, dict[str, Any], Path], Answer]


def _announce(rest: Rest, _: dict[str, Any], video: Path) -> Answer:
    return rest.post("/api/v1/videos", {"filename": video.name, "size_bytes": video.stat().st_size})


def _write(rest: Rest, finished: dict[str, Any], video: Path) -> Answer:
    announced = _announce(rest, finished, video).json()
    return rest.put(f"/api/v1/videos/{announced['id']}?offset=0", video.read_bytes())


def _submit(rest: Rest, finished: dict[str, Any], video: Path) -> Answer:
    return rest.post("/api/v1/jobs", {"video_id": finished["video_id"], "pipelines": ["scene"], "priority": -100})


def _cancel(rest: Rest, finished: dict[str, Any], video: Path) -> Answer:
    job = _submit(rest, finished, video).json()
    return rest.post(f"/api/v1/jobs/{job['id']}/cancel", {"reason": "enough"})


def _retry(rest: Rest, finished: dict[str, Any], video: Path) -> Answer:
    job = _cancel(rest, finished, video).json()
    for event in rest.events(f"/api/v1/jobs/{job['id']}/events"):
        assert event
    return rest.post(f"/api/v1/jobs/{job['id']}/retry", {})


def _get(path: str) -> Call:
    return lambda rest, finished, _: rest.get(path.format(**finished))


def _validate(path: str, config: dict[str, Any]) -> Call:
    return lambda rest, *_: rest.post(path, {"config": config})


ANSWERS: dict[str, Call] = {
    "cancelJob": _cancel,
    "checkHealth": _get("/api/v1/health?detailed=true"),
    "createToken": lambda rest, *_: rest.post("/api/v1/tokens", {"name": "reader", "scope": "read"}),
    "createVideo": _announce,
    "getBriefHealth": _get("/health"),
    "getDatabaseInfo": _get("/api/v1/system/database"),
    "getHealth": _get("/api/v1/system/health"),
    "getJob": _get("/api/v1/jobs/{id}"),
    "getJobResults": _get("/api/v1/jobs/{id}/results"),
    "getPipeline": _get("/api/v1/pipelines/person_tracking"),
    "getPipelineForm": _get("/api/v1/pipelines/person_tracking/schema"),
    "getPipelineForm_1": _get("/api/v1/pipelines/schema/scene"),
    "getServerInfo": _get("/api/v1/version"),
    "getServerInfo_1": _get("/version"),
    "getSystemConfig": _get("/api/v1/system/config"),
    "getSystemMetrics": _get("/api/v1/system/metrics"),
    "getVideo": _get("/api/v1/videos/{video_id}"),
    "listArtifacts": _get("/api/v1/artifacts?job_id={id}"),
    "listJobs": _get("/api/v1/jobs?per_page=3"),
    "listPipelines": _get("/api/v1/pipelines?include_unavailable=true"),
    "listTokens": _get("/api/v1/tokens"),
    "listVideos": _get("/api/v1/videos"),
    "retryJob": _retry,
    "submitJob": _submit,
    "validateConfig": _validate("/api/v1/config/validate", {"scene_detection": {"threshold": "x", "model": 1}}),
    "validatePipelineConfig": _validate("/api/v1/pipelines/scene/validate", {"threshold": 20}),
    "writeVideo": _write,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_as_described(name: str, rest: Rest, finished: dict[str, Any], short_video: Path) -> None:
    answer = ANSWERS[name](rest, finished, short_video)
    described = OPERATIONS[name]["responses"][str(answer.status)]
    schema = described["content"]["application/json"]["schema"]
    content = answer.json()
    errors = [str(error) for error in _validator(schema).iter_errors(content)]
    assert not errors
    assert not list(_undescribed(schema, content))


def test_every_json_answer_is_looked_at() -> None:
    described = {
        name
        for name, operation in OPERATIONS.items()
        for status, response in operation["responses"].items()
        if status.startswith("2") and "application/json" in response.get("content", {})
    }
    assert described - set(ANSWERS) == {"getOpenApi"}


def test_an_error_is_as_described(rest: Rest) -> None:
    answer = rest.get("/api/v1/jobs?page=-1")
    schema = {"$ref": "#/components/schemas/Error"}
    assert _validator(schema).is_valid(answer.json())
    assert not list(_undescribed(schema, answer.json()))


def test_an_event_is_as_described(rest: Rest, finished: dict[str, Any]) -> None:
    for event in rest.events(f"/api/v1/jobs/{finished['id']}/events"):
        assert _validator({"$ref": "#/components/schemas/Event"}).is_valid(event["data"])


def test_the_document_and_its_page_are_served_without_a_token(rest: Rest) -> None:
    document = rest.get("/openapi.json", token="")
    assert document.status == 200
    assert document.json() == DOCUMENT
    page = rest.get("/docs/", token="")
    assert page.status == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"


def test_the_page_names_no_other_host() -> None:
    assert "//" not in (SERVED.parent / "page.html").read_text().replace("    //", "")


def test_the_document_is_valid_openapi() -> None:
    import schemathesis

    schema = schemathesis.openapi.from_dict(DOCUMENT)
    schema.validate()
    assert len(OPERATIONS) == sum(len(verbs) for verbs in DOCUMENT["paths"].values())


def _validator(schema: dict[str, Any]) -> Any:
    whole = {"components": DOCUMENT["components"], "allOf": [schema]}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


def _undescribed(schema: dict[str, Any], value: Any, path: str = "$") -> Iterator[str]:
    """Yield the keys of a value that a schema does not name."""
    properties, others, items = _inside(schema)
    if isinstance(value, list) and items is not None:
        for index, each in enumerate(value):
            yield from _undescribed(items, each, f"{path}[{index}]")
    if not isinstance(value, dict) or (not properties and others is None):
        return
    for key, each in value.items():
        below = properties.get(key, others)
        if below is None:
            yield f"{path}.{key}"
        else:
            yield from _undescribed(below, each, f"{path}.{key}")


def _inside(schema: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None, dict[str, Any] | None]:
    """Return the schemas of the properties, of all other keys and of the items."""
    if "$ref" in schema:
        return _inside(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    properties = dict(schema.get("properties", {}))
    others, items = schema.get("additionalProperties"), schema.get("items")
    for part in [*schema.get("allOf", []), *schema.get("anyOf", [])]:
        more, other, item = _inside(part)
        properties |= more
        others, items = others or other, items or item
    return properties, {} if others is True else others, items
