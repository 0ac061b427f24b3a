"""The eleven kinds of step a trace is made of.

Shapes follow the Opswald API's Step object; `http` is what the wire said, from which an LLM
call's `input`, `output` and `tokens` are read.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from .document import Document

StepType = Literal[
    "user_input",
    "llm_call",
    "tool_call",
    "tool_result",
    "decision",
    "handoff",
    "guardrail_eval",
    "state_change",
    "error",
    "response",
    "custom",
]
StepStatus = Literal["ok", "error"]


class Tokens(Document):
    """Token counts of one LLM call or a whole trace."""

    input: int = 0
    """Prompt tokens, those read from or written to a cache included."""
    output: int = 0
    """Completion tokens, reasoning included."""
    cached: int = 0
    """Part of `input` that was read from the provider's cache."""
    cache_write: int = 0
    """Part of `input` that was written to the provider's cache."""
    reasoning: int = 0
    """Part of `output` spent on reasoning."""

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            input=self.input + other.input,
            output=self.output + other.output,
            cached=self.cached + other.cached,
            cache_write=self.cache_write + other.cache_write,
            reasoning=self.reasoning + other.reasoning,
        )


class StepError(Document):
    """Why a step failed."""

    type: str
    """llm_error, tool_error, guardrail_blocked, timeout, agent_error or an exception's name."""
    message: str


class SseEvent(Document):
    """One server-sent event, decoded."""

    data: Any = None
    """Parsed JSON; a plain string when it is none (`[DONE]`)."""
    event: str | None = None
    id: str | None = None
    retry: int | None = None
    comment: str | None = None


class Attempt(Document):
    """A try of the same call that failed before the one that counts."""

    status: int | None = None
    """None when the transport raised."""
    error: str | None = None
    """`Kind: message` of a transport failure, or the provider's error message."""


class HttpRecord(Document):
    """One exchange on the wire, enough to compare the request and to serve the response again."""

    format: str
    """Name of the wire format that reads it (`openai_chat`, ...), or `http` when none does."""
    method: str = "POST"
    url: str
    """Without credentials; scheme, host and path, with loopback ports dropped."""
    request: Any = None
    """Request body: parsed JSON; a string when it is none; None when empty."""
    status: int = 200
    headers: dict[str, str] = Field(default_factory=dict)
    """Response headers worth keeping: content type, retry and request id, rate limits."""
    body: Any = None
    """Response body as parsed JSON, when it was JSON."""
    text: str | None = None
    """Response body as text, when it was neither JSON nor events; beside events, the unfinished
    one that a stream broke off in."""
    base64: str | None = None
    """Response body, when it was no UTF-8 text."""
    events: tuple[SseEvent, ...] | None = None
    """Response body, when it was a stream of server-sent events."""
    layout: str | None = None
    """White space of the JSON, when it was not compact: `spaced`, `indented, ascii`, ..."""
    ended: Literal["complete", "aborted", "error"] = "complete"
    failure: StepError | None = None
    """The transport raised instead of answering; `type` is the exception's name in httpx's tree."""
    broke: StepError | None = None
    """The body broke off, after status and headers; `type` is the exception's name."""
    attempts: tuple[Attempt, ...] = ()


class ToolRequest(Document):
    """A tool call as an LLM asked for it."""

    function: str
    arguments: Any = Field(default_factory=dict)
    """Parsed arguments; the raw string when it is not JSON (then `args_error` says why)."""
    id: str | None = None
    args_error: str | None = None


class Message(Document):
    """One message of a conversation, the same for every provider."""

    role: str
    content: str | list[Any] | None = None
    """Text; a list of the provider's own blocks when there is more than text."""
    tool_calls: tuple[ToolRequest, ...] = ()
    tool_call_id: str | None = None


class LlmInput(Document):
    """What the LLM was asked."""

    model: str | None = None
    messages: tuple[Message, ...] = ()
    """The system prompt, wherever the provider keeps it, comes first."""
    temperature: float | None = None
    """As sent; None when the request left it to the provider."""
    max_tokens: int | None = None
    top_p: float | None = None
    seed: int | None = None
    tools: tuple[str, ...] = ()
    """Names of the tools on offer."""
    response_format: Any = None
    provider: str | None = None
    stream: bool = False


