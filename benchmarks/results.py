"""What a measurement has shown."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Row:
    """One promise, and how it was kept."""

    promise: str
    """R1, F2, ...; empty where nothing was promised."""
    what: str
    goal: str = ""
    measured: str = ""
    met: bool | None = None
    """None: there is no goal, or it could not be measured."""
    detail: str = ""


@dataclass(frozen=True)
class Table:
    """Further figures, side by side."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


@dataclass(frozen=True)
class Results:
    """Of one family of measurements."""

    rows: list[Row] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def at_most(
    promise: str, what: str, limit: float, value: float, *, unit: str = "x", detail: str = ""
) -> Row:
    """A row whose value must not exceed its limit."""
    return Row(
        promise, what, f"≤ {spelled(limit, unit)}", spelled(value, unit), value <= limit, detail
    )


def at_least(
    promise: str, what: str, limit: float, value: float, *, unit: str = "x", detail: str = ""
) -> Row:
    """A row whose value must reach its limit."""
    return Row(
        promise, what, f"≥ {spelled(limit, unit)}", spelled(value, unit), value >= limit, detail
    )


def spelled(value: float, unit: str) -> str:
    """`1.05x`, `0.5 ms`, `12 %`: as many digits as say something."""
    digits = f"{value:.0f}" if value >= 100 else f"{value:.3g}" if value < 10 else f"{value:.1f}"
    return f"{digits}x" if unit == "x" else f"{digits} {unit}"


def milliseconds(seconds: float) -> str:
    return spelled(seconds * 1e3, "ms")
