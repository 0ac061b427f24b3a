"""How an endpoint is described, once: its path, the document it takes and the one it answers.

The fields of the document it takes are the parameters of the method, for people and for type
checkers, of both clients: with `ReplayBody(*, trace_id: str, ...)` it is `start(*, trace_id: str,
...)`, and before them stand the ids that its path names.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import cached_property
from inspect import Signature
from typing import Any, Concatenate, Generic, ParamSpec, Self, TypeVar, overload

from pytest_opswald.api.base import Body, Query
from pytest_opswald.api.pages import Page

from .calls import Call, Document, Method
from .pages import AsyncPages, Item, Pages
from .senders import AsyncSender, Sender
from .writing import Once, named_ids, once_key, path_of, query_of, signature_of, written

Fields = ParamSpec("Fields")
Sending = TypeVar("Sending", bound=Sender | AsyncSender)


class Resource(Generic[Sending]):
    """Endpoints that belong together, and who sends them."""

    def __init__(self, sender: Sending) -> None:
        self._sender = sender


@dataclass
class _Description:
    method: Method
    path: str
    answer: type[Any]
    takes: Callable[..., Body] | None = None
    """Document of the body, or of the query when it is a GET."""
    once: Once = None

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def call(self, *ids: Any, **fields: Any) -> Call[Any]:
        """What to send. Raises ValidationError for what the server would not take either."""
        named = named_ids(self.path, ids)
        path = path_of(self.path, named)
        if self.takes is None:
            return Call(self.method, path, self.answer, ids=named)
        document = written(self.takes, fields, self.once)
        if self.method == "GET":
            return Call(self.method, path, self.answer, query=query_of(document))
        body = document.model_dump_json(exclude_unset=True).encode()
        key = once_key(self.once, path, document, body)
        return Call(self.method, path, self.answer, body=body, idempotency_key=key)

    def _method(self, send: Callable[[Call[Any]], Any]) -> Callable[..., Any]:
        def method(*ids: Any, **fields: Any) -> Any:
            return send(self.call(*ids, **fields))

        method.__name__ = self._name
        method.__doc__ = f"{self.method} {self.path}, answers a {self.answer.__name__}."
        method.__signature__ = self._signature  # type: ignore[attr-defined]
        return method

    @cached_property
    def _signature(self) -> Signature:
        return signature_of(self.path, self.takes)


class Endpoint(_Description, Generic[Fields, Document]):
    """Answers a document, or a coroutine of one."""

    @overload
    def __get__(self, resource: None, owner: object) -> Self: ...
    @overload
    def __get__(self, resource: Resource[Sender], owner: object) -> Callable[Fields, Document]: ...
    @overload
    def __get__(
        self, resource: Resource[AsyncSender], owner: object
    ) -> Callable[Fields, Coroutine[Any, Any, Document]]: ...
    def __get__(self, resource: Any, owner: object) -> Any:
        return self if resource is None else self._method(resource._sender.answer)


class Listing(_Description, Generic[Fields, Item]):
    """Answers pages, to be walked over with `for` or `async for`."""

    @overload
    def __get__(self, resource: None, owner: object) -> Self: ...
    @overload
    def __get__(
        self, resource: Resource[Sender], owner: object
    ) -> Callable[Fields, Pages[Item]]: ...
    @overload
    def __get__(
        self, resource: Resource[AsyncSender], owner: object
    ) -> Callable[Fields, AsyncPages[Item]]: ...
    def __get__(self, resource: Any, owner: object) -> Any:
        return self if resource is None else self._method(resource._sender.pages)


def fetch(path: str, answer: type[Document]) -> Endpoint[[str], Document]:
    return Endpoint("GET", path, answer)


def remove(path: str, answer: type[Document]) -> Endpoint[[str], Document]:
    return Endpoint("DELETE", path, answer)


def ask(
    path: str, query: Callable[Fields, Query], answer: type[Document]
) -> Endpoint[Fields, Document]:
    return Endpoint("GET", path, answer, query)


def walk(
    path: str, query: Callable[Fields, Query], page: type[Page[Item]]
) -> Listing[Fields, Item]:
    return Listing("GET", path, page, query)


def walk_of(
    path: str, query: Callable[Fields, Query], page: type[Page[Item]]
) -> Listing[Concatenate[str, Fields], Item]:
    return Listing("GET", path, page, query)


def post(
    path: str, body: Callable[Fields, Body], answer: type[Document], *, once: Once = None
) -> Endpoint[Fields, Document]:
    return Endpoint("POST", path, answer, body, once)


def post_to(
    path: str, body: Callable[Fields, Body], answer: type[Document], *, once: Once = None
) -> Endpoint[Concatenate[str, Fields], Document]:
    return Endpoint("POST", path, answer, body, once)


def post_below(
    path: str, body: Callable[Fields, Body], answer: type[Document]
) -> Endpoint[Concatenate[str, str, Fields], Document]:
    return Endpoint("POST", path, answer, body)


def patch(
    path: str, body: Callable[Fields, Body], answer: type[Document]
) -> Endpoint[Concatenate[str, Fields], Document]:
    return Endpoint("PATCH", path, answer, body)
