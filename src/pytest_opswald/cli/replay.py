"""`pytest-opswald replay GOLDEN ...`: goldens replayed without the code that recorded them."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache, partial
from pathlib import Path

from pytest_opswald import config, runs
from pytest_opswald.engine.closed_loop import check_linear
from pytest_opswald.errors import InvalidSetting, NotLinear
from pytest_opswald.judging import check_judge
from pytest_opswald.playback import FIDELITIES, Fidelity, play
from pytest_opswald.plugin.ini_file import ini_for
from pytest_opswald.plugin.ini_rules import rules_in
from pytest_opswald.plugin.options import CHANGES
from pytest_opswald.stats.rules import parse_rule
from pytest_opswald.store.files import load
from pytest_opswald.store.folders import goldens_of
from pytest_opswald.store.paths import FOLDER
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.replay_spec import ReplaySpec

from .amounts import count, usd
from .batch import Batch
from .estimate import estimate_usd
from .job import Done, Job, key_of
from .output import paper, write
from .progress import clear_bar, draw_bar, summed_up, told

INCOMPLETE = 3
"""Exit code when the budget, the provider or Ctrl-C left something out, or nothing was tried."""
_FIDELITY = (
    "frozen: the recording; teacher_forced, usual for changes: each call in its recorded context; "
    "closed_loop: contexts grow from the answers"
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("goldens", nargs="+", type=Path, metavar="GOLDEN", help="golden file, or folder of them")
    add("--model", action="append", metavar="NEW|OLD=NEW", help="ask another model")
    add("--temperature", metavar="X|none", help="ask with another temperature, or without one")
    add("--max-tokens", metavar="N", help="ask with another limit of the answer")
    add("--top-p", metavar="X", help="ask with another top_p")
    add("--seed", metavar="N", help="ask with another seed")
    add("--prompt", metavar="TEXT|@FILE", help="ask with another system prompt")
    add("--fork-from-step", metavar="N", help="serve the steps before N, ask the rest")
    add("--fidelity", choices=FIDELITIES, help=_FIDELITY)
    add(
        "--on-divergence",
        choices=("stop", "teacher_forced"),
        default="stop",
        help="what a closed loop does where the golden has no tool result; stop",
    )
    add("--jobs", type=count, default=1, metavar="N", help="how many at a time; 1")
    add("--max-cost", type=usd, metavar="USD", help="leave out what this may not be enough for")
    add("--fresh", action="store_true", help="forget what an interrupted run has kept")
    add("--json", action="store_true", help="one JSON object a golden")
    add("-v", "--verbose", action="count", default=0, help="show every step")
    add("-q", "--quiet", action="count", default=0, help="verdicts only")


def run(options: argparse.Namespace) -> int:
    paths = list(dict.fromkeys(_golden_files(options.goldens)))
    settings = cache(partial(_settings, options))
    jobs = [_job(path, settings(path.parent), options) for path in paths]
    batch = Batch(jobs, root=Path.cwd(), parallel=options.jobs, most_usd=options.max_cost)
    ended: list[Done] = []
    try:
        for job, done, was_kept in batch.run(fresh=options.fresh):
            ended.append(done)
            clear_bar()
            write(told(done, as_json=options.json, was_kept=was_kept))
            draw_bar(len(ended), len(jobs), batch.spent, job.path)
    except KeyboardInterrupt:
        clear_bar()
        sys.stderr.write(
            f"interrupted: {len(ended)} of {len(jobs)} are kept; the same command goes on\n"
        )
        return INCOMPLETE
    clear_bar()
    if not options.json:
        write(summed_up(ended, batch))
    return _exit_code(ended, batch.left_out)


def _settings(options: argparse.Namespace, folder: Path) -> config.Settings:
    """As a session on `folder` would have them. Raises InvalidSetting."""
    cwd, ini = Path.cwd(), ini_for(folder)
    given = config.Source(
        {name: getattr(options, name) for name in CHANGES},
        lambda name: f"--{name.replace('_', '-')}",
        cwd,
    )
    return config.settings(
        (given, config.environment(os.environ, cwd), ini.source),
        mode="replay",
        rewrite="missing",
        redaction=rules_in(ini, cwd),
    )


def _golden_files(given: Iterable[Path]) -> Iterator[Path]:
    for path in given:
        if not path.is_dir():
            yield path
            continue
        below = (file for file in path.rglob("*.json") if file.parent.name == FOLDER)
        found = goldens_of(below) or goldens_of(path.glob("*.json"))
        if not found:
            raise InvalidSetting(f"{path}: there is no golden in this folder")
        yield from found


def _job(path: Path, settings: config.Settings, options: argparse.Namespace) -> Job:
    golden, spec = load(path), settings.spec
    fidelity: Fidelity = options.fidelity or ("teacher_forced" if spec.modified else "frozen")
    _refuse_impossible(path, golden, spec, fidelity)
    how = (spec.model_dump_json(), fidelity, options.on_divergence, *settings.redaction.told)
    key = key_of(path.read_bytes(), *how)
    played = partial(_played, path, golden, settings, fidelity, options)
    if fidelity == "frozen":
        return Job(path, key, 0.0, played)
    own = golden.expected_outcome.trials
    rule = settings.trials or (parse_rule(own.rule) if own else None)
    estimate = 0.0 if options.max_cost is None else estimate_usd(golden, spec)
    return Job(path, key, estimate, played, rule)


def _refuse_impossible(path: Path, golden: Golden, spec: ReplaySpec, fidelity: Fidelity) -> None:
    """Before anything is paid for. Raises OpswaldError."""
    runs.replayer(golden, spec)
    if fidelity != "frozen":
        check_judge(golden)
    if fidelity == "closed_loop":
        _check_loop(path, golden)


def _check_loop(path: Path, golden: Golden) -> None:
    try:
        check_linear(golden)
    except NotLinear as problem:
        raise NotLinear(
            f"{path}: {problem}; leave it out, or replay it with --fidelity teacher_forced"
        ) from None


def _played(
    path: Path,
    golden: Golden,
    settings: config.Settings,
    fidelity: Fidelity,
    options: argparse.Namespace,
) -> Done:
    result = play(
        golden,
        settings.spec,
        fidelity=fidelity,
        falls_back=options.on_divergence == "teacher_forced",
        folder=path.parent,
        rules=settings.redaction,
    )
    return Done.of(path, result, paper(verbosity=options.verbose - options.quiet))


def _exit_code(ended: Sequence[Done], left_out: Sequence[Path]) -> int:
    if any(done.failed and not done.infra for done in ended):
        return 1
    left = left_out or any(done.failed for done in ended) or all(done.untried for done in ended)
    return INCOMPLETE if left else 0
