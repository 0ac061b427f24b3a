"""Result files of other benchmarks, as labelled runs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.verdicts.dialogues import read_dialogues
from tests.corpus.agent_runs import LabelledRun

ASKED = {"id": "c1", "name": "get_order", "arguments": {"id": 7}}
MESSAGES = [
    {"role": "user", "content": "Where is my order?"},
    {"role": "assistant", "content": None, "tool_calls": [ASKED]},
    {"role": "tool", "id": "c1", "content": "Error: no order 7", "requestor": "assistant"},
    {"role": "tool", "id": "u1", "content": "on", "requestor": "user"},
    {"role": "assistant", "content": "There is none."},
    {"role": "user", "content": "Bye. ###STOP###"},
]
STEPS = ["user_input", "llm_call", "tool_call", "tool_result", "llm_call", "user_input", "response"]


def told(run: LabelledRun) -> dict[str, Any]:
    return {
        "task": (run.suite, run.task, run.model, run.is_solved),
        "steps": [step.type for step in run.trace.steps],
        "said": run.trace.final_message,
        "failed": run.trace.errors,
    }


def test_simulations_are_read(tmp_path: Path) -> None:
    """The agent's side; what the user does on his own device is none of its calls."""
    agent = {"implementation": "llm_agent", "llm": "gpt-5"}
    info = {"agent_info": agent, "environment_info": {"domain_name": "retail"}}
    run = {"task_id": "7", "trial": 0, "reward_info": {"reward": 1.0}, "messages": MESSAGES}
    file = tmp_path / "retail.json"
    file.write_text(json.dumps({"info": info, "simulations": [run, {**run, "reward_info": None}]}))

    assert [told(run) for run in read_dialogues(file)] == [
        {
            "task": ("retail", 7, "gpt-5", True),
            "steps": STEPS,
            "said": "There is none.",
            "failed": 1,
        }
    ]


def test_trajectories_are_read(tmp_path: Path) -> None:
    """Arguments are JSON in a text there, and results name their calls."""
    function = {"name": "get_order", "arguments": '{"id": 7}'}
    asks = {
        "role": "assistant",
        "content": None,
        "tool_calls": [{"id": "c1", "function": function}],
    }
    result = {"role": "tool", "tool_call_id": "c1", "content": "Error: no order 7"}
    messages = [MESSAGES[0], asks, result, *MESSAGES[-2:]]
    file = tmp_path / "gpt-5-retail.json"
    file.write_text(json.dumps([{"task_id": 7, "trial": 2, "reward": 0.0, "traj": messages}]))

    assert [told(run) for run in read_dialogues(file)] == [
        {
            "task": ("tau", 7, "gpt-5-retail", False),
            "steps": STEPS,
            "said": "There is none.",
            "failed": 1,
        }
    ]
