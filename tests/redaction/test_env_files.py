"""What `.env` files say counts as known."""

from __future__ import annotations

import pytest

from pytest_opswald.redaction.env_files import secrets_in

LINES = {
    "plain": "DB_PASSWORD=tr0ub4dor",
    "exported": "export DB_PASSWORD=tr0ub4dor",
    "spaced": "  DB_PASSWORD = tr0ub4dor  ",
    "commented": "DB_PASSWORD=tr0ub4dor # of the test database",
    "single quotes": "DB_PASSWORD='tr0ub4dor' # old",
    "double quotes": 'DB_PASSWORD="tr0ub4dor"',
    "colon": "DB_PASSWORD: tr0ub4dor",
    "windows": "A=1\r\nDB_PASSWORD=tr0ub4dor\r\nB=2\r\n",
}


@pytest.mark.parametrize("text", LINES.values(), ids=LINES)
def test_a_value_is_found_however_it_is_written(text: str) -> None:
    """With the name that its placeholder will have."""
    assert dict(secrets_in(text)) == {"tr0ub4dor": "db-password"}


def test_quoted_values_may_have_lines_and_escapes() -> None:
    """Keys often do."""
    text = 'SIGNING_KEY="one-1\\ntwo-2\nthree-3 \\"#4\\""\nDB_PASSWORD=tr0ub4dor'

    assert dict(secrets_in(text)) == {
        'one-1\ntwo-2\nthree-3 "#4"': "signing-key",
        "tr0ub4dor": "db-password",
    }


@pytest.mark.parametrize(
    "line",
    ["# DB_PASSWORD=tr0ub4dor", "EDITOR=vim-9.1.0016", "DB_PASSWORD=", "API_TOKEN=${OTHER}", "yes"],
)
def test_nothing_else_counts(line: str) -> None:
    """Comments, blanks, templates, plain settings."""
    assert dict(secrets_in(line)) == {}
