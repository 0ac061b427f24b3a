"""Values survive the way through JSON with their types."""

from __future__ import annotations

import json
import math
from collections import Counter, OrderedDict, deque, namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import Enum, Flag, IntEnum, StrEnum
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, PrivateAttr

from pytest_opswald.capture.codec import Unrestored, decode, encode
from pytest_opswald.capture.codec.decoding import _KINDS
from pytest_opswald.capture.codec.scalars import BY_KIND


class Colour(Enum):
    RED = "red"


class Level(IntEnum):
    HIGH = 3


class Word(StrEnum):
    YES = "yes"


class Access(Flag):
    READ = 1
    WRITE = 2


Pair = namedtuple("Pair", "left right")  # noqa: PYI024


class Point(NamedTuple):
    x: int
    y: int = 0


@dataclass(frozen=True, slots=True)
class Money:
    amount: Decimal
    currency: str = "EUR"


@dataclass
class Order:
    id: int
    lines: list[Money] = field(default_factory=list)
    note: str = field(default="", init=False)

    def __post_init__(self) -> None:
        if self.id < 0:
            raise ValueError("negative")


class Customer(BaseModel):
    model_config = ConfigDict(extra="allow")

    name: str
    born: date | None = None
    level: Level = Level.HIGH
    _seen: int = PrivateAttr(default=0)


class Tag(str):
    __slots__ = ()


class Weights(dict[str, float]):
    pass


quickly = settings(max_examples=60, deadline=None)

KINDS: dict[str, Any] = {
    "bytes": b"\x00\xff",
    "bytes of text": "Grüße".encode(),
    "bytearray": bytearray(b"abc"),
    "tuple": (1, (2, "x")),
    "set": {3, 1, 2},
    "set of tuples": {(1, "a"), (2, "b")},
    "frozenset": frozenset("ab"),
    "datetime": datetime(2026, 3, 1, 12, 30, 1, 5, tzinfo=UTC),
    "naive datetime": datetime(2026, 3, 1, 12, 30),  # noqa: DTZ001
    "datetime with offset": datetime(2026, 3, 1, tzinfo=timezone(timedelta(hours=-3))),
    "datetime in the fold": datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo("Europe/Paris"), fold=1),
    "date": date(2026, 3, 1),
    "time": time(12, 30, 1, 7),
    "timedelta": timedelta(days=-3, microseconds=9),
    "decimal": Decimal("1.10"),
    "uuid": UUID(int=7),
    "complex": complex(1, -0.5),
    "enum": Colour.RED,
    "int enum": Level.HIGH,
    "str enum": Word.YES,
    "combined flag": Access.READ | Access.WRITE,
    "path": Path("/srv/orders.csv"),
    "posix path": PurePosixPath("a/b"),
    "windows path": PureWindowsPath(r"c:\a"),
    "range": range(1, 10, 2),
    "namedtuple": Pair(1, (2,)),
    "typed namedtuple": Point(1),
    "frozen dataclass": Money(Decimal("9.99")),
    "nested dataclass": Order(1, [Money(Decimal(2), "USD")]),
    "pydantic model": Customer(name="Ada", born=date(1815, 12, 10), vip=True),
    "int keys": {1: "a", (2, 3): {"b": None}},
    "key that looks like an envelope": {"$type": "bytes", "value": "x"},
    "infinity": [math.inf, -math.inf],
    "int beyond a float": 2**70,
    "int beyond decimal readers": -(10**5000),
    "lone surrogate": ["\ud800", {"\udfff": 1}],
    "str subclass": Tag("refund"),
    "dict subclass": Weights(a=1.0),
    "counter": Counter("aab"),
    "ordered dict": OrderedDict(b=1, a=2),
    "deque": deque([1, 2], maxlen=3),
    "ellipsis": ...,
    "json": {"b": [1, 2.0, True, None, "ü"], "a": {}},
}


@pytest.mark.parametrize("value", KINDS.values(), ids=KINDS.keys())
def test_value_comes_back_equal_and_of_the_same_type(value: Any) -> None:
    """Every kind survives strict JSON, and nothing of it is reported as lost."""
    lost: list[str] = []

    text = json.dumps(encode(value, lost=lost), allow_nan=False)
    restored = decode(json.loads(text))

    assert restored == value
    assert type(restored) is type(value)
    assert not lost
    text.encode()


