"""Statements of the hot path: written by SQLAlchemy once, then handed to the driver as they are.

Around a statement that takes microseconds SQLAlchemy does work for many more: it looks the text up
again, converts values that need no conversion, and asks whether anybody listens.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError


@dataclass(frozen=True, slots=True)
class _Compiled:
    text: str
    defaults: Mapping[str, Any]
    """All parameters, with the values of those that the statement brings along."""
    order: tuple[str, ...] | None
    """None where the driver takes them by name."""
    columns: tuple[str, ...]
    """Of the rows that it gives."""

    def values(self, given: Mapping[str, Any]) -> Any:
        every = {**self.defaults, **given}
        if self.order is None:
            return {name: every[name] for name in self.defaults}
        return [every[name] for name in self.order]


class Direct:
    """One statement, for parameters of always the same names, in a transaction that has begun.

    Only where the driver's values are ours: in its rows are whole numbers, texts and bytes.
    """

    def __init__(self, build: Callable[[str], Any]) -> None:
        """`build` makes the statement of a dialect, by its name."""
        self._build = build
        self._compiled: dict[str, _Compiled] = {}

    def run(self, connection: Connection, *rows: Mapping[str, Any]) -> None:
        """Once for each row."""
        compiled = self._for(connection, rows[0])
        cursor = _cursor(connection)
        try:
            cursor.executemany(compiled.text, [compiled.values(row) for row in rows])
        except Exception as error:
            raise _told(connection, compiled, error) from error
        finally:
            cursor.close()

    def row(self, connection: Connection, given: Mapping[str, Any]) -> dict[str, Any] | None:
        """The first row that the statement finds or returns."""
        compiled = self._for(connection, given)
        cursor = _cursor(connection)
        try:
            cursor.execute(compiled.text, compiled.values(given))
            found = cursor.fetchone()
        except Exception as error:
            raise _told(connection, compiled, error) from error
        finally:
            cursor.close()
        return None if found is None else dict(zip(compiled.columns, found, strict=True))

    def value(self, connection: Connection, given: Mapping[str, Any]) -> Any:
        """The first column of that row."""
        row = self.row(connection, given)
        return next(iter(row.values())) if row else None

    def _for(self, connection: Connection, given: Mapping[str, Any]) -> _Compiled:
        dialect = connection.dialect
        if dialect.name not in self._compiled:
            statement = self._build(dialect.name)
            compiled = statement.compile(dialect=dialect, column_keys=list(given))
            self._compiled[dialect.name] = _Compiled(
                str(compiled),
                compiled.params,
                tuple(compiled.positiontup) if compiled.positional else None,
                tuple(column.name for column in statement.exported_columns),
            )
        return self._compiled[dialect.name]


def _cursor(connection: Connection) -> Any:
    return connection.connection.cursor()


def _told(connection: Connection, compiled: _Compiled, error: Exception) -> Exception:
    """Failures are those of SQLAlchemy, without the values: they are what users said."""
    errors = connection.dialect.loaded_dbapi.Error
    if isinstance(error, errors):
        return DBAPIError.instance(compiled.text, None, error, errors)
    return error
