"""Fields of JSON objects found by a kernel: the same as Python's own parser finds."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedup.corpus.json_decoder import FieldDecoder
from dedup.kernels.json_fields import read_objects
from dedup.kernels.json_strings import PADDING
from dedup.model import Ragged
from tests.corpus.reading import decodes

NAMES = ("text", "id", "te", "näme", "")
TEXTS = st.text(st.sampled_from('ab"\\/\b\n\x00{}[],:é😀 ')) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=100
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
OTHERS = st.dictionaries(st.sampled_from(NAMES) | st.text("xyz"), VALUES, max_size=4)
OBJECTS = st.builds(
    lambda before, body, after: {**before, "body": body, **after}, OTHERS, TEXTS, OTHERS
)


def found(*objects: bytes) -> list[dict[str, Any]] | None:
    """Return what the kernel finds: the text, and the values of ``NAMES``, where they are."""
    data = b"".join(objects)
    names = Ragged.from_bytes([name.encode() for name in ("body", *NAMES)])
    spans = np.empty((len(NAMES), len(objects), 2), np.int64)
    ends = np.cumsum(list(map(len, objects)))
    texts = Ragged(np.empty(len(data) + PADDING, np.uint8), np.empty(len(ends) + 1, np.int64))
    keys = names.data, names.offsets[1:]
    array = np.frombuffer(data, np.uint8)
    if not read_objects(array, ends, *keys, spans, texts.data, texts.offsets):
        return None
    return [
        {"body": text}
        | {
            name: json.loads(data[slice(*spans[place, row])])
            for place, name in enumerate(NAMES)
            if spans[place, row, 0] >= 0
        }
        for row, text in enumerate(texts.strings())
    ]


def with_body(data: bytes, body: bytes = b'"the body"') -> bytes:
    """Return an object with a text before all else in it."""
    comma = b"" if data.lstrip(b" {").startswith(b"}") else b", "
    return data.replace(b"{", b'{"body": ' + body + comma, 1)


def expected(data: bytes) -> dict[str, Any] | None:
    """Return what Python's parser finds; None where that is no plain object."""
    try:
        text = data.decode()
        value = json.loads(text, parse_constant=_refused)
        json.dumps(value, ensure_ascii=False).encode()  # no lone surrogates
    except ValueError:
        return None
    plain = isinstance(value, dict) and isinstance(value.get("body"), str)
    return value if plain else None


def _refused(word: str) -> None:
    message = f"{word} is no JSON"
    raise ValueError(message)


def known(value: dict[str, Any] | None) -> dict[str, Any] | None:
    return value and {name: value[name] for name in ("body", *NAMES) if name in value}


@given(st.lists(st.tuples(OBJECTS, st.booleans(), st.sampled_from([None, 0, 2])), max_size=4))
@settings(max_examples=200)
def test_the_fields_of_any_objects_are_found(
    cases: list[tuple[dict[str, Any], bool, int | None]],
) -> None:
    objects = [
        json.dumps(value, ensure_ascii=ascii_only, indent=indent)
        for value, ascii_only, indent in cases
    ]
    assert found(*(f" {text}\r\n".encode() for text in objects)) == [
        known(value) for value, _, _ in cases
    ]


@given(OBJECTS, st.data())
@settings(max_examples=600)
def test_what_is_accepted_is_what_a_parser_accepts(value: dict[str, Any], draw: Any) -> None:
    data = json.dumps(value, ensure_ascii=draw.draw(st.booleans())).encode()
    at = draw.draw(st.integers(0, len(data)))
    end = draw.draw(st.integers(at, min(len(data), at + 3)))
    instead = draw.draw(st.text('0e.-+"\\{}[],:u dDaA8cntrfls\t\n\x0b\x01', max_size=3))
    broken = data[:at] + instead.encode() + data[end:]
    parsed = expected(broken)
    if parsed is None:
        if decodes(broken):  # that bytes are UTF-8 is for another kernel to say
            assert found(broken) is None
    else:
        assert found(broken) == [known(parsed)]


