"""From the calls of RestService to the paths of an OpenAPI document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import MethodDescriptor
from videoannotator_server.interceptors.auth import required_scope

from scripts.openapi.contract import REST, bindings, http_rule, message, twin
from scripts.openapi.schemas import Schema, Schemas
from videoannotator import __version__
from videoannotator.errors import error_classes
from videoannotator.service.auth.access import Scope

_VARIABLE = re.compile(r"\{(\w+)\}")
_JSON = "application/json"
_REFUSALS = {
    400: "Something in the request is missing, malformed or out of range; detail.violations lists all of it.",
    401: "No token, or one that is not valid.",
    403: "The token does not allow this.",
    404: "There is no such thing, or it is someone else's.",
}


class Document:
    """An OpenAPI document in the making; ``extra`` is rest.yaml."""

    def __init__(self, comments: Mapping[str, str], extra: Mapping[str, Any]) -> None:
        self._comments = comments
        self._extra = extra
        self._schemas = Schemas(comments, extra["shapes"], extra["schemas"])

    def content(self) -> dict[str, Any]:
        """Return the whole document."""
        paths: dict[str, Any] = {}
        for method in REST.methods:
            for number, (verb, path) in enumerate(bindings(method)):
                paths.setdefault(path, {})[verb] = self._operation(method, verb, path, number)
        self._schemas.named("Error")
        error = self._schemas.found["Error"]["properties"]["error"]["properties"]
        error["code"]["examples"] = [each.code for each in error_classes()]
        return {
            "openapi": "3.1.0",
            "info": {**self._extra["info"], "version": __version__},
            "servers": [{"url": "/", "description": "The service that this document comes from."}],
            "security": [{"token": []}],
            "tags": self._extra["tags"],
            "paths": dict(sorted(paths.items())),
            "components": {
                "securitySchemes": self._extra["securitySchemes"],
                "responses": self._refusals(),
                "schemas": dict(sorted(self._schemas.found.items())),
            },
        }

    def _operation(self, method: MethodDescriptor, verb: str, path: str, number: int) -> dict[str, Any]:
        text = self._comments[method.full_name]
        extra = self._extra["operations"].get(method.name, {})
        scope = required_scope(f"/{REST.full_name}/{method.name}")
        name = method.name[0].lower() + method.name[1:]
        body = self._body(method, path, extra)
        return {
            "operationId": name if number == 0 else f"{name}_{verb if verb == 'head' else number}",
            "tags": [extra.get("tag") or _tag(path)],
            "summary": text.partition(". ")[0].removesuffix("."),
            "description": f"{text} {_needs(scope)}",
            **({"security": []} if scope is None else {}),
            "parameters": [*self._parameters(method, path), *extra.get("parameters", [])],
            **({"requestBody": body} if body else {}),
            "responses": self._responses(method, verb, path, extra, scope),
        }

    def _parameters(self, method: MethodDescriptor, path: str) -> Iterator[dict[str, Any]]:
        in_path = frozenset(_VARIABLE.findall(path))
        rule = http_rule(method)
        for field in method.input_type.fields:
            if field.name not in in_path and (rule.body == "*" or field.name == rule.body):
                continue
            schema = self._schemas.in_request(field)
            described = {"description": schema.pop("description")} if "description" in schema else {}
            where: dict[str, Any] = {"in": "query"}
            if field.name in in_path:
                where, schema = {"in": "path", "required": True}, {**schema, "minLength": 1}
            yield {"name": field.name, **where, **described, "schema": schema}

    def _body(self, method: MethodDescriptor, path: str, extra: Mapping[str, Any]) -> dict[str, Any] | None:
        if "request" in extra:
            return {"required": True, "content": self._written(extra["request"])}
        if not http_rule(method).body:
            return None
        in_path = frozenset(_VARIABLE.findall(path))
        schema = self._schemas.request(method.input_type, without=in_path)
        if not schema["properties"]:
            return {"required": False, "content": {_JSON: {"schema": {"type": "object"}}}}
        return {"required": "required" in extra, "content": {_JSON: {"schema": self._requiring(schema, extra)}}}

    def _requiring(self, schema: Schema, extra: Mapping[str, Any]) -> Schema:
        return {**schema, "required": extra["required"]} if "required" in extra else schema

    def _written(self, content: Mapping[str, Any]) -> dict[str, Any]:
        """Return media types written by hand; `{"message": "SubmitJobRequest"}` stands for a native request."""
        found = {}
        for kind, schema in content.items():
            if "message" in schema:
                rest = {key: value for key, value in schema.items() if key != "message"}
                schema = {**self._schemas.request(message(schema["message"])), **rest}
            found[kind] = {"schema": self._schemas.resolved(schema)}
        return found

    def _responses(
        self, method: MethodDescriptor, verb: str, path: str, extra: Mapping[str, Any], scope: Scope | None
    ) -> dict[str, Any]:
        found = {}
        for status, written in self._answers(method, extra).items():
            answer = dict(written)
            if verb == "head":
                answer.pop("content", None)
            found[str(status)] = answer
        found["400"] = {"$ref": "#/components/responses/400"}
        if scope is not None:
            found |= {code: {"$ref": f"#/components/responses/{code}"} for code in ("401", "403")}
        if _VARIABLE.search(path):
            found["404"] = {"$ref": "#/components/responses/404"}
        found["default"] = {"$ref": "#/components/responses/default"}
        return dict(sorted(found.items()))

    def _answers(self, method: MethodDescriptor, extra: Mapping[str, Any]) -> dict[int, dict[str, Any]]:
        if "responses" in extra:
            return {
                status: {**written, **({"content": self._written(written["content"])} if "content" in written else {})}
                for status, written in self._shared(extra["responses"]).items()
            }
        status = 201 if method.name.startswith(("Create", "Submit")) else 200
        if "response" in extra:
            return {status: _answer(self._schemas.resolved({"$ref": extra["response"]}))}
        output = twin(method).output_type
        if output.full_name == "google.protobuf.Empty":
            return {204: {"description": "Done."}}
        return {status: _answer(self._schemas.answer(output))}

    def _shared(self, responses: Any) -> Mapping[int, Any]:
        """Return responses; a name stands for what several calls answer."""
        found: Mapping[int, Any] = self._extra["responses"][responses] if isinstance(responses, str) else responses
        return found

    def _refusals(self) -> dict[str, Any]:
        by_status: dict[int, list[str]] = {}
        for each in error_classes():
            by_status.setdefault(each.http_status, []).append(f"`{each.code}`")
        content = {_JSON: {"schema": self._schemas.named("Error")}}
        found = {
            str(status): {"description": f"{text} {', '.join(by_status[status])}.", "content": content}
            for status, text in _REFUSALS.items()
        }
        return {**found, "default": {"description": "Any other error.", "content": content}}


def _answer(schema: Schema) -> dict[str, Any]:
    return {"description": "Done.", "content": {_JSON: {"schema": schema}}}


def _needs(scope: Scope | None) -> str:
    return "Needs no token." if scope is None else f"Needs a token with the scope {scope.label}."


def _tag(path: str) -> str:
    return path.removeprefix("/api/v1/").strip("/").partition("/")[0]
