"""Reads service dialogues as labelled runs: result files of tau-bench and tau2-bench.

tau-bench: a list of `{"task_id", "trial", "reward", "traj"}`. tau2-bench: an object with `info`,
`tasks` and `simulations`, each of those with `task_id`, `trial`, `reward_info` and `messages`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pytest_opswald.trace.steps import Message, Response, Step, ToolInput, ToolRequest, UserInput
from pytest_opswald.trace.trace import Trace
from tests.corpus.agent_runs import LabelledRun, llm_call, tool_use

_SOLVED = 0.99


def read_dialogues(path: Path) -> Iterator[LabelledRun]:
    """Every run of a file that has a reward."""
    read = json.loads(path.read_text(encoding="utf-8"))
    if isinstance(read, list):
        for run in read:
            told = f"{path.stem}#{run['trial']}"
            yield _labelled("tau", run["task_id"], told, path.stem, run["reward"], run["traj"])
        return
    info = read["info"]
    agent, suite = info["agent_info"], info["environment_info"]["domain_name"]
    for run in read["simulations"]:
        reward = (run.get("reward_info") or {}).get("reward")
        if reward is not None and run.get("messages"):
            told = f"{agent['implementation']}/{agent['llm']}/{path.stem}#{run.get('trial')}"
            model = str(agent["llm"])
            yield _labelled(suite, run["task_id"], told, model, reward, run["messages"])


def _labelled(
    suite: str, task: Any, pipeline: str, model: str, reward: float, messages: Sequence[Any]
) -> LabelledRun:
    trace = Trace.of(list(_steps(messages, model)))
    return LabelledRun(suite, int(task), pipeline, model, reward >= _SOLVED, trace)


def _steps(messages: Sequence[Mapping[str, Any]], model: str) -> Iterator[Step]:
    """The agent's side: tools that the user has on his own device are none of its calls."""
    said: list[Message] = []
    asked: dict[str | None, ToolInput] = {}
    answer = None
    for raw in messages:
        if raw.get("requestor") == "user" or (raw["role"] == "user" and raw.get("tool_calls")):
            continue
        message = _message(raw)
        match message.role:
            case "user":
                yield UserInput(message=message.content or "")
            case "assistant":
                yield llm_call(model, said, message)
                asked |= {call.id: _asked(call) for call in message.tool_calls}
                answer = message.content or answer
            case "tool" if call := asked.get(message.tool_call_id):
                result = message.content or ""
                yield from tool_use(call, result, result if result.startswith("Error") else None)
        said.append(message)
    yield Response(message=answer)


def _message(raw: Mapping[str, Any]) -> Message:
    return Message(
        role=raw["role"],
        content=raw.get("content"),
        tool_calls=tuple(map(_request, raw.get("tool_calls") or ())),
        tool_call_id=raw.get("tool_call_id") or raw.get("id"),
    )


def _request(raw: Mapping[str, Any]) -> ToolRequest:
    called = raw.get("function") or raw
    arguments = called["arguments"]
    if isinstance(arguments, str):
        arguments = json.loads(arguments)
    return ToolRequest(function=called["name"], arguments=arguments, id=raw.get("id"))


def _asked(call: ToolRequest) -> ToolInput:
    return ToolInput(tool=call.function, arguments=call.arguments, tool_call_id=call.id)