def test_nan_comes_back_as_nan() -> None:
    """NaN, which is not JSON, is still a float afterwards."""
    restored = decode(json.loads(json.dumps(encode(math.nan), allow_nan=False)))

    assert math.isnan(restored)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


@quickly
@given(_json)
def test_plain_json_is_kept_as_it_is(value: Any) -> None:
    """JSON comes back as it was, key order included."""
    restored = decode(json.loads(json.dumps(encode(value))))

    assert json.dumps(restored) == json.dumps(value)


_leaves = st.one_of(
    _json,
    st.binary(),
    st.datetimes(timezones=st.timezones() | st.none()),
    st.dates(),
    st.times(),
    st.timedeltas(),
    st.decimals(allow_nan=False),
    st.uuids(),
    st.complex_numbers(allow_nan=False),
    st.sampled_from([*Colour, *Level, *Word, *Access]),
    st.frozensets(st.integers() | st.text()),
)
_typed = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner),
        st.tuples(inner, inner),
        st.dictionaries(st.integers() | st.text() | st.just("$type"), inner),
        st.builds(Pair, inner, inner),
        st.builds(Order, st.integers(min_value=0), st.just([Money(Decimal(1))])),
        st.builds(Customer.model_construct, name=inner, more=inner),
    ),
    max_leaves=6,
)


@quickly
@given(_typed)
def test_any_mixture_comes_back_equal(value: Any) -> None:
    """Kinds nest in one another as they like."""
    lost: list[str] = []

    restored = decode(json.loads(json.dumps(encode(value, lost=lost), allow_nan=False)))

    assert restored == value
    assert not lost


_payloads = st.dictionaries(
    st.sampled_from(
        ["of", "value", "items", "fields", "name", "args", "base", "like", "attributes", "utf8"]
    ),
    _json | st.sampled_from([f"{__name__}:Money", f"{__name__}:Customer", "builtins:OSError"]),
)


@quickly
@given(st.sampled_from([*BY_KIND, *_KINDS]), _payloads)
def test_no_envelope_makes_decoding_raise(kind: str, payload: dict[str, Any]) -> None:
    """Goldens are edited by hand: whatever an envelope holds, there is a value."""
    decode({**payload, "$type": kind})


@quickly
@given(st.text(st.characters(), max_size=8))
def test_any_text_fits_a_file(value: str) -> None:
    """Text of any code points, surrogates too, becomes UTF-8 and comes back."""
    written = json.dumps(encode(value), ensure_ascii=False).encode()

    assert decode(json.loads(written)) == value


def test_key_order_is_kept() -> None:
    """Dictionaries are not sorted: an agent may show them to an LLM as they stand."""
    assert list(encode({"b": 1, "a": 2})) == ["b", "a"]


def test_equal_sets_are_written_equally() -> None:
    """Sets are sorted by what they say, so the hash seed doesn't show."""
    one = encode({"a", "b", "c", "d", 1, 2})
    other = encode({2, 1, "d", "c", "b", "a"})

    assert json.dumps(one) == json.dumps(other)


def test_encoded_value_shares_nothing_with_the_original() -> None:
    """What the agent does to its value later doesn't change what was recorded."""
    value = {"lines": [1]}
    encoded = encode(value)

    value["lines"].append(2)

    assert encoded == {"lines": [1]}


def test_pydantic_model_remembers_which_fields_were_set() -> None:
    """`exclude_unset` says the same after the way through JSON, private attributes stay."""
    customer = Customer(name="Ada", vip=True)
    customer._seen = 4

    restored = decode(encode(customer))

    assert restored.model_dump(exclude_unset=True) == {"name": "Ada", "vip": True}
    assert restored._seen == 4


def test_pydantic_model_is_not_validated_again() -> None:
    """A model that its provider built leniently comes back with the same odd values."""
    odd = Customer.model_construct(name=None)

    assert decode(encode(odd)).name is None


def test_text_of_bytes_is_readable() -> None:
    """Bytes that are text are written as text: for reviewers, and for the redaction of secrets."""
    assert encode(b"key=1") == {"$type": "bytes", "utf8": "key=1"}


