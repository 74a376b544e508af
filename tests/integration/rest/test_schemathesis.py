"""Requests that a machine thinks up from the OpenAPI document, right and wrong ones, through the real Envoy."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.support.rest import ENVELOPE
from tests.support.service import Service

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "openapi.yaml"
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
]

_config = SchemathesisConfig.from_dict({"generation": {"database": "none", "deterministic": True}})
schema = schemathesis.openapi.from_path(DOCUMENT, config=_config)


@pytest.fixture(scope="module")
def known(rest_service: Service, finished: dict[str, Any]) -> dict[str, str]:
    """What path parameters may name: things that are there."""
    artifact = finished["pipelines"][0]["artifacts"][0]
    return {
        "job_id": finished["id"],
        "video_id": finished["video_id"],
        "artifact_id": artifact["id"],
        "name": artifact["name"],
        "pipeline": "scene_detection",
    }


@pytest.mark.slow
@schema.parametrize()
@settings(
    max_examples=8,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_no_request_breaks_the_service(case: schemathesis.Case, rest_service: Service, known: dict[str, str]) -> None:
    if case.method != "DELETE" and sum(map(len, map(str, case.path_parameters.values()))) % 2:
        case.path_parameters.update({key: known[key] for key in case.path_parameters if key in known})
    headers = {"authorization": f"Bearer {rest_service.token}"}
    response = case.call(base_url=rest_service.url, headers=headers, timeout=20)
    case.validate_response(response, checks=CHECKS)
    if response.status_code >= 400 and case.method != "HEAD":
        content = response.json()
        assert set(content) == {"error", "detail"}
        assert set(content["error"]) == ENVELOPE
