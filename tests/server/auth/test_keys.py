"""Keys of the server, before anything is stored."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.detector import Detector
from pytest_opswald.server.auth.keys import digest, hint, is_key, new_key

_LOWER = "hsreltpusctapirhgwprrpmuehueqmxavycfysbjyaiptxmwz"
"""What one key in a million looks like."""


def test_a_new_key_is_one_word_that_nobody_has() -> None:
    """A double click selects all of it, and no two are alike."""
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(key.startswith("ops_") and key.isidentifier() and len(key) == 53 for key in keys)
    assert all(map(is_key, keys))


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda key: key[:-1], id="too short"),
        pytest.param(lambda key: f"{key}a", id="too long"),
        pytest.param(lambda key: key[:10] + ("b" if key[10] == "a" else "a") + key[11:], id="typo"),
        pytest.param(lambda key: key[:-1] + ("b" if key[-1] == "a" else "a"), id="typo at the end"),
        pytest.param(lambda key: key.replace("ops_", "sk_"), id="another prefix"),
        pytest.param(lambda key: f"{key}\n", id="line end"),
        pytest.param(lambda key: key[:20] + "é" + key[21:], id="not ASCII"),
        pytest.param(lambda key: "ops_abc123", id="the one of the vendor's page"),
        pytest.param(lambda key: "", id="nothing"),
    ],
)
def test_a_mistyped_key_is_told_by_its_check(spoilt) -> None:
    """One wrong character is enough, without looking anything up."""
    assert not is_key(spoilt(new_key()))


def test_what_is_kept_tells_nothing_of_the_key() -> None:
    """Only a digest is stored; its prefix and its last four characters are shown."""
    key = new_key()

    assert key.encode() not in digest(key)
    assert len(digest(key)) == 32
    assert hint(key) == f"ops_...{key[-4:]}"


def test_every_key_is_redacted() -> None:
    """Our own scanner finds each one, whole, however few digits and capitals it happens to have."""
    detector = Detector()

    for key in (f"ops_{_LOWER}", *(new_key() for _ in range(500))):
        text = f"look at {key} and ({key})."
        assert [text[span.start : span.end] for span in detector.find(text)] == [key, key]
