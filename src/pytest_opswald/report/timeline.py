"""A golden as a readable timeline: every step, with all that was said."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.steps import (
    Custom,
    Error,
    LlmCall,
    LlmOutput,
    Message,
    Response,
    Step,
    Tokens,
    ToolCall,
    ToolResult,
    UserInput,
)
from pytest_opswald.trace.trace import Trace

from .amounts import counted, dollars
from .paper import Paper, Span, columns, padded
from .phrases import literal, phrase, requested, response, result, subject

_LABEL = 11
"""Columns of the word that says who speaks."""
_SHORT = 60
"""Characters of a value that stays on one line."""


def timeline(golden: Golden, paper: Paper) -> list[str]:
    """The golden's head, what it expects, and its steps one after the other."""
    lines = [*_head(golden, paper), *_expected(golden, paper)]
    heard: set[str] = set()
    for step in golden.trace.steps:
        lines += ["", *_title(step, paper)]
        for who, text in _said(step, heard):
            lines += _speech(who, text, paper)
    return lines


def _head(golden: Golden, paper: Paper) -> Iterator[str]:
    test = "" if golden.test == golden.name else f"  {golden.test}"
    yield paper.draw(Span(golden.name, "strong"), Span(test, "faint"))
    yield from paper.wrap(" · ".join(_sums(golden.trace)), first="  ", rest="    ")
    if golden.tags:
        yield paper.draw(f"  tags: {', '.join(golden.tags)}")


def _sums(trace: Trace) -> Iterator[str]:
    yield trace.status
    yield counted(len(trace.steps), "step")
    yield counted(len(trace.llm_calls), "LLM call")
    yield from trace.models_used
    if trace.llm_calls:
        yield _tokens(trace.total_tokens)
    if trace.total_cost:
        yield dollars(trace.total_cost)


def _expected(golden: Golden, paper: Paper) -> Iterator[str]:
    expected = golden.expected_outcome.model_dump(mode="json", exclude_unset=True)
    if expected:
        yield ""
        yield paper.draw(Span("expected outcome", "strong"))
    for key, value in expected.items():
        yield from paper.wrap(f"{key}: {literal(value)}", first="  ", rest="    ")


def _title(step: Step, paper: Paper) -> Iterator[str]:
    about = "" if isinstance(step, UserInput | Response) else subject(step)
    title = f"{step.step_number:>3} {step.type}"
    named = f"{title}  {about}" if about else title
    details = " · ".join(_details(step))
    ink = "bad" if step.status == "error" else "strong"
    spans = (Span(title, ink), named.removeprefix(title))
    if columns(named) + 2 + columns(details) <= paper.width:
        yield paper.draw(*spans, Span(f"  {details}", "faint"))
    else:
        yield paper.draw(*spans)
        yield from paper.wrap(details, first="      ", rest="      ", ink="faint")


def _details(step: Step) -> Iterator[str]:
    if step.agent:
        yield f"agent {step.agent}"
    if isinstance(step, LlmCall):
        yield from _settings(step)
    if isinstance(step, ToolCall) and not step.declared:
        yield "undeclared"
    if step.cost:
        yield dollars(step.cost)
    if step.duration_ms is not None:
        yield f"{step.duration_ms:,.0f} ms"


def _settings(step: LlmCall) -> Iterator[str]:
    asked = step.input
    for name in ("temperature", "top_p", "max_tokens", "seed"):
        if (value := getattr(asked, name)) is not None:
            yield f"{name.replace('_', ' ')} {value:g}"
    if asked.stream:
        yield "streamed"
    if step.http and step.http.attempts:
        yield counted(len(step.http.attempts) + 1, "attempt")
    if step.tokens:
        yield _tokens(step.tokens)


def _tokens(tokens: Tokens) -> str:
    cached = f" ({tokens.cached:,} cached)" if tokens.cached else ""
    return f"{tokens.input:,}{cached} in, {counted(tokens.output, 'token')} out"


def _said(step: Step, heard: set[str]) -> Iterator[tuple[str, str]]:
    """Who said what; of a conversation only what was not said before."""
    match step:
        case UserInput():
            yield "", step.message
        case LlmCall():
            for message in _new(step.input.messages, heard):
                yield message.role, _content(message)
            yield from _answer(step.output)
        case ToolCall():
            for name, value in step.input.arguments.items():
                yield "", f"{name} = {_readable(value)}"
        case ToolResult():
            failed = step.output.error is not None
            yield "", result(step) if failed else _readable(step.output.result)
        case Response():
            yield "", step.message or response(step)
        case Custom(http=None):
            yield "in", _readable(step.input)
            yield "out", _readable(step.output)
        case _:
            yield "", phrase(step)
    if step.error and not isinstance(step, Error | ToolResult):
        yield "error", f"{step.error.type}: {step.error.message}"


def _new(messages: Iterable[Message], heard: set[str]) -> Iterator[Message]:
    """Messages not said before; what the LLM and the tools said stands in steps of its own."""
    first = not heard
    for message in messages:
        key = message.model_dump_json(include={"role", "content"})
        echo = message.tool_call_id is not None or (message.role == "assistant" and not first)
        if key not in heard and not echo:
            yield message
        heard.add(key)


def _content(message: Message) -> str:
    match message.content:
        case list() as blocks:
            said = [_block(block) for block in blocks]
        case content:
            said = [content] if content else []
    return "\n".join([*said, *(f"→ {requested(call)}" for call in message.tool_calls)])


def _block(block: Any) -> str:
    if isinstance(block, Mapping) and isinstance(block.get("text"), str):
        return str(block["text"])
    return literal(block)


def _answer(output: LlmOutput) -> Iterator[tuple[str, str]]:
    if output.reasoning:
        yield "reasoning", output.reasoning
    if output.refusal:
        yield "refusal", output.refusal
    if output.content:
        yield "assistant", output.content
    for call in output.tool_calls:
        yield "→", requested(call)
    if output.finish_reason in {"length", "max_tokens", "content_filter", "incomplete"}:
        yield "ended", output.finish_reason


def _readable(value: Any) -> str:
    """A text as it is; anything else as JSON, on one line while that is short."""
    if isinstance(value, str):
        return value
    line = literal(value)
    return line if len(line) <= _SHORT else json.dumps(value, ensure_ascii=False, indent=2)


def _speech(who: str, text: str, paper: Paper) -> list[str]:
    label = padded(who, _LABEL) if who else ""
    indent = " " * 6
    return paper.wrap(text, first=indent + label, rest=indent + " " * columns(label))
