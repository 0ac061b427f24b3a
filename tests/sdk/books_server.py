"""An MCP server, of either major of the SDK: as a child over its pipes, or over HTTP."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any


def books(ran: Callable[[str], None]) -> Any:
    """A server whose tools tell `ran` that they are executed."""
    try:
        from mcp.server.mcpserver import MCPServer as Server
    except ImportError:
        from mcp.server.fastmcp import FastMCP as Server
    from mcp.types import ToolAnnotations

    def hints(**said: bool) -> ToolAnnotations:
        return ToolAnnotations.model_validate(said)

    server = Server("books")

    @server.tool(annotations=hints(readOnlyHint=True))
    def title_of(order: int) -> dict[str, int | str | None]:
        ran("title_of")
        if order < 0:
            raise ValueError("no such order")
        return {"order": order, "title": "Ficciones", "note": None}

    @server.tool(annotations=hints(readOnlyHint=False, idempotentHint=True))
    def ship(order: int) -> str:
        ran("ship")
        return f"order {order} is on its way"

    @server.tool()
    def weather(city: str) -> str:
        ran("weather")
        return f"sunny in {city}"

    asking(server, ran)
    eliciting(server, ran)

    @server.resource("books://shelf")
    def shelf() -> str:
        return "two metres"

    return server


def asking(server: Any, ran: Callable[[str], None]) -> None:
    """Add a tool that has the client's LLM write something first, as each major has it."""
    from mcp.types import CreateMessageResult, SamplingMessage, TextContent

    def asked(title: str) -> list[SamplingMessage]:
        question = TextContent(type="text", text=f"Praise {title}.")
        return [SamplingMessage(role="user", content=question)]

    def praised(title: str, said: CreateMessageResult) -> str:
        ran("praise")
        return f"{title}: {getattr(said.content, 'text', '')}"

    try:
        from mcp.server.mcpserver import Resolve, Sample
    except ImportError:
        from mcp.server.fastmcp import Context

        async def praise(title: str, ctx: Context) -> str:
            said = await ctx.session.create_message(asked(title), max_tokens=50)
            return praised(title, said)

        praise.__annotations__["ctx"] = Context  # the first major evaluates no names
    else:

        def sampled(title: str) -> Sample:
            return Sample(asked(title), max_tokens=50)

        async def praise(title: str, said: Any) -> str:
            return praised(title, said)

        praise.__annotations__["said"] = Annotated[CreateMessageResult, Resolve(sampled)]
        sampled.__annotations__["return"] = Sample
        _asking_for_prompts(server, asked)
    server.tool()(praise)


def _asking_for_prompts(server: Any, asked: Callable[[str], Any]) -> None:
    """Add a prompt that does the same, and has its client keep something meanwhile."""
    from mcp.server.mcpserver import Context
    from mcp.types import CreateMessageRequest, CreateMessageRequestParams, InputRequiredResult

    async def blurb(title: str, ctx: Any) -> Any:
        if ctx.input_responses:
            return f"{ctx.request_state}: {ctx.input_responses['said'].content.text}"
        params = CreateMessageRequestParams(messages=asked(title), max_tokens=50)
        question = CreateMessageRequest(method="sampling/createMessage", params=params)
        return InputRequiredResult(input_requests={"said": question}, request_state=title)

    blurb.__annotations__["ctx"] = Context
    server.prompt()(blurb)


def eliciting(server: Any, ran: Callable[[str], None]) -> None:
    """Add a tool that has the client ask its user first."""
    from pydantic import BaseModel

    try:
        from mcp.server.mcpserver import Context
    except ImportError:
        from mcp.server.fastmcp import Context

    class Wrapping(BaseModel):
        paper: str

    async def wrap(order: int, ctx: Context) -> str:
        answer = await ctx.elicit(message=f"Which paper for {order}?", schema=Wrapping)
        ran("wrap")
        return f"{order} in {getattr(answer, 'data', None)}"

    wrap.__annotations__["ctx"] = Context
    server.tool()(wrap)


@contextmanager
def serving(ran: Callable[[str], None], path: str = "streamable_http_app") -> Iterator[str]:
    """The server behind HTTP, in a thread; its URL."""
    import uvicorn

    listening = socket.create_server(("127.0.0.1", 0))
    app = getattr(books(ran), path)()
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def main(log: Path) -> None:
    def ran(tool: str) -> None:
        with log.open("a") as lines:
            lines.write(f"{tool}\n")

    books(ran).run("stdio")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
