"""REST is derived from the native services, and what cannot be derived is written by hand."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import MethodDescriptor
from videoannotator_server.grpc_services import SERVICES
from videoannotator_server.interceptors.auth import required_scope
from videoannotator_server.rest.service import REST, GrpcService, handlers

from videoannotator.errors import error_classes
from videoannotator.service.auth.access import Scope

NATIVE = {method.name: method for service in SERVICES for method in service.methods}
ENVOY = (Path(__file__).parents[3] / "envoy" / "envoy.yaml").read_text()


def test_every_native_call_has_a_twin() -> None:
    assert set(NATIVE) - {method.name for method in REST.methods} == set()


@pytest.mark.parametrize("method", list(REST.methods), ids=lambda method: method.name)
def test_a_twin_needs_the_scope_of_its_native_call(method: MethodDescriptor) -> None:
    scope = required_scope(f"/{REST.full_name}/{method.name}")
    if method.name in NATIVE:
        assert scope == required_scope(f"/{NATIVE[method.name].containing_service.full_name}/{method.name}")
    else:
        assert scope in (None, Scope.READ)  # whatever changes something has a native call


def test_a_call_that_nobody_thought_of_needs_an_administrator() -> None:
    assert required_scope(f"/{REST.full_name}/DropEverything") is Scope.ADMIN


def test_a_call_that_is_neither_derived_nor_written_is_told_at_start() -> None:
    with pytest.raises(TypeError, match="not written by hand"):
        handlers([GrpcService(service, object()) for service in SERVICES], [])


def test_the_codes_of_the_edge_are_those_of_the_taxonomy() -> None:
    known = {each.code: each for each in error_classes()}
    blocks = re.split(r"\n {20}- filter:|\n {18}body_format:", ENVOY)
    found = 0
    for block in blocks:
        code, status = (
            re.search(r"code: ([A-Z_]+)\n", block),
            re.search(r"default_value: (\d+)|status_code: (\d+)", block),
        )
        hint = re.search(r"hint: (.+)\n", block)
        if code is None or status is None or hint is None:
            continue
        found += 1
        assert known[code[1]].http_status == int(status[1] or status[2]), code[1]
        assert known[code[1]].default_hint == hint[1].strip('"'), code[1]
    assert found >= 8
