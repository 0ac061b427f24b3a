"""Transports that are built when they are first used.

Nearly all of what a client costs to make is its transport's TLS set-up, and a client that is
answered from memory never uses it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, wraps
from typing import Any, Self

_ARGUMENTS = "_opswald_arguments"
_lock = threading.RLock()


@contextmanager
def built_when_used(transport: Any) -> Iterator[None]:
    """Have objects of exactly this class built late; those not built by the end still will be.

    What their arguments have wrong is told late, too: a certificate that is not there, say.
    """
    original: Any = getattr(transport, "__init__", None)
    if transport is None or hasattr(original, "late_by_opswald"):
        yield
        return
    unbuilt = _unbuilt(transport, original)

    @wraps(original)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        if type(self) is not transport:  # a subclass may use what it has just built
            original(self, *args, **kwargs)
            return
        vars(self)[_ARGUMENTS] = args, kwargs
        self.__class__ = unbuilt

    init.late_by_opswald = True  # type: ignore[attr-defined]
    transport.__init__ = init
    try:
        yield
    finally:
        if transport.__init__ is init:  # else somebody built on top of it
            transport.__init__ = original


@cache  # a class is dear to make, and every run asks
def _unbuilt(transport: Any, original: Any) -> Any:
    return type(transport.__name__, (_Unbuilt, transport), {"build": original, "built": transport})


class _Unbuilt:
    """Stands in until something is asked of it that only building provides."""

    build: Any
    built: Any

    def __getattr__(self, name: str) -> Any:
        self._become_built(name)
        return getattr(self, name)

    def _become_built(self, wanted: str) -> None:
        with _lock:
            if not isinstance(self, _Unbuilt):
                return  # another thread was faster
            if _ARGUMENTS not in vars(self):
                raise AttributeError(wanted)  # asked while it is being built
            args, kwargs = vars(self).pop(_ARGUMENTS)
            try:
                type(self).build(self, *args, **kwargs)
            except BaseException:
                vars(self)[_ARGUMENTS] = args, kwargs
                raise
            self.__class__ = self.built

    def close(self) -> None:
        """There is nothing to close, nor to enter or to leave."""

    async def aclose(self) -> None:
        """The same."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        pass

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        pass