GOOD = [
    b"{}",
    b' \t\r\n{ "text" :\t"a" , "id":1 } ',
    b'{"text": "twice", "text": "the second time"}',
    b'{"te": "\\u00e9\\uD83D\\ude00\\/\\"\\\\"}',
    b'{"text": [[], {}, [{"x": [1, 2.5e-7, -0, 1E+9]}], true, false, null]}',
    b'{"x": {"text": "not this one"}, "text": "this one"}',
    b'{"texts": 1, "tex": 2, "": 3}',
    b'{"text": ' + b"[" * 64 + b"]" * 64 + b"}",
    b'{"text": "' + b"x" * 200 + b'"}',
    b'{"te\\u0078t": "an escaped name", "n\\u00e4me": 1, "te\\n": 2}',
    b'{"b\\u006fdy": "longer than the one before"}',
]
BAD = [
    b"",
    b"{",
    b"}",
    b"[]",
    b'"text"',
    b"{}{}",
    b'{"text": "a"} x',
    b'{"text": "a",}',
    b'{"text" "a"}',
    b'{"text": }',
    b'{text: "a"}',
    b'{"text": "a}',
    b'{"text": "a\nb"}',
    b'{"text": "\\x"}',
    b'{"text": "\\u12"}',
    b'{"text": "\\u12g4"}',
    b'{"text": "\\ud800"}',
    b'{"text": "\\ud800\\n"}',
    b'{"text": "\\ud800\\ud800"}',
    b'{"text": "\\udc00"}',
    b'{"text": 01}',
    b'{"text": 1.}',
    b'{"text": .5}',
    b'{"text": -}',
    b'{"text": 1e}',
    b'{"text": +1}',
    b'{"text": nul}',
    b'{"text": falsy}',
    b'{"text": NaN}',
    b'{"text": [1, 2}',
    b'{"text": [1 2]}',
    b'{"text": [1, ]}',
    b'{"text": {"a"}}',
    b'{"text": {"a": 1]}',
    b'{"text": {1: 1}}',
    b'{"text": ' + b"[" * 65 + b"]" * 65 + b"}",
]


@pytest.mark.parametrize("data", GOOD)
def test_plain_objects_are_read_wherever_they_stand(data: bytes) -> None:
    for around in (b"", b" " * 70):  # with and without a block of 64 bytes behind them
        whole, other = with_body(data), with_body(b"{}")
        one = known(expected(whole))
        assert one is not None
        assert found(whole, other + around, whole) == [one, {"body": "the body"}, one]


@pytest.mark.parametrize("data", BAD)
def test_what_is_no_plain_object_is_refused_wherever_it_stands(data: bytes) -> None:
    for around in (b"", b" " * 70):
        whole, other = with_body(data), with_body(b"{}")
        assert found(other, whole, other + around) is None
        assert found(whole) is None


def test_objects_cut_off_anywhere_are_refused() -> None:
    fields = {"body": 'a "b" é', "id": [1.5, None, {"x": True}], "text": "behind"}
    whole, other = json.dumps(fields).encode(), with_body(b"{}")
    assert found(whole, other) is not None
    for length in range(len(whole)):
        assert found(whole[:length], b" " * 70 + other) is None
        assert found(other, whole[:length]) is None


STRINGS = [data[9:-1] for data in BAD if data.startswith(b'{"text": "')]


@pytest.mark.parametrize("body", [*STRINGS, b"null", b"7", b"[]", b"{}", b"true"])
def test_a_text_that_is_no_sound_string_is_refused(body: bytes) -> None:
    for around in (b"", b" " * 70):
        assert found(with_body(b'{"id": 1}', body) + around) is None
        assert found(with_body(b'{"body": "the first one"}'), with_body(b"{}", body)) is None


def test_of_several_texts_the_last_one_counts() -> None:
    other = b'{"body": "a", "id": 2}'
    assert found(b'{"body": "longer than the next", "body": "b\\u00e9"}', other) == [
        {"body": "bé"},
        {"body": "a", "id": 2},
    ]
    assert found(b'{"body": "a text", "body": null}') is None
    assert found(b'{"body": null, "body": "a text"}') == [{"body": "a text"}]
    assert found(b'{"id": 1}') is None


@pytest.mark.parametrize("further", [1, 2, 700])
def test_fields_are_columns_of_texts_or_of_values(further: int) -> None:
    records = [
        {"text": f"text {n}", "id": n, "title": "T" if n % 2 else None, "a": {"b": n}}
        for n in range(further)
    ]
    lines = [json.dumps(record).encode() + b"\n" for record in records]
    decoder = FieldDecoder("text", ["id", "title", "a.b", "none"])
    data = b"".join(lines)
    ends = decoder.line_ends(data)
    assert ends.tolist() == np.cumsum(list(map(len, lines))).tolist()
    decoded = decoder.decode(data, ends)
    assert decoded is not None
    assert decoded.texts.strings() == [record["text"] for record in records]
    assert decoded.column("id") == [record["id"] for record in records]
    assert decoded.column("a.b") == [record["a"]["b"] for record in records]
    titles = decoded.column("title")
    assert isinstance(titles, Ragged)
    assert titles.strings() == [record["title"] or "" for record in records]
    assert decoded.column("none") is None
