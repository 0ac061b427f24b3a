"""What the goldens came to when all was well: trials that later sessions are compared with.

They lie in `.opswald/baselines/suite.json` under the rootdir; CI keeps that file between runs
as it keeps any cache.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pytest_opswald.errors import InvalidSetting
from pytest_opswald.stats.trials import Trial

from .sidecars import FOLDER
from .trials import ignore_all, write


@dataclass(frozen=True, slots=True)
class Sample:
    """All trials of one golden in one session."""

    digest: str
    """Of the golden's bytes: another recording cannot be compared."""
    asked: str
    """What the replay changed."""
    trials: tuple[Trial, ...]
    tags: tuple[str, ...] = ()

    @classmethod
    def parsed(cls, data: Mapping[str, Any]) -> Sample:
        """From what `asdict` and JSON made of one. Raises KeyError, TypeError."""
        trials = tuple(Trial.parsed(trial) for trial in data["trials"])
        return cls(data["digest"], data["asked"], trials, tuple(data["tags"]))


def load(root: Path) -> dict[str, Sample]:
    """Samples by golden; none when there is no baseline. Raises InvalidSetting on a broken one."""
    path = path_of(root)
    try:
        data = json.loads(path.read_bytes())
        return {golden: Sample.parsed(told) for golden, told in data.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
        raise InvalidSetting(
            f"{path} is no baseline ({problem}): write a new one with --opswald-baseline"
        ) from None


def save(root: Path, samples: Mapping[str, Sample]) -> None:
    """Keep these samples; those of goldens that did not run stay."""
    path = path_of(root)
    path.parent.mkdir(parents=True, exist_ok=True)
    ignore_all(root)
    merged = {**load(root), **samples}
    write(path, {golden: asdict(merged[golden]) for golden in sorted(merged)})


def path_of(root: Path) -> Path:
    return root / FOLDER / "baselines" / "suite.json"
