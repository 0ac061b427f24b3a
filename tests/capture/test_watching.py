"""Tools declared from the test side: found wherever the agent finds them, and put back."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.tools import tool
from pytest_opswald.capture.watching import watch, watched
from pytest_opswald.errors import InvalidSetting
from tests.capture.tool_handlers import ToolRecording

AGENT = """
import functools

def lookup_order(order):
    return order

def refund(order, *, amount=1):
    return amount

class Desk:
    limit = 3

    def find(self, order):
        return self.limit

    @classmethod
    def escalate(cls, order):
        return cls.__name__

    @staticmethod
    def close(order):
        return "closed"

class Frozen:
    __slots__ = ()

    def find(self, order):
        return "frozen"

cached = functools.cache(lookup_order)
desk = Desk()
PRICES = {"tea": 3}

def run(order):
    return lookup_order(order)
"""

REGISTRY = """
from shop_agent import lookup_order
import shop_agent

TOOLS = {"lookup_order": lookup_order, "refund": shop_agent.refund}
SPECS = [lookup_order, "text"]

def run(name, order):
    return TOOLS[name](order)
"""


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Any]:
    """An agent, and a module that imported its functions and keeps them in collections."""

    def module(name: str, source: str) -> ModuleType:
        made = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, made)
        exec(source, vars(made))
        return made

    return module("shop_agent", AGENT), module("shop_registry", REGISTRY)


@pytest.fixture
def agent(modules: tuple[Any, Any]) -> Any:
    return modules[0]


@pytest.fixture
def registry(modules: tuple[Any, Any]) -> Any:
    return modules[1]


def _told(call: Callable[[], Any]) -> list[tuple[str, dict[str, Any]]]:
    recording = ToolRecording()
    with activated(recording):
        call()
    return recording.told


FOUND = [("lookup_order", {"order": 42})]


@pytest.mark.parametrize(
    "call",
    [
        lambda agent, registry: agent.lookup_order(42),
        lambda agent, registry: agent.run(42),
        lambda agent, registry: registry.lookup_order(42),
        lambda agent, registry: registry.run("lookup_order", 42),
        lambda agent, registry: registry.SPECS[0](42),
    ],
    ids=["attribute", "own module", "other module", "dictionary", "list"],
)
def test_watched_function_is_found_wherever_it_is_held(
    agent: Any, registry: Any, call: Callable[[Any, Any], Any]
) -> None:
    """The agent may reach it by name, by import or through a registry; afterwards it's itself."""
    with watch(agent, "lookup_order"):
        during = _told(lambda: call(agent, registry))
    after = _told(lambda: call(agent, registry))

    assert during == FOUND
    assert after == []


def test_collection_of_a_module_that_imports_the_owner_is_searched(
    agent: Any, registry: Any
) -> None:
    """`{"refund": agent.refund}` needs no import by name."""
    with watched(["shop_agent:refund"]):
        told = _told(lambda: registry.run("refund", 42))

    assert told == [("refund", {"order": 42, "amount": 1})]


def test_everything_is_put_back_as_it_was(agent: Any, registry: Any) -> None:
    """Undoing restores the very same objects in the same places."""
    before = [{**vars(agent)}, {**vars(registry)}, {**registry.TOOLS}, [*registry.SPECS]]

    watch(agent, "lookup_order").undo()

    assert [vars(agent), vars(registry), registry.TOOLS, registry.SPECS] == before


