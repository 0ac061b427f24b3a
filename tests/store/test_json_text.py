"""Strict JSON text: every fault is one typed error with its place; writing is stable."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pytest_opswald.errors import GoldenConflict, GoldenCorrupt
from pytest_opswald.store import json_text

PATH = Path("goldens/test_refund.json")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=25,
)


def ordered(value: Any) -> str:
    return json.dumps(value)


def fault_of(content: bytes) -> GoldenCorrupt | None:
    try:
        json_text.parse(content, PATH)
    except GoldenCorrupt as fault:
        return fault
    return None


@given(documents)
def test_what_is_written_is_read_back(document: Any) -> None:
    """Any JSON value survives, with its key order and number types."""
    text = json_text.dump(document)

    assert ordered(json_text.parse(text.encode(), PATH)) == ordered(document)


@given(documents, st.integers(min_value=0), st.sampled_from(['"', ",", "}", "[", "x", "\\", ""]))
def test_any_mutation_is_read_or_refused_with_a_place(document: Any, at: int, char: str) -> None:
    """A damaged file either still is JSON or raises GoldenCorrupt inside the file."""
    text = json_text.dump(document)
    at %= len(text)
    damaged = text[:at] + char + text[at + 1 :]

    fault = fault_of(damaged.encode("utf-8", "surrogatepass"))

    if fault:
        assert 1 <= fault.line <= damaged.count("\n") + 1
        assert fault.problem != "not readable as JSON"


def test_short_objects_stay_on_one_line() -> None:
    """What fits in the width is not broken up; what does not is indented by one."""
    text = json_text.dump({"short": {"a": 1, "b": [1, 2]}, "long": ["x" * 60, "y" * 60]})

    assert text.splitlines() == [
        "{",
        ' "short": {"a": 1, "b": [1, 2]},',
        ' "long": [',
        f'  "{"x" * 60}",',
        f'  "{"y" * 60}"',
        " ]",
        "}",
    ]


def test_text_is_kept_readable_and_lone_surrogates_escaped() -> None:
    """Other scripts are written as they are; half a surrogate pair cannot be."""
    text = json_text.dump(["Grüße 🙂", "\ud83d"])

    assert text == '["Grüße 🙂", "\\ud83d"]\n'
    assert json_text.parse(text.encode(), PATH) == ["Grüße 🙂", "\ud83d"]


def test_nan_is_never_written() -> None:
    """What a strict reader would refuse is refused on writing."""
    with pytest.raises(ValueError, match="JSON"):
        json_text.dump({"score": float("nan")})


@pytest.mark.parametrize(
    "content",
    [b'\xef\xbb\xbf{"a": 1}', b'{\r\n "a": 1\r\n}\r\n', b'{"a": 1}'],
    ids=["byte order mark", "CRLF", "no line end"],
)
def test_what_editors_do_is_tolerated(content: bytes) -> None:
    """A byte order mark and Windows line ends change nothing."""
    assert json_text.parse(content, PATH) == {"a": 1}


@pytest.mark.parametrize(
    ("content", "place", "problem"),
    [
        (b"", "1:1", "empty"),
        (b" \n\n", "1:1", "empty"),
        (b'{"a": 1,\n "b": {"c": 1,\n  "c": 2}}', "3:3", 'key "c" appears twice'),
        (b'{"a":\n NaN}', "2:2", "NaN stands where a value should"),
        (b'{"a": [\n-Infinity]}', "2:1", "-Infinity stands where a value should"),
        (b'{"a": 1,\n "b": "cut of', "2:7", "ends inside a string"),
        (b'{"a": [1, 2', "1:12", "cut off"),
        (b'{"a": 1', "1:8", "cut off"),
        (b'{"a": 1,}', "1:9", "} stands where a key"),
        (b"[1, 2,]", "1:7", "] stands where a value"),
        (b"{'a': 1}", "1:2", "a key in double quotes"),
        (b'{"a" 1}', "1:6", "`:`"),
        (b'{"a": 1} x', "1:10", "follows the end"),
        (b'{"a": "\n"}', "1:8", "control character"),
        (b'{"a": "\\x"}', "1:8", "escape"),
        (b'{"a": tru}', "1:7", "tru stands where a value"),
        (b'{"a": 01}', "1:7", "01 stands where a value"),
        (b'{"a": ' + b"9" * 5000 + b"}", "1:7", "too many digits"),
        (b"[" * 201 + b"]" * 201, "1:201", "deeper than 200"),
        (b"[" * 100_000, "1:201", "deeper than 200"),
        (b'{"a":' * 100_000, "1:1001", "deeper than 200"),
        (b'{"a": 1}\n\xff\xfe', "2:1", "not UTF-8"),
        ('{"a": 1}'.encode("utf-16"), "1:1", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\x00", "1:1", "not UTF-8"),
        (b"\x00\x00", "1:1", "stands where a value"),
    ],
    ids=lambda value: None if isinstance(value, bytes) else value,
)
def test_a_bad_file_is_named_with_line_and_column(content: bytes, place: str, problem: str) -> None:
    """Every fault is GoldenCorrupt with `path:line:column`, what is wrong and what to do."""
    with pytest.raises(GoldenCorrupt) as caught:
        json_text.parse(content, PATH)

    assert str(caught.value).startswith(f"{PATH}:{place}: ")
    assert problem in caught.value.problem
    assert "--opswald-record" in caught.value.remedy


def test_nesting_up_to_the_limit_is_read() -> None:
    """200 levels are deep, not too deep."""
    assert json_text.parse(b"[" * 200 + b"]" * 200, PATH)


def test_conflict_markers_are_named_before_anything_else() -> None:
    """A merge conflict is reported as such, at its line, with the git command."""
    content = b'{\n "a": 1,\n<<<<<<< HEAD\n "b": 1\n=======\n "b": 2\n>>>>>>> theirs\n}\n'

    with pytest.raises(GoldenConflict, match=r"json:3:1: merge conflict") as caught:
        json_text.parse(content, PATH)

    assert "git checkout --ours" in caught.value.remedy


def test_a_file_cut_anywhere_is_refused() -> None:
    """Truncation never yields a shorter golden."""
    text = json_text.dump({"steps": [{"message": "Grüße", "n": 1.5}] * 3}).encode()

    for end in range(len(text) - 1):
        with pytest.raises(GoldenCorrupt):
            json_text.parse(text[:end], PATH)
