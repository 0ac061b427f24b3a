"""Ways out of a process that know nothing of us; each says hello to a host and port.

A copy of this file stands beside the tests of `test_never_live.py`, which run it.
"""

from __future__ import annotations

import asyncio
import ctypes
import http.client
import multiprocessing
import os
import socket
import struct
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Callable
from contextlib import suppress
from socket import socket as renamed
from typing import Any

HELLO = b"GET / HTTP/1.1\r\nHost: there\r\n\r\n"
SECONDS = 3.0

Escape = Callable[[str, int], Any]


def by_socket(host: str, port: int) -> None:
    with socket.create_connection((host, port), SECONDS) as client:
        client.sendall(HELLO)


def by_raw_socket(host: str, port: int) -> None:
    import _socket

    client = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
    client.connect((host, port))
    client.send(HELLO)
    client.close()


def by_renamed_socket(host: str, port: int) -> None:
    with renamed() as client:
        client.connect((host, port))
        client.sendall(HELLO)


def by_connect_ex(host: str, port: int) -> None:
    with socket.socket() as client:
        if client.connect_ex((host, port)) == 0:
            client.sendall(HELLO)


def by_datagram(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(HELLO, (host, port))


def by_message(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendmsg([HELLO], [], 0, (host, port))


def by_asyncio(host: str, port: int) -> None:
    asyncio.run(_greet(host, port))


def by_uvloop(host: str, port: int) -> None:
    import uvloop

    uvloop.run(_greet(host, port))


async def _greet(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.write(HELLO)
    await writer.drain()
    writer.close()
    await writer.wait_closed()


def by_aiohttp(host: str, port: int) -> None:
    import aiohttp

    async def get() -> None:
        async with aiohttp.ClientSession() as session, session.get(f"http://{host}:{port}/"):
            pass

    asyncio.run(get())


def by_requests(host: str, port: int) -> None:
    import requests

    requests.get(f"http://{host}:{port}/", timeout=SECONDS)


def by_urllib(host: str, port: int) -> None:
    urllib.request.urlopen(f"http://{host}:{port}/", timeout=SECONDS).close()


def by_thread(host: str, port: int) -> None:
    def run() -> None:
        try:
            by_socket(host, port)
        except Exception as error:
            errors.append(error)

    errors: list[Exception] = []
    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def by_pycurl(host: str, port: int) -> None:
    import pycurl

    curl = pycurl.Curl()
    curl.setopt(curl.URL, f"http://{host}:{port}/")
    curl.setopt(curl.TIMEOUT, int(SECONDS))
    curl.setopt(curl.FAILONERROR, True)
    curl.setopt(curl.WRITEFUNCTION, lambda data: None)
    curl.perform()
    curl.close()


def by_grpc(host: str, port: int) -> None:
    import grpc

    # The listener speaks no HTTP/2.
    with grpc.insecure_channel(f"{host}:{port}") as channel, suppress(grpc.RpcError):
        channel.unary_unary("/a.B/C")(b"hello", timeout=SECONDS)


def by_ctypes(host: str, port: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    with socket.socket() as client:
        address = struct.pack("=HH4s8x", socket.AF_INET, socket.htons(port), socket.inet_aton(host))
        if libc.connect(client.fileno(), address, len(address)) == 0:
            client.sendall(HELLO)


def by_child_python(host: str, port: int) -> None:
    _python("-c", host, port)


def by_isolated_child_python(host: str, port: int) -> None:
    _python("-Ic", host, port)


def _python(option: str, host: str, port: int) -> None:
    code = f"import socket; socket.create_connection(({host!r}, {port})).sendall({HELLO!r})"
    _run(sys.executable, option, code)


def by_child_given_a_copy_of_the_environment(host: str, port: int) -> None:
    _run("curl", "-sSf", "-m", str(SECONDS), f"http://{host}:{port}/", env=dict(os.environ))


def by_curl(host: str, port: int) -> None:
    _run("curl", "-sSf", "-m", str(SECONDS), f"http://{host}:{port}/")


def by_shell(host: str, port: int) -> None:
    assert os.system(f"curl -sSf -m {SECONDS} -o /dev/null http://{host}:{port}/") == 0


def by_bash(host: str, port: int) -> None:
    _run("bash", "-c", f"printf hello > /dev/tcp/{host}/{port}")


def _run(*command: str, **options: Any) -> None:
    subprocess.run(command, check=True, capture_output=True, timeout=10 * SECONDS, **options)


def by_spawned_process(host: str, port: int) -> None:
    _process("spawn", host, port)


def by_forked_process(host: str, port: int) -> None:
    _process("fork", host, port)


def _process(method: str, host: str, port: int) -> None:
    process = multiprocessing.get_context(method).Process(target=by_socket, args=(host, port))
    process.start()
    process.join()
    assert process.exitcode == 0


def by_kept_connection(host: str, port: int) -> None:
    kept = _KEPT[host, port]
    kept.request("GET", "/")
    kept.getresponse().read()


def keep(host: str, port: int) -> None:
    """Open a connection before anybody watches."""
    _KEPT[host, port] = kept = http.client.HTTPConnection(host, port, timeout=SECONDS)
    kept.request("GET", "/warm")
    kept.getresponse().read()


_KEPT: dict[tuple[str, int], http.client.HTTPConnection] = {}


def by_kept_session(host: str, port: int) -> None:
    _LOOP.run_until_complete(_get(_SESSIONS[host, port], f"http://{host}:{port}/"))


def keep_session(host: str, port: int) -> None:
    """The same with aiohttp."""
    import aiohttp

    async def opened() -> Any:
        session = aiohttp.ClientSession()
        await _get(session, f"http://{host}:{port}/warm")
        return session

    _SESSIONS[host, port] = _LOOP.run_until_complete(opened())


def close_sessions() -> None:
    for session in _SESSIONS.values():
        _LOOP.run_until_complete(session.close())
    _LOOP.close()


async def _get(session: Any, url: str) -> None:
    async with session.get(url) as response:
        await response.read()


_LOOP = asyncio.new_event_loop()
_SESSIONS: dict[tuple[str, int], Any] = {}


def by_lookup(host: str, port: int) -> None:
    """Asks the system's resolver, and only then tells that it did."""
    with suppress(socket.gaierror):
        socket.getaddrinfo("escape.invalid", 443)
    by_socket("127.0.0.1", port)


ESCAPES: dict[str, Escape] = {
    name.removeprefix("by_"): function
    for name, function in list(globals().items())
    if name.startswith("by_")
}
KEEPING = {"kept_connection": keep, "kept_session": keep_session}
