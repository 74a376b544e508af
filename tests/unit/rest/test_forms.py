"""A form is read the same, however it is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from videoannotator_server.rest.forms import Form

from tests.support.rest import form as written
from videoannotator.errors import InvalidRequestError


def read(body: bytes, kind: str, sizes: list[int]) -> tuple[Form, bytes]:
    """Feed a body in pieces of ``sizes``, and the rest at once."""
    form, file = Form(kind, "video"), b""
    for size in [*sizes, len(body)]:
        piece, body = body[:size], body[size:]
        file += b"".join(bytes(each) for each in form.feed(piece))
    return form, file


@settings(max_examples=200)
@given(
    st.dictionaries(st.sampled_from(["config", "selected_pipelines", "x"]), st.text(max_size=30), max_size=3),
    st.binary(max_size=300) | st.sampled_from([b"\r\n--", b"\r\n\r\n--", b"-" * 100]),
    st.lists(st.integers(0, 60), max_size=30),
)
def test_pieces_make_no_difference(fields: dict[str, str], data: bytes, sizes: list[int]) -> None:
    body, kind = written(fields, "ä b.mp4", data)
    form, file = read(body, kind, sizes)
    form.end()
    assert file == data
    assert form.filename == "ä b.mp4"
    assert form.fields == fields


@given(st.binary(max_size=100), st.data())
def test_a_form_that_is_cut_short_never_passes_for_whole(data: bytes, cut: st.DataObject) -> None:
    body, kind = written({"config": "{}"}, "a.mp4", data)
    whole = len(body) - 2  # the last line break says nothing more
    short = body[: cut.draw(st.integers(0, whole - 1))]
    form, _ = read(short, kind, [])
    with pytest.raises(InvalidRequestError):
        form.end()


@pytest.mark.parametrize("kind", ["", "text/plain", "multipart/form-data", "multipart/mixed; boundary=x"])
def test_only_forms_are_forms(kind: str) -> None:
    with pytest.raises(InvalidRequestError):
        Form(kind, "video")


def test_fields_may_not_fill_the_memory() -> None:
    body, kind = written({"config": "x" * (2**20 + 1)}, "a.mp4", b"")
    with pytest.raises(InvalidRequestError, match="bytes together"):
        Form(kind, "video").feed(body)


def test_there_is_a_limit_to_parts() -> None:
    body, kind = written({f"field{number}": "" for number in range(200)}, "a.mp4", b"")
    with pytest.raises(InvalidRequestError, match="parts"):
        Form(kind, "video").feed(body)


def test_a_field_given_twice_is_a_list() -> None:
    body, kind = written({"selected_pipelines": "a"}, "a.mp4", b"")
    boundary = b"--" + kind.partition("=")[2].encode()
    again = boundary + b'\r\nContent-Disposition: form-data; name="selected_pipelines"\r\n\r\nb\r\n' + body
    form, _ = read(again, kind, [])
    assert form.fields["selected_pipelines"] == "b,a"
