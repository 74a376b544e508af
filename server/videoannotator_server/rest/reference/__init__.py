"""The REST contract for programs and for people: an OpenAPI document, and a page that shows it without the internet."""

from __future__ import annotations

from importlib.resources import files

from google.api import httpbody_pb2

from videoannotator.rest.v1 import rest_pb2
from videoannotator_server.context import Context
from videoannotator_server.rest.responses import JSON


class ReferenceHandlers:
    """The calls that tell what REST can do."""

    def __init__(self) -> None:
        here = files(__package__)
        self._document = here.joinpath("openapi.json").read_bytes()
        self._page = here.joinpath("page.html").read_bytes()

    async def GetOpenApi(self, request: rest_pb2.GetOpenApiRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return the document."""
        return httpbody_pb2.HttpBody(content_type=JSON, data=self._document)

    async def GetReference(self, request: rest_pb2.GetReferenceRequest, context: Context) -> httpbody_pb2.HttpBody:
        """Return the page."""
        return httpbody_pb2.HttpBody(content_type="text/html; charset=utf-8", data=self._page)
