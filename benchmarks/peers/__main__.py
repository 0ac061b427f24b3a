"""One peer against the limit and against us: `python -m benchmarks.peers NAME FOLDER [--quick]`."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

SIZES = (10, 100, 1_000, 5_000)
TOO_LONG_SECONDS = 40


def main(name: str, folder: Path, *, quick: bool) -> dict[str, Any]:
    # The peer first: some replace httpx before anybody imports it.
    peer = import_module(f"benchmarks.peers.{name}")
    calls: dict[int, Any] = {}
    fails = None
    for size in (2,) if quick else SIZES:
        if calls and _forecast(calls, size) > TOO_LONG_SECONDS:
            break
        rounds = 7 if size <= 100 and not quick else 1
        try:
            calls[size] = _per_call(peer, folder, size, rounds=rounds)
        except Exception as error:  # what others cannot do is a result, too
            sys.stderr.write(f"{name} fails at {size} calls: {type(error).__name__}: {error}\n")
            fails = size
            break
    test = _per_test(peer, folder, rounds=1 if quick else 9)
    return {"calls": calls, "fails": fails, "test": test}


def _forecast(calls: dict[int, Any], size: int) -> float:
    """Seconds of a run, growing with the square of its calls as it does with most."""
    last = max(calls)
    return float(calls[last]["seconds"] * (size / last) ** 2)


def _per_call(peer: Any, folder: Path, size: int, *, rounds: int) -> dict[str, float]:
    from benchmarks.conversations import questions
    from benchmarks.lanes import limit, record, replayed, seconds_of_calls
    from benchmarks.timing import interleaved

    conversation = questions(size)
    own = folder / str(size)
    own.mkdir()
    peer.record(own, conversation)
    lanes = {
        "limit": limit(conversation),
        "peer": peer.lane(own, conversation),
        "opswald": replayed(record(own / "golden.json", conversation)),
    }
    times = interleaved(
        {
            name: lambda lane=lane: seconds_of_calls(lane, conversation)
            for name, lane in lanes.items()
        },
        rounds=rounds,
    )
    return {
        "peer": times.ratio("peer", "limit"),
        "opswald": times.ratio("opswald", "limit"),
        "seconds": times.median("peer"),
    }


def _per_test(peer: Any, folder: Path, *, rounds: int) -> dict[str, float]:
    from benchmarks.conversations import questions
    from benchmarks.lanes import record, replayed, seconds_of_test
    from benchmarks.timing import interleaved

    conversation = questions(10)
    own = folder / "test"
    own.mkdir()
    peer.record(own, conversation)
    golden = record(own / "golden.json", conversation)
    times = interleaved(
        {
            "peer": lambda: seconds_of_test(peer.lane(own, conversation), conversation),
            "opswald": lambda: seconds_of_test(replayed(golden), conversation),
        },
        rounds=rounds,
    )
    return {
        "peer": times.median("peer"),
        "opswald": times.median("opswald"),
        "opswald_to_peer": times.ratio("opswald", "peer"),
    }


if __name__ == "__main__":
    told = main(sys.argv[1], Path(sys.argv[2]), quick="--quick" in sys.argv)
    sys.stdout.write(json.dumps(told))