class LlmOutput(Document):
    """What the LLM answered."""

    content: str | None = None
    tool_calls: tuple[ToolRequest, ...] = ()
    finish_reason: str | None = None
    model: str | None = None
    """The model that answered, by its full name."""
    refusal: str | None = None
    reasoning: str | None = None
    """Visible reasoning or thinking text."""


class ToolInput(Document):
    tool: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    """By parameter name, defaults applied, typed values encoded."""
    tool_call_id: str | None = None


class ToolOutput(Document):
    result: Any = None
    """The encoded return value."""
    error: Any = None
    """The encoded exception, when the tool raised."""


class ToolResultInput(Document):
    tool: str
    tool_call_id: str | None = None


class BaseStep(Document):
    """What every step has."""

    step_number: int = 0
    """From 1, in order; 0 until a trace numbers it."""
    name: str | None = None
    agent: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    """Span of the tool call it happened in."""
    timestamp: datetime | None = None
    """Start, UTC; volatile, kept apart from what is compared."""
    duration_ms: float | None = None
    """Volatile, kept apart from what is compared."""
    cost: float | None = None
    """USD; None when the price is unknown."""
    status: StepStatus = "ok"
    error: StepError | None = None
    metadata: dict[str, Any] = Field(default_factory=dict)

    @property
    def id(self) -> str:
        """`step_001`, as the API names it."""
        return f"step_{self.step_number:03d}"


class UserInput(BaseStep):
    type: Literal["user_input"] = "user_input"
    message: str


class LlmCall(BaseStep):
    type: Literal["llm_call"] = "llm_call"
    input: LlmInput
    output: LlmOutput = LlmOutput()
    tokens: Tokens | None = None
    http: HttpRecord | None = None
    group: int | None = None
    """Number shared by calls that were in flight together."""
    arrival: int | None = None
    """Place of its answer among those of its group, from 1."""

    @property
    def is_unpriced(self) -> bool:
        """Whether it took tokens of which the price is not known."""
        return self.tokens is not None and self.cost is None


class ToolCall(BaseStep):
    type: Literal["tool_call"] = "tool_call"
    input: ToolInput
    group: int | None = None
    """Number shared by calls that were in flight together."""
    arrival: int | None = None
    """Place of its result among those of its group, from 1."""
    declared: bool = True
    """False when nobody declared the tool and the call was read off the messages."""
    remote: bool = False
    """Whether an MCP server did it."""


class ToolResult(BaseStep):
    type: Literal["tool_result"] = "tool_result"
    input: ToolResultInput
    output: ToolOutput = ToolOutput()
    declared: bool = True


class Decision(BaseStep):
    type: Literal["decision"] = "decision"
    input: dict[str, Any] = Field(default_factory=dict)
    """`{options?, context?}`"""
    output: dict[str, Any] = Field(default_factory=dict)
    """`{decision_kind, decision, reasoning?, matched?}`"""


class Handoff(BaseStep):
    type: Literal["handoff"] = "handoff"
    input: dict[str, Any] = Field(default_factory=dict)
    """`{from_agent, to_agent, reason?}`"""
    output: dict[str, Any] = Field(default_factory=dict)
    """`{accepted?}`"""


class GuardrailEval(BaseStep):
    type: Literal["guardrail_eval"] = "guardrail_eval"
    input: dict[str, Any] = Field(default_factory=dict)
    """`{guardrail, content?}`"""
    output: dict[str, Any] = Field(default_factory=dict)
    """`{passed, blocked, score?, reason?}`"""


class StateChange(BaseStep):
    type: Literal["state_change"] = "state_change"
    input: dict[str, Any] = Field(default_factory=dict)
    """`{key, old?}`"""
    output: dict[str, Any] = Field(default_factory=dict)
    """`{new}`"""


class Error(BaseStep):
    type: Literal["error"] = "error"


class Response(BaseStep):
    type: Literal["response"] = "response"
    message: str | None = None
    """The final message."""
    structured_output: Any = None
    """The final value, encoded, when the agent gave back more than text."""


class Custom(BaseStep):
    type: Literal["custom"] = "custom"
    input: Any = None
    output: Any = None
    http: HttpRecord | None = None
    group: int | None = None
    arrival: int | None = None


Step = Annotated[
    UserInput
    | LlmCall
    | ToolCall
    | ToolResult
    | Decision
    | Handoff
    | GuardrailEval
    | StateChange
    | Error
    | Response
    | Custom,
    Field(discriminator="type"),
]
