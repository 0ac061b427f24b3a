"""Reads the corpus of real agent runs as traces."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_opswald.trace.steps import (
    LlmCall,
    LlmInput,
    LlmOutput,
    Message,
    Response,
    Step,
    StepError,
    ToolCall,
    ToolInput,
    ToolOutput,
    ToolRequest,
    ToolResult,
    ToolResultInput,
    UserInput,
)
from pytest_opswald.trace.trace import Trace

Run = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class LabelledRun:
    """One run of one task."""

    suite: str
    task: int
    pipeline: str
    model: str
    """Several pipelines may share one."""
    is_solved: bool
    trace: Trace

    @property
    def name(self) -> str:
        return f"{self.suite}/user_task_{self.task}/{self.pipeline}"


def read_runs(corpus: Path) -> Iterator[tuple[str, Trace]]:
    """Name and trace of every run."""
    for run in read_labelled(corpus):
        yield run.name, run.trace


def read_labelled(corpus: Path) -> Iterator[LabelledRun]:
    """Every run, with what is known of it."""
    path = corpus / "agent_runs" / "agentdojo-banking-slack.jsonl.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            run = json.loads(line)
            pipeline = run["pipeline_name"]
            yield LabelledRun(
                suite=run["suite_name"],
                task=int(run["user_task_id"].rpartition("_")[2]),
                pipeline=pipeline,
                model=_model(pipeline, run["source_path"]),
                is_solved=run["utility"],
                trace=Trace.of(list(_steps(run["messages"], pipeline))),
            )


def _model(pipeline: str, source: str) -> str:
    """`local` pipelines tell their model in the path they were found at."""
    if pipeline.startswith("local"):
        return source.split("/")[1].removesuffix("-repeat_user_prompt")
    shared = "gpt-4o-2024-05-13"
    return shared if pipeline.startswith(shared) else pipeline


def _steps(messages: Sequence[Run], model: str) -> Iterator[Step]:
    said: list[Message] = []
    last = len(messages) - 1
    for index, raw in enumerate(messages):
        message = _message(raw)
        match raw["role"]:
            case "user":
                yield UserInput(message=message.content or "")
            case "assistant":
                yield llm_call(model, said, message)
                if index == last:
                    yield Response(message=message.content)
            case "tool":
                yield from _tool_use(raw, message)
        said.append(message)


def _message(raw: Run) -> Message:
    calls = [
        ToolRequest(function=call["function"], arguments=call["args"], id=call.get("id"))
        for call in raw.get("tool_calls") or ()
    ]
    return Message(
        role=raw["role"],
        content=_text(raw["content"]),
        tool_calls=tuple(calls),
        tool_call_id=raw.get("tool_call_id"),
    )


def _text(content: Any) -> str | None:
    if isinstance(content, list):
        return "".join(block.get("content") or "" for block in content)
    return content


def llm_call(model: str, said: Sequence[Message], answer: Message) -> LlmCall:
    return LlmCall(
        input=LlmInput(model=model, messages=tuple(said)),
        output=LlmOutput(content=answer.content, tool_calls=answer.tool_calls),
    )


def tool_use(asked: ToolInput, result: str | None, error: str | None) -> Iterator[Step]:
    """A call, and what came of it."""
    yield ToolCall(input=asked)
    yield ToolResult(
        input=ToolResultInput(tool=asked.tool, tool_call_id=asked.tool_call_id),
        output=ToolOutput(result=result, error=error),
        status="error" if error else "ok",
        error=StepError(type="tool_error", message=error) if error else None,
    )


def _tool_use(raw: Run, message: Message) -> Iterator[Step]:
    call = raw["tool_call"]
    asked = ToolInput(
        tool=call["function"], arguments=call["args"], tool_call_id=message.tool_call_id
    )
    return tool_use(asked, message.content, raw["error"])
