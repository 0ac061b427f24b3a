"""`pytest-opswald replay GOLDEN ...`: goldens replayed without the code that recorded them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import cache, partial
from pathlib import Path

from pytest_opswald import config, runs
from pytest_opswald.engine.closed_loop import check_linear
from pytest_opswald.errors import InvalidSetting, NotLinear
from pytest_opswald.playback import FIDELITIES, Fidelity, Played, play
from pytest_opswald.plugin.ini_file import ini_for
from pytest_opswald.plugin.ini_rules import rules_in
from pytest_opswald.plugin.options import CHANGES
from pytest_opswald.report.merge import summarise
from pytest_opswald.report.phrases import dollars
from pytest_opswald.report.summary import Row, Summary, counted
from pytest_opswald.report.terminal import render
from pytest_opswald.report.trial import breaches, infra_errors
from pytest_opswald.report.untried import told as told_untried
from pytest_opswald.report.untried import untried_of
from pytest_opswald.stats.rules import parse_rule
from pytest_opswald.store.files import load
from pytest_opswald.store.folders import goldens_of
from pytest_opswald.store.paths import FOLDER
from pytest_opswald.trace.golden import Golden
from pytest_opswald.trace.reasons import Reason

from .amounts import count, usd
from .batch import Batch
from .estimate import estimate_usd
from .job import Done, Job, key_of
from .output import paper, write

INCOMPLETE = 3
"""Exit code when the budget, the provider or Ctrl-C left something out, or nothing was tried."""
_FIDELITY = (
    "frozen: the recording; teacher_forced, usual for changes: each call in its recorded context; "
    "closed_loop: contexts grow from the answers"
)
_BAR = 24


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
            _clear_bar()
            write(_told(done, options.json, was_kept))
            _draw_bar(len(ended), len(jobs), batch.spent, job.path)
    except KeyboardInterrupt:
        _clear_bar()
        sys.stderr.write(
            f"interrupted: {len(ended)} of {len(jobs)} are kept; the same command goes on\n"
        )
        return INCOMPLETE
    _clear_bar()
    return _closed(ended, batch, options)


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
    golden, spec, rules = load(path), settings.spec, settings.redaction
    fidelity: Fidelity = options.fidelity or ("teacher_forced" if spec.modified else "frozen")
    runs.replayer(golden, spec)  # what is impossible is refused before anything is paid for
    if fidelity != "frozen":
        runs.check_judge(golden)
    if fidelity == "closed_loop":
        _check_loop(path, golden)
    falls_back = options.on_divergence == "teacher_forced"

    def played() -> Done:
        result = play(
            golden,
            spec,
            fidelity=fidelity,
            falls_back=falls_back,
            folder=path.parent,
            rules=rules,
        )
        return _done(path, golden, result, options.verbose - options.quiet)

    how = (spec.model_dump_json(), fidelity, options.on_divergence, *rules.told)
    key = key_of(path.read_bytes(), *how)
    if fidelity == "frozen":
        return Job(path, key, 0.0, played)
    own = golden.expected_outcome.trials
    rule = settings.trials or (parse_rule(own.rule) if own else None)
    estimate = 0.0 if options.max_cost is None else estimate_usd(golden, spec)
    return Job(path, key, estimate, played, rule)


def _check_loop(path: Path, golden: Golden) -> None:
    try:
        check_linear(golden)
    except NotLinear as problem:
        raise NotLinear(
            f"{path}: {problem}; leave it out, or replay it with --fidelity teacher_forced"
        ) from None


def _done(path: Path, golden: Golden, result: Played, verbosity: int) -> Done:
    replay = result.verdict.replay
    summary = summarise(replay, result.verdict.difference, profile=result.verdict.profile)
    first = summary.first
    return Done(
        golden=str(path),
        failed=summary.verdict == "fail",
        infra=summary.verdict == "fail" and _is_infra(summary),
        fidelity=result.fidelity,
        coverage=result.coverage,
        first_divergence=first.title if isinstance(first, Row) else first.message if first else "",
        usd=result.usd,
        tokens=result.tokens,
        untried=untried_of(summary),
        unpriced=result.unpriced,
        report=tuple(render(summary, paper(verbosity=verbosity))),
        breaches=breaches(summary),
    )


def _is_infra(summary: Summary) -> bool:
    """Whether providers or the network failed it, or a model that refuses a parameter."""
    return bool(infra_errors(summary)) or set(summary.reason_codes) == {Reason.INFRA}


def _told(done: Done, as_json: bool, was_kept: bool) -> list[str]:
    if as_json:
        said = asdict(done)
        del said["report"]
        return [json.dumps(said, ensure_ascii=False)]
    kept = " · kept from the interrupted run" if was_kept else ""
    spent = f"{done.tokens:,} tokens, {_bill(done.usd, done.unpriced)}"
    divergence = f" · first divergence: {done.first_divergence}" if done.first_divergence else ""
    return [*done.report, f"  {done.fidelity}: {done.coverage}{divergence} · {spent}{kept}", ""]


def _closed(ended: Sequence[Done], batch: Batch, options: argparse.Namespace) -> int:
    failed = sum(done.failed for done in ended)
    if not options.json:
        left = f", {len(batch.left_out)} left out by --max-cost" if batch.left_out else ""
        write(
            [
                f"{len(ended)} replayed ({len(ended) - failed} passed, {failed} failed){left}, "
                f"{_bill(batch.spent, sum(done.unpriced for done in ended))}"
            ]
        )
        write(f"  left out: {path}" for path in batch.left_out)
        write(f"  {line}" for line in told_untried(done.untried for done in ended if done.untried))
    if any(done.failed and not done.infra for done in ended):
        return 1
    nothing_tried = all(done.untried for done in ended)
    return INCOMPLETE if batch.left_out or failed or nothing_tried else 0


def _bill(usd: float, unpriced: int) -> str:
    """`$0.0034 spent`, and what that is without."""
    spent = f"{dollars(usd)} spent"
    return f"{spent} besides {counted(unpriced, 'call')} of unknown price" if unpriced else spent


def _draw_bar(ended: int, total: int, spent: float, path: Path) -> None:
    if sys.stderr.isatty():
        filled = _BAR * ended // max(total, 1)
        bar = "#" * filled + "." * (_BAR - filled)
        sys.stderr.write(f"\r[{bar}] {ended}/{total} {dollars(spent)} {path.stem[:40]}")
        sys.stderr.flush()


def _clear_bar() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
