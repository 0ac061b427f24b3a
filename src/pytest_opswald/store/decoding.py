"""The steps of a golden file in full: what `encoding` told as references, resolved."""

from __future__ import annotations

from typing import Any

from .event_decoding import EventDecoder
from .patches import Draft
from .pointers import Place, spell
from .resolving import BadReference, Resolver, only, patch_of, word


class Decoder:
    """Decodes steps, one after the other."""

    def __init__(self) -> None:
        self._resolver = Resolver()
        self._events = EventDecoder(self._resolver)

    def step(self, step: dict[str, Any]) -> dict[str, Any]:
        """The step with every value in full. Changes its argument. Raises BadReference."""
        self._resolver.steps.append(step)
        try:
            for key in step:
                if key == "http":
                    self._exchange(step, step[key])
                else:
                    self._resolver.settle(step, key)
        except (LookupError, TypeError, AttributeError) as error:
            raise BadReference(f"it refers to what is not there ({error})") from None
        except ValueError as error:
            raise BadReference(str(error)) from None
        return step

    def _exchange(self, step: dict[str, Any], http: dict[str, Any]) -> None:
        if word(http) is None:
            for key in http:
                self._part(http, key, (key,))
            return
        pointer, patch = patch_of(http)
        draft = Draft(self._resolver.at(pointer))
        step["http"] = draft.document
        for at, value in patch.items():
            self._part(*draft.put(at, value), at)

    def _part(self, parent: Any, key: Any, at: Place) -> None:
        """Resolve the value at a place of an exchange."""
        value = parent[key]
        if at == ("events",):
            parent[key] = []
            self._events.decode(value, parent[key])
        elif at == ("request",) and type(value) is dict and word(value) != "same_as":
            if word(value) == "literal":
                value = parent[key] = only(value, "literal")["literal"]
            for name in value:
                self._part(value, name, (*at, name))
        elif len(at) == 2 and word(value) == "continues":
            self._continue(parent, str(key), value)
        else:
            self._resolver.settle(parent, key)

    def _continue(self, request: dict[str, Any], key: str, told: dict[str, Any]) -> None:
        step = only(told, "continues", "keep", "add")["continues"]
        earlier = self._resolver.at(f"{step}.{spell(('http', 'request', key))}")
        kept = told.get("keep", len(earlier))
        if not isinstance(earlier, list) or not 0 <= kept <= len(earlier):
            raise BadReference(f"step {step} has no {kept} items of `{key}`")
        items = request[key] = earlier[:kept]
        for index, item in enumerate(told.get("add", []), start=kept):
            items.append(item)
            self._resolver.settle(items, index)
