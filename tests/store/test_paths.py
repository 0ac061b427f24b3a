"""Golden names: readable where they can be, injective and portable always."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pytest_opswald.store.paths import golden_name, golden_path

tests = st.text(min_size=1, max_size=320) | st.from_regex(
    r"[tT]est_[ab/:.\[\]_-]{1,8}", fullmatch=True
)
modules = st.sampled_from(["test_refund.py", "test_Refund.py", "con.py", "test_refund.md", "a.py"])


@pytest.mark.parametrize(
    ("nodeid", "name"),
    [
        ("tests/test_refund.py::test_sent", "goldens/test_refund.test_sent.json"),
        ("tests/test_refund.py::test_refund", "goldens/test_refund.json"),
    ],
    ids=["function", "named as its module"],
)
def test_plain_tests_have_plain_names(nodeid: str, name: str) -> None:
    """A function test needs no hash: file and function spell its golden."""
    assert golden_path(Path("tests/test_refund.py"), nodeid) == Path("tests") / name


@pytest.mark.parametrize(
    ("test", "shape"),
    [
        ("TestEU::test_sent", r"test_refund\.TestEU\.test_sent-[0-9a-f]{8}"),
        ("test_sent[a/b]", r"test_refund\.test_sent\.a-b-[0-9a-f]{8}"),
        ("test_sent[Grüße 🙂]", r"test_refund\.test_sent\.Gru-?e-[0-9a-f]{8}"),
        ("test_sent[../../etc/passwd]", r"test_refund\.test_sent\.etc-passwd-[0-9a-f]{8}"),
    ],
    ids=["class", "slash", "unicode", "parent folders"],
)
def test_other_tests_have_a_slug_and_a_hash(test: str, shape: str) -> None:
    """Classes and parameters stay readable; a hash keeps them apart."""
    assert re.fullmatch(shape, golden_name("test_refund.py", f"tests/test_refund.py::{test}"))


@given(modules, tests, modules, tests)
@example("a.py", "test[a/b]", "a.py", "test[a_b]")
@example("a.py", "test[a:b]", "a.py", "test[a?b]")
@example("a.py", "test[é]", "a.py", unicodedata.normalize("NFD", "test[é]"))
@example("a.py", "test[A]", "a.py", "test[a]")
@example("a.py", "a", "a.md", "a")
@example("a.py", "t" * 220 + "1", "a.py", "t" * 220 + "2")
def test_two_tests_never_share_a_golden(one: str, first: str, other: str, second: str) -> None:
    """Different tests have different names, also where letters' case is ignored."""
    if (one, first) != (other, second):
        names = {
            golden_name(m, f"x/{m}::{t}").casefold() for m, t in ((one, first), (other, second))
        }

        assert len(names) == 2


@given(modules, tests)
@example("a.py", "../../../etc/passwd")
@example("a.py", "nul\x00byte")
@example("con.py", "aux")
@example("a.py", "test[\ud83d]")
def test_every_name_is_portable(module: str, test: str) -> None:
    """ASCII, at most 120 bytes, one component, no device name, no trailing dot."""
    path = golden_path(Path("tests") / module, f"tests/{module}::{test}")

    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*\.json", path.name)
    assert len(path.name) <= 120
    assert path.parent == Path("tests/goldens")
    assert not re.match(r"(?i)(con|prn|aux|nul|com\d|lpt\d)\.", PureWindowsPath(path.name).name)


def test_the_name_does_not_depend_on_where_pytest_was_started() -> None:
    """Only file name and test take part, whatever the node id begins with."""
    test = "TestEU::test_sent[a]"

    assert golden_name("test_a.py", f"tests/unit/test_a.py::{test}") == golden_name(
        "test_a.py", f"test_a.py::{test}"
    )