def test_name_imported_during_the_watch_is_put_back_too(agent: Any) -> None:
    """A module loaded later got the tool; it too gets the function back."""
    late = ModuleType("late_module")
    function = agent.lookup_order

    with watch(agent, "lookup_order"):
        sys.modules["late_module"] = late
        late.lookup_order = agent.lookup_order  # type: ignore[attr-defined]
    del sys.modules["late_module"]

    assert late.lookup_order is function


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("Desk.find", lambda agent: agent.Desk().find(42)),
        ("Desk.escalate", lambda agent: agent.Desk.escalate(42)),
        ("Desk.close", lambda agent: agent.Desk.close(42)),
        ("desk.find", lambda agent: agent.desk.find(42)),
        ("Frozen.find", lambda agent: agent.Frozen().find(42)),
        ("run", lambda agent: agent.run(42)),
    ],
)
def test_methods_are_watched_by_import_string(
    agent: Any, name: str, call: Callable[[Any], Any]
) -> None:
    """Functions, methods of every kind and of single objects; results and order are kept."""
    expected = call(agent)
    owner = name.partition(".")[0]

    with watched([f"shop_agent:{name}"]):
        result: list[Any] = []
        told = _told(lambda: result.append(call(agent)))

    assert told == [(name.rpartition(".")[2], {"order": 42})]
    assert result == [expected]
    assert _told(lambda: call(agent)) == []
    assert owner in vars(agent)


def test_inherited_method_is_set_on_the_class_that_is_named(agent: Any) -> None:
    """A subclass is watched without touching its base."""
    agent.Branch = type("Branch", (agent.Desk,), {})

    with watch(agent.Branch, "find"):
        branch = _told(lambda: agent.Branch().find(1))
        base = _told(lambda: agent.Desk().find(1))

    assert len(branch) == 1
    assert base == []
    assert "find" not in vars(agent.Branch)


def test_decorated_function_is_watched_but_counts_once(agent: Any) -> None:
    """Declared by the agent and by the test, one call is one call."""
    agent.lookup_order = tool(name="find_order")(agent.lookup_order)
    inner = agent.lookup_order

    @functools.wraps(inner)
    def logged(order: int) -> int:
        return int(inner(order))

    agent.logged = logged

    with watched(["shop_agent:lookup_order", "shop_agent:logged"]):
        told = _told(lambda: agent.logged(42))

    assert told == [("find_order", {"order": 42})]


def test_watching_twice_is_watching_once(agent: Any) -> None:
    """Watches nest; the outer one stays until its own end."""
    with watch(agent, "lookup_order"):
        with watch(agent, "lookup_order"):
            pass
        assert _told(lambda: agent.run(42)) == FOUND

    assert _told(lambda: agent.run(42)) == []


def test_what_a_test_has_set_meanwhile_is_left_alone(agent: Any) -> None:
    """A replacement made during the watch is not overwritten."""
    with watch(agent, "lookup_order"):
        agent.lookup_order = print

    assert agent.lookup_order is print


@pytest.mark.parametrize(
    ("name", "message"),
    [
        (
            "shop_agent:lookup_ordr",
            'opswald_tools: "shop_agent:lookup_ordr": module shop_agent has no attribute '
            "lookup_ordr; did you mean lookup_order?",
        ),
        (
            "shop_agent:Desk.fnd",
            'opswald_tools: "shop_agent:Desk.fnd": class Desk has no attribute fnd; '
            "did you mean find?",
        ),
        (
            "shop_agnt:lookup_order",
            "opswald_tools: \"shop_agnt:lookup_order\": No module named 'shop_agnt'",
        ),
        (
            "shop_agent.lookup_order",
            'opswald_tools: "shop_agent.lookup_order": write it as "module:function" or '
            '"module:Class.method"',
        ),
        (
            "shop_agent:Desk",
            'opswald_tools: "shop_agent:Desk": module shop_agent holds Desk, which is a class: '
            "name one of its methods",
        ),
        (
            "shop_agent:PRICES",
            'opswald_tools: "shop_agent:PRICES": module shop_agent holds PRICES, which is no '
            "function but of dict",
        ),
    ],
    ids=["function", "method", "module", "no colon", "class", "no function"],
)
def test_name_that_leads_nowhere_says_where_it_stopped(agent: Any, name: str, message: str) -> None:
    """The error repeats the setting, what is wrong with it, and what is near; nothing stays set."""
    with pytest.raises(InvalidSetting) as caught:
        watched(["shop_agent:lookup_order", name])

    assert str(caught.value) == message
    assert _told(lambda: agent.run(42)) == []


def test_object_without_room_says_to_watch_its_class(agent: Any) -> None:
    """Slots leave no place for a replacement."""
    with pytest.raises(InvalidSetting, match="watch its class"):
        watch(agent.Frozen(), "find")
