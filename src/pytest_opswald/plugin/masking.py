"""Reports of tests that have a run: what pytest shows of them holds no secret either.

Locals, captured output and messages are the agent's own; nothing of it has gone through the
engine. Reports are masked where they are made, so workers send none on.
"""

from __future__ import annotations

from typing import Any

from pytest_opswald.redaction.redactor import Redactor
from pytest_opswald.redaction.session import Secrets
from pytest_opswald.redaction.truncation import without_remnants


def mask(report: Any, secrets: Secrets) -> None:
    """Put placeholders into everything that a report would print."""
    if _is_ours(report):
        return
    secrets.look_around()
    mask = _Mask(secrets.fresh())
    report.longrepr = mask.value(report.longrepr)
    report.sections = [(name, mask.text(text)) for name, text in report.sections]
    report.user_properties = [(name, mask.value(value)) for name, value in report.user_properties]


def masked(text: str, secrets: Secrets) -> str:
    """A text with placeholders for what is secret."""
    secrets.look_around()
    return _Mask(secrets.fresh()).text(text)


def _is_ours(report: Any) -> bool:
    """Whether it says nothing but what has come from a trace, and is clean already."""
    told = (name for name, _ in report.user_properties)
    return not report.longrepr and not report.sections and all(map(_is_from_a_trace, told))


def _is_from_a_trace(name: object) -> bool:
    return str(name).startswith("opswald.")


class _Mask:
    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor
        self._seen: set[int] = set()

    def text(self, text: str) -> str:
        return without_remnants(self._redactor.text(text), self._redactor.detector.known)

    def value(self, value: Any) -> Any:
        """The value masked; pytest's own objects are changed in place."""
        match value:
            case str():
                return self.text(value)
            case [str(), *_] if isinstance(value, list) and all(map(_is_text, value)):
                return self.text("\n".join(value)).split("\n")
            case list() | tuple():
                return type(value)([self.value(item) for item in value])
        if type(value).__module__.startswith("_pytest.") and id(value) not in self._seen:
            self._seen.add(id(value))
            for name, part in vars(value).items():
                object.__setattr__(value, name, self.value(part))
        return value


def _is_text(value: object) -> bool:
    return isinstance(value, str)
