"""Load balancers ask a server how it is."""

from __future__ import annotations

import httpx

FORWARDED = {"X-Forwarded-For": "192.0.2.7"}


def test_health_is_told_without_a_key(base_url: str) -> None:
    """Also where everything else wants one."""
    assert httpx.get(f"{base_url}/v1/traces", headers=FORWARDED).status_code == 401

    told = httpx.get(f"{base_url}/health", headers=FORWARDED)

    assert (told.status_code, told.json()) == (200, {"status": "ok"})
