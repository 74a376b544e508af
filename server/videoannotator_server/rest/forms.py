"""multipart/form-data, read while it arrives: fields are gathered, the bytes of the one file are handed on."""

from __future__ import annotations

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, MultipartState, parse_options_header

from videoannotator.errors import InvalidRequestError

_MAX_FIELD_BYTES = 2**20
_MAX_PARTS = 100


class Form:
    """A form with one file in the field ``file_field``."""

    def __init__(self, content_type: str, file_field: str) -> None:
        """Prepare; InvalidRequestError if the content type is none of a form."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        if kind != b"multipart/form-data" or not boundary:
            raise InvalidRequestError(
                "The content type must be multipart/form-data with a boundary.", field="Content-Type"
            )
        self.fields: dict[str, str] = {}
        self.filename: str | None = None
        self._file_field = file_field
        self._headers: dict[bytes, bytes] = {}
        self._name = self._value = b""
        self._part = ""
        self._parts = self._field_bytes = 0
        self._content = bytearray()
        self._pieces: list[memoryview] = []
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header_name,
                "on_header_value": self._header_value,
                "on_header_end": self._header_end,
                "on_headers_finished": self._describe,
                "on_part_data": self._take,
                "on_part_end": self._finish,
            },
        )

    def feed(self, data: bytes) -> list[memoryview]:
        """Read the next bytes of the body; return what is in them of the file.

        Raises:
            InvalidRequestError: This is not a form, or there is too much in it.
        """
        self._pieces = []
        try:
            self._parser.write(data)
        except MultipartParseError as error:
            raise InvalidRequestError(f"The body is not a multipart form: {error}", field="body") from error
        return self._pieces

    def end(self) -> None:
        """Say that the body has ended; InvalidRequestError if it should not have, or has no file."""
        if self._parser.state != MultipartState.END:
            raise InvalidRequestError("The body ends before its closing boundary: it was cut short.", field="body")
        if self.filename is None:
            raise InvalidRequestError(f"The form has no file in its field {self._file_field}.", field=self._file_field)

    def _begin(self) -> None:
        self._parts += 1
        if self._parts > _MAX_PARTS:
            raise InvalidRequestError(f"A form may have {_MAX_PARTS} parts at the most.", field="body")
        self._headers, self._content = {}, bytearray()

    def _header_name(self, data: bytes, start: int, end: int) -> None:
        self._name += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._name.lower()] = self._value
        self._name = self._value = b""

    def _describe(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._part = options.get(b"name", b"").decode("utf-8", "replace")
        if self._part == self._file_field:
            if self.filename is not None:
                raise InvalidRequestError(f"The form has {self._file_field} twice.", field=self._file_field)
            self.filename = options.get(b"filename", b"").decode("utf-8", "replace") or "video"

    def _take(self, data: bytes, start: int, end: int) -> None:
        if self._part == self._file_field:
            self._pieces.append(memoryview(data)[start:end])
            return
        self._field_bytes += end - start
        if self._field_bytes > _MAX_FIELD_BYTES:
            raise InvalidRequestError(f"The fields of a form may have {_MAX_FIELD_BYTES} bytes together.", field="body")
        self._content += data[start:end]

    def _finish(self) -> None:
        if self._part == self._file_field:
            return
        text = self._content.decode("utf-8", "replace")
        # A field given several times is a list.
        self.fields[self._part] = f"{self.fields[self._part]},{text}" if self._part in self.fields else text
