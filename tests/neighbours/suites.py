"""What a project of each neighbour's user holds: tests of theirs alone, and tests of ours.

Tests of ours are called `test_ours...`, and each asks once.
"""

from __future__ import annotations

from dataclasses import dataclass

HELLO = {"model": "gpt-5.2", "messages": [{"role": "user", "content": "Hello?"}]}

AGENT = f"""
import httpx

URL = "http://127.0.0.1:9/v1/chat/completions"

def said(answer):
    return answer.json()["choices"][0]["message"]["content"]

def ask():
    return said(httpx.post(URL, json={HELLO}))

async def ask_async():
    async with httpx.AsyncClient() as client:
        return said(await client.post(URL, json={HELLO}))
"""


@dataclass(frozen=True)
class Suite:
    """The tests, and how the neighbour is loaded and used."""

    tests: str
    options: tuple[str, ...] = ()
    plugin: str = ""
    """Name of its entry point, when it has one of another name."""


SUITES = {
    "xdist": Suite(
        """
def test_theirs(worker_id): assert worker_id.startswith("gw")

def test_ours(opswald): assert ask() == "Hello!"

def test_ours_too(opswald): assert ask() == "Hello!"
""",
        ("-n", "1"),
    ),
    "rerunfailures": Suite(
        """
RUNS = []

@pytest.mark.flaky(reruns=2)
def test_theirs():
    RUNS.append("theirs")
    assert RUNS.count("theirs") == 2

@pytest.mark.flaky(reruns=2)
def test_ours(opswald):
    assert ask() == "Hello!"
    RUNS.append("ours")
    assert RUNS.count("ours") == 2
"""
    ),
    "randomly": Suite(
        """
def test_theirs(): pass

def test_ours(opswald): assert ask() == "Hello!"
"""
    ),
    "asyncio": Suite(
        """
@pytest.mark.asyncio
async def test_theirs(): pass

@pytest.mark.asyncio
async def test_ours(opswald): assert await ask_async() == "Hello!"
""",
        ("-o", "asyncio_default_fixture_loop_scope=function"),
    ),
    "anyio": Suite(
        """
@pytest.fixture
def anyio_backend(): return "trio"

@pytest.mark.anyio
async def test_theirs(): pass

@pytest.mark.anyio
async def test_ours(opswald): assert await ask_async() == "Hello!"
"""
    ),
    "trio": Suite(
        """
@pytest.mark.trio
async def test_theirs(): pass

@pytest.mark.trio
async def test_ours(opswald): assert await ask_async() == "Hello!"
"""
    ),
    "timeout": Suite(
        """
@pytest.mark.timeout(60, method="thread")
def test_theirs(): pass

@pytest.mark.timeout(60, method="thread")
def test_ours(opswald): assert ask() == "Hello!"
""",
        ("--timeout=60",),
    ),
    "cov": Suite(
        """
def test_theirs(): pass

def test_ours(opswald): assert ask() == "Hello!"
""",
        ("--cov=agent",),
        plugin="pytest_cov",
    ),
    "recording": Suite(
        """
@pytest.mark.vcr
def test_theirs(vcr): assert vcr is not None

@pytest.mark.vcr
@pytest.mark.block_network
def test_ours(opswald, vcr):
    assert ask() == "Hello!"
    assert vcr.play_count == len(vcr) == 0
""",
        ("--block-network",),
    ),
    "cassetter": Suite(
        """
def test_theirs(): pass

def test_ours(opswald): assert ask() == "Hello!"
"""
    ),
    "vcrpy": Suite(
        """
import vcr

def test_theirs(tmp_path):
    with vcr.use_cassette(str(tmp_path / "cassette.yaml")): pass

def test_ours(opswald, tmp_path):
    with vcr.use_cassette(str(tmp_path / "cassette.yaml")) as cassette:
        assert ask() == "Hello!"
    assert len(cassette) == 0
"""
    ),
    "syrupy": Suite(
        """
def test_theirs(snapshot): assert "theirs" != snapshot

def test_ours(opswald, snapshot):
    ask()
    assert opswald.trajectory != snapshot
"""
    ),
    "langsmith": Suite(
        """
def test_theirs(): import langsmith

def test_ours(opswald): assert ask() == "Hello!"
""",
        plugin="langsmith_plugin",
    ),
}
