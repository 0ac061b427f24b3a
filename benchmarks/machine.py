"""Where figures come from."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = (
    "pytest-opswald",
    "pytest",
    "pytest-xdist",
    "pydantic",
    "openai",
    "httpx2",
    "deepdiff",
    "syrupy",
    "vcrpy",
    "pytest-recording",
    "cassetter",
    "respx",
    "agent-replay-py",
    "langsmith",
    "fastapi",
    "uvicorn",
    "SQLAlchemy",
)


def described() -> str:
    """Machine, Python, versions, load: a paragraph."""
    today = datetime.now(UTC).date()
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{today}, {platform.system()} {platform.machine()}, {_processor()}, "
        f"{os.cpu_count()} cores, load at the start {load}, "
        f"{platform.python_implementation()} {platform.python_version()}. {_versions()}."
    )


def _versions() -> str:
    return ", ".join(f"{package} {_version(package)}" for package in PACKAGES)


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "absent"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or "unknown processor"
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "unknown processor")
