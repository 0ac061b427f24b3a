"""A declared tool looks like the function it is, whatever that is."""

from __future__ import annotations

import asyncio
import functools
import inspect
import subprocess
import sys
import typing
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.tools import tool
from tests.capture.tool_handlers import ToolRecording


class Shop:
    def __init__(self, name: str) -> None:
        self.name = name

    @tool
    def find(self, order: int) -> str:
        return f"{self.name} {order}"

    @tool
    @classmethod
    def above_class(cls, order: int) -> str:
        return f"{cls.__name__} {order}"

    @classmethod
    @tool
    def below_class(cls, order: int) -> str:
        return f"{cls.__name__} {order}"

    @tool
    @staticmethod
    def above_static(order: int) -> str:
        return f"shop {order}"

    @staticmethod
    @tool
    def below_static(order: int) -> str:
        return f"shop {order}"


class Plain:
    def __init__(self, name: str) -> None:
        self.name = name

    def find(self, order: int) -> str:
        return f"{self.name} {order}"


class Finder:
    def __call__(self, order: int) -> str:
        return f"finder {order}"


class AsyncFinder:
    async def __call__(self, order: int) -> str:
        return f"finder {order}"


def _find(order: int) -> str:
    return f"found {order}"


def _search(shop: str, order: int) -> str:
    return f"{shop} {order}"


@pytest.mark.parametrize(
    ("call", "name", "result"),
    [
        pytest.param(Shop("corner").find, "find", "corner 42", id="method"),
        pytest.param(
            functools.partial(Shop.find, Shop("corner")), "find", "corner 42", id="on the class"
        ),
        pytest.param(Shop.above_class, "above_class", "Shop 42", id="above classmethod"),
        pytest.param(Shop.below_class, "below_class", "Shop 42", id="below classmethod"),
        pytest.param(Shop.above_static, "above_static", "shop 42", id="above staticmethod"),
        pytest.param(Shop("").below_static, "below_static", "shop 42", id="below staticmethod"),
        pytest.param(tool(Plain("corner").find), "find", "corner 42", id="bound method"),
        pytest.param(
            tool(functools.partial(_search, "kiosk")), "_search", "kiosk 42", id="partial"
        ),
        pytest.param(tool(Finder()), "Finder", "finder 42", id="callable object"),
        pytest.param(tool(functools.cache(_find)), "_find", "found 42", id="cached function"),
    ],
)
def test_every_callable_is_told_without_its_receiver(
    call: Callable[..., Any], name: str, result: str
) -> None:
    """Name and arguments are told; `self` and `cls` never are."""
    recording = ToolRecording()

    with activated(recording):
        assert call(42) == result

    assert recording.told == [(name, {"order": 42})]


@pytest.mark.parametrize(
    ("function", "args", "kwargs", "told"),
    [
        pytest.param(
            lambda a, b=2, *, c=3: None, (1,), {}, {"a": 1, "b": 2, "c": 3}, id="defaults"
        ),
        pytest.param(lambda *a: None, (1, 2), {}, {"a": [1, 2]}, id="*args"),
        pytest.param(lambda *a: None, (), {}, {}, id="no *args"),
        pytest.param(lambda a, **b: None, (1,), {"c": 2}, {"a": 1, "c": 2}, id="**kwargs"),
        pytest.param("{} {}".format, (1, 2), {}, {"args": [1, 2], "kwargs": {}}, id="builtin"),
        pytest.param(
            lambda a: None,
            ((1, 2),),
            {},
            {"a": {"$type": "tuple", "items": [1, 2]}},
            id="typed value",
        ),
    ],
)
def test_arguments_are_told_by_name(
    function: Callable[..., Any], args: Any, kwargs: Any, told: dict[str, Any]
) -> None:
    """Arguments stand flat by parameter name, as an LLM gives them."""
    recording = ToolRecording()

    with activated(recording):
        tool(function)(*args, **kwargs)

    assert recording.use.arguments == told


def test_callable_object_may_be_async() -> None:
    """An object with an async `__call__` becomes a coroutine function."""
    find = tool(AsyncFinder())
    recording = ToolRecording()

    with activated(recording):
        assert asyncio.run(find(42)) == "finder 42"

    assert inspect.iscoroutinefunction(find)
    assert recording.told == [("AsyncFinder", {"order": 42})]


def test_name_can_be_given() -> None:
    """`name=` is what the LLM knows the tool by."""

    @tool(name="find_order")
    def find(order: int) -> None: ...

    recording = ToolRecording()

    with activated(recording):
        find(1)

    assert recording.use.name == "find_order"
    assert find.__name__ == "find"


def _plain(order: int, note: str = "") -> str:
    """Find an order."""
    return ""


async def _coroutine(order: int, note: str = "") -> str:
    """Find an order."""
    return ""


def _generator(order: int, note: str = "") -> Iterator[str]:
    """Find an order."""
    yield ""


async def _async_generator(order: int, note: str = "") -> AsyncIterator[str]:
    """Find an order."""
    yield ""


@pytest.mark.parametrize("function", [_plain, _coroutine, _generator, _async_generator])
def test_declaration_keeps_the_looks(function: Callable[..., Any]) -> None:
    """Frameworks that inspect a tool see what they would see without us."""
    declared = tool(function)

    assert inspect.isfunction(declared)
    assert inspect.signature(declared) == inspect.signature(function)
    assert typing.get_type_hints(declared) == typing.get_type_hints(function)
    assert declared.__doc__ == function.__doc__
    assert declared.__name__ == function.__name__
    assert inspect.unwrap(declared) is function
    for kind in (
        inspect.iscoroutinefunction,
        inspect.isgeneratorfunction,
        inspect.isasyncgenfunction,
    ):
        assert kind(declared) is kind(function)


@pytest.mark.parametrize("thing", [Shop, 42, "find"], ids=["class", "int", "str"])
def test_only_callables_that_are_no_classes_are_tools(thing: Any) -> None:
    """A class would lose its identity; the error says what to decorate."""
    with pytest.raises(TypeError, match="@tool takes a function or method"):
        tool(thing)


def test_two_declarations_of_one_function_count_once() -> None:
    """A tool inside another decorator and another declaration is one call under one name."""

    @tool(name="find_order")
    def find(order: int) -> int:
        return order

    @functools.wraps(find)
    def retried(order: int) -> int:
        return find(order)

    recording = ToolRecording()

    with activated(recording):
        tool(retried)(42)

    assert recording.told == [("find_order", {"order": 42})]
    assert len(recording.results) == 1
    assert tool(find) is find


def test_production_imports_nothing_but_the_standard_library() -> None:
    """Declaring and calling a tool outside a run loads no package but ours, and no codec."""
    script = """
import sys
before = set(sys.modules)
import pytest_opswald
pytest_opswald.tool(lambda order: order)(42)
pytest_opswald.decision("route", "refund")
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - set(sys.stdlib_module_names)))
print("pytest_opswald.capture.codec" in sys.modules)
"""

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == ["['pytest_opswald']", "False"]