def test_what_cannot_be_restored_reads_as_recorded() -> None:
    """A foreign object becomes its text, memory address masked, and says so when it is used."""

    class Client:
        def __str__(self) -> str:
            return "a client"

    lost: list[str] = []

    restored = decode(encode({"found": [Client()]}, lost=lost, root="result"))["found"][0]

    assert isinstance(restored, Unrestored)
    assert str(restored) == "a client"
    assert repr(restored).endswith("Client object at 0x…>")
    assert len(lost) == 1
    assert lost[0].startswith("result.found[0]: ")
    assert "<locals>.Client" in lost[0]
    with pytest.raises(AttributeError, match=r"the golden holds this .* only as text"):
        restored.send()


def test_local_dataclass_is_kept_as_text() -> None:
    """A class that no name leads to can't be found again."""

    @dataclass
    class Local:
        x: int

    lost: list[str] = []

    restored = decode(encode(Local(1), lost=lost))

    assert str(restored).endswith("Local(x=1)")
    assert lost


def test_local_subclass_of_a_builtin_is_kept_as_the_builtin() -> None:
    """Content matters more than class: an unknown dict is still a dict, and reported."""

    class Box(dict[str, int]):
        pass

    lost: list[str] = []

    assert decode(encode(Box(a=1), lost=lost)) == {"a": 1}
    assert lost


def test_cycle_is_recorded_as_text() -> None:
    """A value that holds itself is cut where it begins to repeat."""
    value: dict[str, Any] = {"name": "root"}
    value["self"] = value

    restored = decode(encode(value))

    assert restored["name"] == "root"
    assert str(restored["self"]) == "{'name': 'root', 'self': {...}}"


def test_shared_value_is_no_cycle() -> None:
    """The same list twice is written twice."""
    shared = [1]

    assert encode([shared, shared]) == [[1], [1]]


def test_very_deep_value_is_cut() -> None:
    """Nesting beyond what JSON readers accept becomes text instead of a RecursionError."""
    deep: list[Any] = []
    for _ in range(5_000):
        deep = [deep]
    lost: list[str] = []

    text = json.dumps(encode(deep, lost=lost))

    assert text.startswith("[[[[")
    assert text.count("[") < 200
    assert lost


class Hostile:
    @property
    def __class__(self) -> Any:
        raise RuntimeError("no class")

    def __repr__(self) -> str:
        raise RuntimeError("no repr")


@dataclass
class Raising:
    x: int = 0

    def __getattribute__(self, name: str) -> Any:
        raise RuntimeError("no attributes")


@pytest.mark.parametrize(
    "make",
    [Hostile, Raising, lambda: {Hostile(): 1}],
    ids=["class and repr", "attributes", "key"],
)
def test_object_that_raises_is_recorded_all_the_same(make: Callable[[], Any]) -> None:
    """Whatever a foreign object does when touched, recording goes on."""
    value = make()
    lost: list[str] = []

    json.dumps(encode(value, lost=lost))

    assert lost


@pytest.mark.parametrize(
    "envelope",
    [
        {"$type": "dataclass", "of": "subprocess:Popen", "fields": {"args": "true"}},
        {"$type": "enum", "of": "os:system", "name": "true"},
        {"$type": "enum", "of": "subprocess:Popen", "value": "true"},
        {"$type": "exception", "of": "subprocess:Popen", "args": ["true"]},
        {"$type": "pydantic", "of": "subprocess:Popen", "fields": {}},
        {"$type": "namedtuple", "of": "subprocess:Popen", "fields": {}},
        {"$type": "subclass", "of": "subprocess:Popen", "base": "true"},
        {"$type": "enum", "of": "antigravity:Popen", "name": "x"},
        {"$type": "datetime", "value": "yesterday"},
        {"$type": "decimal", "value": "much"},
        {"$type": "dataclass", "of": f"{__name__}:Money", "fields": {"__class__": 1}},
        {"$type": "from a later release", "value": 1},
        {"$type": "set", "items": [[]]},
        {"$type": "tuple"},
    ],
    ids=str,
)
def test_foreign_envelope_is_never_executed(envelope: dict[str, Any]) -> None:
    """A name in a golden is looked up, never called; what makes no sense stays text."""
    restored = decode(envelope)

    assert isinstance(restored, Unrestored | BaseException)


def test_constructors_do_not_run_on_replay() -> None:
    """Fields are filled in: `__post_init__` may have effects, and has run already."""
    order = Order(1)
    order.id = -1

    assert decode(encode(order)).id == -1
