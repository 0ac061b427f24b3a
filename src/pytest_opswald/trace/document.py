"""The base of every document: frozen, strict about unknown keys."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Document(BaseModel):
    # Without `use_attribute_docstrings`: beside an SDK it takes half of the time to import these,
    # and no schema is made of them.
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")
