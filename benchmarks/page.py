"""The page that shows all figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .results import Results, Row, Table

HEAD = """\
# Benchmarks

Written by `make bench`; do not edit. {machine}

Everything is measured in one run: what is compared takes turns (A B B A), a ratio is the median of
the ratios of its rounds, a difference likewise; other figures are medians. The limit of a replay is the SDK on a transport
that has every answer ready in memory; each peer runs in a process of its own, next to that limit.
The run took {minutes:.0f} minutes.
"""
NOT_BUILT = """\
## Not built yet

R5 (a lane below HTTP).
"""
_MET = {True: "yes", False: "**no**", None: ""}


def page(results: Sequence[Results], *, machine: str, seconds: float) -> str:
    rows = [row for each in results for row in each.rows]
    tables = [table for each in results for table in each.tables]
    goals, others = [row for row in rows if row.goal], [row for row in rows if not row.goal]
    sections = [
        HEAD.format(machine=machine, minutes=seconds / 60),
        f"## Goals\n\n{_summary(goals)}\n\n{_goals(goals)}\n",
        *(_section(table) for table in tables),
        *([f"## Without a goal\n\n{_plain(others)}\n"] if others else []),
        NOT_BUILT,
    ]
    return "\n".join(sections)


def _summary(rows: Iterable[Row]) -> str:
    judged = [row.met for row in rows if row.met is not None]
    return f"{sum(judged)} of {len(judged)} met."


def _goals(rows: Iterable[Row]) -> str:
    return _table(
        ("", "what", "goal", "measured", "met", ""),
        [(r.promise, r.what, r.goal, r.measured, _MET[r.met], r.detail) for r in rows],
    )


def _plain(rows: Iterable[Row]) -> str:
    return _table(("what", "measured", ""), [(r.what, r.measured, r.detail) for r in rows])


def _section(table: Table) -> str:
    note = f"\n{table.note}\n" if table.note else ""
    return f"## {table.title}\n\n{_table(table.columns, table.rows)}\n{note}"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["-" * 3] * len(columns), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
