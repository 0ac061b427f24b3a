"""Libraries are watched from their import on, once, and left as they were found."""

from __future__ import annotations

import inspect
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local_provider import Provider, Say
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
from pytest_opswald.capture.transports import httpx_family
from pytest_opswald.errors import OpswaldError
from tests.capture.handlers import Recording

CHAT = "/v1/chat/completions"


def seams(http: Any) -> list[Any]:
    return [http.Client._transport_for_url, http.AsyncClient._transport_for_url]


def copied(http: ModuleType, **changes: Any) -> ModuleType:
    """Another release of the library."""
    module = ModuleType(http.__name__)
    vars(module).update({**vars(http), **changes})
    return module


def run_python(code: str) -> str:
    """Output of a fresh interpreter, where every warning is an error."""
    command = [sys.executable, "-W", "error", "-c", code]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_everything_is_restored(http: ModuleType) -> None:
    """After the session the library and the import system are as before."""
    before, finders = seams(http), list(sys.meta_path)

    with captured():
        assert all(now != then for now, then in zip(seams(http), before, strict=True))

    assert seams(http) == before
    assert sys.meta_path == finders


def test_a_library_is_patched_once(http: ModuleType) -> None:
    """A session within a session adds nothing and takes nothing away."""
    with captured():
        outer = seams(http)
        with captured():
            assert seams(http) == outer
        assert seams(http) == outer


def test_sessions_of_mcp_are_patched_once() -> None:
    """What stands in place of their callbacks can be asked for by classes, too."""
    session = pytest.importorskip("mcp").ClientSession
    with captured():
        outer = dict(vars(session))
        with captured():
            assert dict(vars(session)) == outer
        assert dict(vars(session)) == outer
        assert inspect.getmembers(session)


def test_patches_on_top_of_ours_stay(http: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever patched the same place after us is not thrown out."""

    def theirs(self: Any, url: Any) -> None: ...

    monkeypatch.setattr(http.Client, "_transport_for_url", http.Client._transport_for_url)
    with captured():
        http.Client._transport_for_url = theirs

    assert http.Client._transport_for_url is theirs


def test_without_a_handler_the_transport_is_the_clients_own(http: Any, patched: None) -> None:
    """Outside a recording or replay nothing stands between a client and its transport."""
    with http.Client() as client:
        assert client._transport_for_url(http.URL("http://llm.test")) is client._transport


def test_one_library_under_two_names_records_once() -> None:
    """`httpx2.alias_httpx()` before or after our patch makes no second call of one."""
    pytest.importorskip("httpx2", reason="only httpx2 has aliases")
    code = """
import inspect
import sys
from tests.capture.handlers import Recording
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
for order in ("before", "after"):
    recording = Recording()
    with captured(), activated(recording):
        import httpx2
        httpx2.alias_httpx()
        import httpx
        transport = httpx.MockTransport(lambda request: httpx.Response(200, json={}))
        with httpx.Client(transport=transport) as client:
            client.get("http://llm.test")
        print(httpx is httpx2, len(recording.exchanges), end=" ")
"""
    assert run_python(code) == "True 1 True 1"


def test_nothing_is_imported_that_the_user_does_not_use() -> None:
    """Watching imports no client library and none of what they are built on."""
    code = """
import inspect
import sys
from pytest_opswald.capture.environment import provider_keys_present
from pytest_opswald.capture.patching import captured
with captured():
    print(sorted({"httpx", "httpx2", "asyncio", "pydantic", "ssl", "openai"} & set(sys.modules)))
"""
    assert run_python(code) == "[]"


def test_a_library_is_watched_when_the_user_imports_it(http: ModuleType) -> None:
    """The import is an ordinary one: the module keeps its own loader and spec."""
    code = f"""
from tests.capture.handlers import Recording
from pytest_opswald.capture.handler import activated
from pytest_opswald.capture.patching import captured
recording = Recording()
with captured(), activated(recording):
    import {http.__name__} as http
    transport = http.MockTransport(lambda request: http.Response(200, json={{}}))
    with http.Client(transport=transport) as client:
        client.get("http://llm.test")
print(len(recording.exchanges), http.__spec__.loader is http.__loader__, type(http.__loader__).__name__)
"""
    assert run_python(code) == "1 True SourceFileLoader"


def test_a_library_that_is_not_there_is_missing_as_usual() -> None:
    """The hook finds nothing of its own."""
    with captured({"no_such_library": "unused"}), pytest.raises(ModuleNotFoundError):
        import no_such_library  # type: ignore[import-not-found]  # noqa: F401


@pytest.mark.parametrize("client", ["Client", "AsyncClient"])
def test_a_seam_that_sees_nothing_fails_loudly(http: Any, client: str) -> None:
    """A release that no longer passes through the patched place is named at once."""

    class Elsewhere(getattr(http, client)):  # type: ignore[misc]
        def send(self, request: Any, **options: Any) -> Any:
            return self._transport.handle_request(request)

    class AsyncElsewhere(getattr(http, client)):  # type: ignore[misc]
        async def send(self, request: Any, **options: Any) -> Any:
            return await self._transport.handle_async_request(request)

    changed = Elsewhere if client == "Client" else AsyncElsewhere
    library = copied(http, __name__="httpx9", **{client: changed})

    with (
        pytest.raises(OpswaldError, match=f"httpx9 {http.__version__}.*{client}"),
        httpx_family.installed(library),
    ):
        pass


def test_a_seam_that_is_gone_fails_loudly(http: Any) -> None:
    """So does a release without the patched place."""
    library = copied(http, Client=type("Client", (), {}))

    with pytest.raises(OpswaldError, match="_transport_for_url"), httpx_family.installed(library):
        pass


def test_the_canary_makes_no_noise(http: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Proving the seam logs nothing and tells no handler."""
    recording = Recording()

    with caplog.at_level("DEBUG"), activated(recording), captured():
        pass

    assert recording.asked == []
    assert [record.name for record in caplog.records if record.name.startswith("http")] == []


def test_clients_in_threads_are_watched(patched: None, http: Any) -> None:
    """The handler in force serves every thread."""
    recording = Recording()

    def call() -> int:
        with http.Client() as client:
            return int(client.post(provider.url + CHAT, json={"model": "m"}).status_code)

    with (
        Provider(lambda ask: Say("hi")) as provider,
        activated(recording),
        ThreadPoolExecutor(3) as pool,
    ):
        codes = [done.result() for done in [pool.submit(call) for _ in range(6)]]

    assert codes == [200] * 6
    assert len(recording.exchanges) == 6
