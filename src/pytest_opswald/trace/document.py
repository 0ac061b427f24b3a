"""The base of every document: frozen, strict about unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    # Without `use_attribute_docstrings`: beside an SDK it takes half of the time to import these,
    # and no schema is made of them.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Without what this one has worked out from its fields: the copy's may be others."""
        copy = super().model_copy(update=update, deep=deep)
        fields = type(self).model_fields
        if len(copy.__dict__) > len(fields):
            for name in copy.__dict__.keys() - fields.keys():
                del copy.__dict__[name]
        return copy
