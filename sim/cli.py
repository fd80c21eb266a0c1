"""The command `truceline`: the verbs of `sim.api`, with words for a terminal and JSON for a program."""

import errno
import gc
import json
import logging
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.errors import ScenarioError, TrucelineError

if TYPE_CHECKING:
    from sim.campaign import Run, Watch
    from sim.report import Table
    from sim.scenario import Loaded

NAME = "truceline"
DONE, NO, USAGE, FAULT, INTERRUPTED = 0, 1, 2, 3, 130
UNHEARD = (errno.EPIPE, errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Faults of a stdout that takes no more; those of files name their file. At a closed pipe the reader has left, and nothing is said."""
SPEAK_EVERY_S = 10.0
"""A log without a terminal gets a line of progress so often."""

Command = Callable[..., Any]


class Verbs(click.Group):
    """All commands, with one way to end: exit codes, one line for a mistake, one JSON document where JSON was asked for."""

    def main(self, *args: Any, **rest: Any) -> Any:
        """Run a command and leave with its exit code."""
        words = args[0] if args else rest.get("args")
        sys.exit(self.ended(list(sys.argv[1:] if words is None else words)))

    def ended(self, words: list[str]) -> int:
        """Run a command and return its exit code, whatever happens."""
        wants_json = "--json" in words
        try:
            code = super().main(words, NAME, standalone_mode=False)
            if sys.stdout is not None:
                sys.stdout.flush()
        except TrucelineError as fault:
            return refused(fault, wants_json, runs=words[0] in ("run", "compare"))
        except click.ClickException as fault:
            fault.show()
            return failed(fault.format_message(), USAGE, wants_json)
        except (click.Abort, KeyboardInterrupt):
            click.echo(f"interrupted; what is finished is kept, go on with:\n  {NAME} {shlex.join(words)}", err=True)
            return failed("interrupted", INTERRUPTED, wants_json)
        except Exception as fault:
            if isinstance(fault, OSError) and fault.errno in UNHEARD and fault.filename is None:
                sys.stdout = open(os.devnull, "w")  # noqa: SIM115  # nothing more can be said there
                remark(f"error: the output cannot be written ({fault.strerror})", quiet=fault.errno == errno.EPIPE)
                return NO
            logger = logging.getLogger("truceline")
            path = log_file(logger)
            logger.exception("truceline %s", shlex.join(words))
            click.echo(f"error: a fault in Truceline ({type(fault).__name__}); its traceback is in {path}", err=True)
            return failed("a fault in Truceline", FAULT, wants_json, log=path)
        return code if isinstance(code, int) else DONE


def log_file(logger: logging.Logger) -> str:
    """Let a logger write to a new file in the place for temporary files, and return its path."""
    descriptor, path = tempfile.mkstemp(prefix="truceline-", suffix=".log")
    os.close(descriptor)
    logger.propagate = False
    logger.handlers = [logging.FileHandler(path, encoding="utf-8")]
    return path


def refused(fault: TrucelineError, wants_json: bool, runs: bool) -> int:
    """Say what is wrong, and that nothing was run if the command would have, and return the exit code."""
    if not isinstance(fault, ScenarioError):
        click.echo(f"error: {fault}", err=True)
        return failed(str(fault), NO, wants_json)
    click.echo(f"{fault}, nothing was run" if runs else str(fault), err=True)
    return failed(str(fault), NO, wants_json, problems=[plain(problem) for problem in fault.problems])


def plain(problem: Any) -> dict[str, str]:
    """Return a problem as values for JSON."""
    return {"message": problem.message, "path": ".".join(map(str, problem.path)), "place": problem.place, "remedy": problem.remedy}


def failed(message: str, code: int, wants_json: bool, **more: Any) -> int:
    """Write the one JSON document of a command that failed, if it was asked for, and return the exit code."""
    if wants_json:
        write_json({"error": message, "exit_code": code, **more})
    return code


def write_json(values: Any) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False))


def write_table(table: "Table") -> None:
    """Write a table to stdout: drawn on a terminal, plain text into a file."""
    if not sys.stdout.isatty():
        click.echo(str(table))
        return
    from rich.console import Console

    Console().print(table.rich())


def remark(text: str, quiet: bool = False) -> None:
    """Say something beside the results, on stderr."""
    if not quiet:
        click.echo(text, err=True)


@contextmanager
def progress(quiet: bool) -> "Iterator[Watch]":
    """Show how far it is: a bar on a terminal, a line now and then in a log, nothing if quiet."""
    if quiet:
        yield lambda done, of: None
    elif sys.stderr.isatty():
        with bar() as watch:
            yield watch
    else:
        yield Speaker()


@contextmanager
def bar() -> "Iterator[Watch]":
    """Show a bar with the time that is left."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("  replications"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task("", total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)


class Speaker:
    """Says in a log how far it is, not too often."""

    def __init__(self) -> None:
        self.spoke_s = time.monotonic()

    def __call__(self, done: int, of: int) -> None:
        """Say it, if it has been quiet for a while."""
        if time.monotonic() - self.spoke_s >= SPEAK_EVERY_S:
            self.spoke_s = time.monotonic()
            click.echo(f"  {done} of {of} replication{'s' if of != 1 else ''}", err=True)


# Options that several verbs share


def options(*wanted: Callable[[Command], Command]) -> Callable[[Command], Command]:
    """Return a decorator that gives a command several options."""

    def give(command: Command) -> Command:
        for option in reversed(wanted):
            command = option(command)
        return command

    return give


def cores() -> int:
    """Return the number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


REPLICATIONS = click.option("--replications", "-n", type=click.IntRange(1, 100_000), help="How many in all; what is on disk is kept.")
SEED = click.option("--seed", type=click.IntRange(0, 2**53 - 1), help="Instead of the scenario's.")
WORKERS = click.option("--workers", type=click.IntRange(1, 512), default=cores, show_default="one a core", help="Processes.")
MIX = click.option("--mix", "mixes", multiple=True, metavar="NAME", help="A mix of the scenario; may be repeated.")
SET = click.option("--set", "settings", multiple=True, metavar="PATH=VALUE", help="Change a value; may be repeated.")
OUT = click.option("--out", type=click.Path(path_type=Path), default=Path("results"), show_default=True, help="Folder of all results.")
DRY = click.option("--dry-run", is_flag=True, help="Say what would run, and what it would take; write nothing.")
JSON = click.option("--json", "as_json", is_flag=True, help="Write one JSON document to stdout.")
QUIET = click.option("--quiet", "-q", is_flag=True, help="No progress and no remarks.")
ALL = click.option("--all", "everything", is_flag=True, help="Every number, by kind of violation too.")


def changes(settings: Sequence[str]) -> dict[str, str]:
    """Return the settings of the command line by path."""
    from sim.document import parse_setting

    try:
        return dict(map(parse_setting, settings))
    except TrucelineError as fault:
        raise click.UsageError(f"--set: {fault}") from None


def opened(file: Path, settings: Sequence[str]) -> "Loaded":
    """Return the scenario in a file with the settings laid over it."""
    from sim.authoring import load

    gc.enable()
    return load(file, changes(settings))


# Verbs


@click.group(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="truceline", message="truceline %(version)s")
def cli() -> None:
    """Simulate the monitoring of a cease-fire: what is seen, verified, attributed and answered, and how sure that is."""


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path), default=Path())
@JSON
def init(folder: Path, as_json: bool) -> None:
    """Write a small scenario to start from into FOLDER."""
    from sim import authoring

    path = authoring.init(folder)
    if as_json:
        write_json({"file": str(path)})
    else:
        remark("a scenario to start from; check it, then run it")
        click.echo(path)


@cli.command()
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@options(SET, JSON)
def check(files: tuple[Path, ...], settings: tuple[str, ...], as_json: bool) -> int:
    """Find every problem of scenarios without simulating."""
    from sim import authoring

    code, documents = DONE, []
    for file in files:
        try:
            found = authoring.check(file, changes(settings))
        except TrucelineError as fault:
            code = NO
            problems = [plain(problem) for problem in fault.problems] if isinstance(fault, ScenarioError) else [{"message": str(fault)}]
            documents.append({"file": str(file), "problems": problems, "facts": [], "warnings": [], "notes": []})
            click.echo(str(fault) if isinstance(fault, ScenarioError) else f"error: {fault}", err=True)
            continue
        told = {"facts": list(found.facts), "warnings": list(found.warnings), "notes": list(found.notes)}
        documents.append({"file": str(file), "problems": [], **told})
        if not as_json:
            lines = [f"{file}: no problems", *(f"  {fact}" for fact in found.facts), *(f"warning: {text}" for text in found.warnings)]
            click.echo("\n".join([*lines, *(f"note: {text}" for text in found.notes)]))
    if as_json:
        write_json({"files": documents, "exit_code": code})
    return code


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@options(REPLICATIONS, SEED, WORKERS, MIX, SET, OUT, DRY, JSON, QUIET, ALL)
@click.option("--trace", is_flag=True, help="Keep the whole log of each replication that runs now.")
def run(
    file: Path,
    replications: int | None,
    seed: int | None,
    workers: int,
    mixes: tuple[str, ...],
    settings: tuple[str, ...],
    out: Path,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    everything: bool,
    trace: bool,
) -> int:
    """Simulate FILE, keep the results, and take up what an earlier run has left."""
    from sim import api
    from sim.campaign import order

    loaded = opened(file, settings)
    chosen = mixes or (None,)
    if dry_run:
        return prospects(loaded, chosen, {"replications": replications, "seed": seed, "workers": workers, "out": out}, as_json)
    for mix in chosen:
        order(loaded, mix, replications, seed, out)  # so that a mistake in the last mix is told before the first is run
    done = []
    for mix in chosen:
        with progress(quiet) as watch:
            found = api.run(loaded, mix=mix, replications=replications, seed=seed, workers=workers, out=out, trace=trace, watch=watch)
        done.append(found)
        for note in found.notes:
            remark(f"  {note}", quiet and found.complete)
        if not as_json:
            show_run(found, everything)
    if as_json:
        write_json({"runs": [described(found) for found in done]})
    return DONE if all(found.complete for found in done) else NO


def show_run(found: "Run", everything: bool) -> None:
    """Write the table of a run, and its path as the last line."""
    if (found.path / "summary.json").exists():
        write_table(found.table(everything))
    click.echo(found.path)


def described(found: "Run") -> dict[str, Any]:
    """Return a run as values for JSON."""
    manifest = found.manifest
    kept = {name: manifest.get(name) for name in ("status", "mix", "seed", "replications", "results_digest")}
    summary = found.summary if (found.path / "summary.json").exists() else {}
    return {"path": str(found.path), **kept, "notes": list(found.notes), "summary": summary}


def prospects(loaded: "Loaded", mixes: Sequence[str | None], wanted: dict[str, Any], as_json: bool) -> int:
    """Say what would run and what it would take."""
    from sim import api
    from sim.report import many
    from sim.units import duration

    found = [api.foresee(loaded, mix=mix, **wanted) for mix in mixes]
    if as_json:
        write_json({"dry_run": [{**item._asdict(), "path": str(item.path)} for item in found]})
        return DONE
    for item in found:
        click.echo(f"{item.mix}: {many(item.missing, 'replication')} would run, {item.kept} kept")
        if item.missing:
            click.echo(f"  about {duration(item.seconds)} ({item.seconds_each:.2g} s each), {item.bytes / 1e6:.3g} MB more on disk")
            click.echo(f"  estimated from {item.trial}")
        click.echo(item.path)
    return DONE


@cli.command()
@click.argument("what", metavar="FILE|RUN...", nargs=-1, required=True)
@options(REPLICATIONS, SEED, WORKERS, MIX, SET, OUT, DRY, JSON, QUIET, ALL)
@click.option("--baseline", metavar="NAME", help="What the others are compared with.")
def compare(
    what: tuple[str, ...],
    replications: int | None,
    seed: int | None,
    workers: int,
    mixes: tuple[str, ...],
    settings: tuple[str, ...],
    out: Path,
    dry_run: bool,
    as_json: bool,
    quiet: bool,
    everything: bool,
    baseline: str | None,
) -> int:
    """Show mixes side by side, paired over the same replications: those of a scenario, or runs that are stored."""
    from sim import api

    stored = (Path(what[0]) / "manifest.json").exists()
    if stored and (settings or mixes or baseline or dry_run):
        raise click.UsageError("stored runs are compared as they are; --set, --mix, --baseline and --dry-run go with a scenario")
    things = what if stored or len(what) > 1 else (opened(Path(what[0]), settings),)
    if dry_run:
        loaded = opened(Path(what[0]), settings)
        names = api.mixes_to_compare(loaded, mixes, baseline)
        return prospects(loaded, names, {"replications": replications, "seed": seed, "workers": workers, "out": out}, as_json)
    with progress(quiet) as watch:
        found = api.compare(
            *things, mixes=mixes, baseline=baseline, replications=replications, seed=seed, workers=workers, out=out, watch=watch
        )
    if as_json:
        write_json(found.plain())
        return DONE
    if found.changes:
        click.echo("\n".join([*found.inputs(everything), ""]))
    write_table(found.table(everything))
    click.echo()
    write_table(found.pairing())
    return DONE


@cli.command()
@click.argument("run")
@click.argument("figures", metavar="[FIGURE...]", nargs=-1)
@click.option("--format", "file_format", type=click.Choice(["png", "svg", "pdf"]), default="png", show_default=True)
@options(OUT, JSON)
def plot(run: str, figures: tuple[str, ...], file_format: str, out: Path, as_json: bool) -> None:
    """Draw the figures of RUN: a folder, or a scenario, whose own or else newest complete run is taken."""
    from sim import api

    paths = api.plot(run, figures, file_format, out)
    if as_json:
        write_json({"figures": [str(path) for path in paths]})
    else:
        click.echo("\n".join(map(str, paths)))


@cli.command(name="list")
@click.argument("given", metavar="[FOLDER]", required=False, type=click.Path(path_type=Path))
@JSON
def list_(given: Path | None, as_json: bool) -> None:
    """List the runs in FOLDER, else those in results."""
    from sim import api
    from sim.report import Table

    folder = given or Path("results")
    if folder.exists() and not folder.is_dir():
        raise TrucelineError(f"{folder} is a file; name a folder of results")
    if given and not folder.exists():
        raise TrucelineError(f"there is no folder {folder}")
    runs = [listed(found) for found in api.list_runs(folder)]
    if as_json:
        write_json({"runs": runs})
        return
    rows = [
        (
            one["path"],
            one["mix"] or "-",
            str(one["replications"]["done"]) if one["replications"] else "-",
            one["status"],
            str(one["results_digest"] or "-")[:8],
        )
        for one in runs
    ]
    if rows:
        write_table(Table(("run", "mix", "replications", "status", "digest"), tuple(rows)))
    else:
        remark(f"no runs in {folder}")


def listed(found: "Run") -> dict[str, Any]:
    """Return what a list says of a run, also of one whose manifest cannot be read."""
    from sim.store import Damaged

    names = ("mix", "seed", "replications", "results_digest", "ended")
    try:
        manifest = found.manifest
        status = found.status
    except TrucelineError as fault:
        manifest, status = {}, "damaged" if isinstance(fault, Damaged) else "other layout"
    return {"path": str(found.path), "status": status, **{name: manifest.get(name) for name in names}}


@cli.command()
@click.argument("what", metavar="RUN|FILE")
@click.argument("path", default="")
@options(OUT, JSON)
def show(what: str, path: str, out: Path, as_json: bool) -> None:
    """Show a value of a scenario or a run with its defaults filled in; without PATH all of them."""
    import yaml

    from sim import api

    value = api.show(what, path, out)
    if as_json:
        write_json(value)
    else:
        plain_value = isinstance(value, (dict, list))
        click.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=120).rstrip() if plain_value else value)


@cli.command()
@JSON
def schema(as_json: bool) -> None:
    """Print the JSON Schema of scenarios, for editors; it is JSON with and without --json."""
    from sim import authoring

    write_json(authoring.schema())


@cli.command()
@JSON
def kinds(as_json: bool) -> None:
    """List what a scenario can name, and what is asked of every run."""
    from sim import authoring

    found = authoring.kinds()
    if as_json:
        write_json({"kinds": [kind._asdict() for kind in found]})
        return
    width = max(len(kind.kind) for kind in found)
    lines = []
    for family in dict.fromkeys(kind.family for kind in found):
        lines += [family, *(f"  {kind.kind.ljust(width)}  {kind.about}  [{kind.module}]" for kind in found if kind.family == family)]
    click.echo("\n".join(lines))


@cli.command()
@click.argument("name", default="")
@JSON
def catalogue(name: str, as_json: bool) -> None:
    """List the figures that are known of platforms; with NAME all of one, with basis and source."""
    from sim import catalogue as known

    if as_json:
        write_json(known.plain(known.platform(name)) if name else {"entries": known.plain(known.entries())})
    else:
        click.echo(known.page(known.platform(name)) if name else known.overview())


def place(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> tuple[tuple[float, float], ...]:
    """Return places that are written as longitude and latitude."""
    try:
        return tuple((float(lon), float(lat)) for lon, lat in (text.split(",") for text in texts))
    except ValueError:
        raise click.BadParameter("write longitude and latitude in degrees, such as 37.5,48.3") from None


def length(context: click.Context, option: click.Parameter, text: str) -> float:
    """Return a length that is written with its unit."""
    from sim.units import parse

    try:
        return parse(text, "length")
    except ValueError as fault:
        raise click.BadParameter(str(fault)) from None


@cli.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--at", multiple=True, metavar="LON,LAT", callback=place, help="A place; may be repeated. Without it places along the line.")
@click.option("--every", default="25 km", show_default=True, callback=length, metavar="LENGTH", help="How far apart those are.")
@click.option("--sensor", "sensors", multiple=True, metavar="NAME", help="A constellation; may be repeated. Without it all.")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write the windows into FILE, .csv or .parquet.")
@options(SET, JSON, QUIET)
def passes(
    file: Path,
    at: tuple[tuple[float, float], ...],
    every: float,
    sensors: tuple[str, ...],
    out: Path | None,
    settings: tuple[str, ...],
    as_json: bool,
    quiet: bool,
) -> None:
    """Say when the satellites of FILE could look, and how long a place waits for them, without simulating."""
    from sim import api
    from sim.campaign import RESULTS

    if every <= 0.0:
        raise click.UsageError("--every: places lie apart; write for example 25 km")
    found = api.passes(opened(file, settings), at, every, sensors, RESULTS / ".cache")
    written = found.write(out) if out else None
    if as_json:
        write_json({"file": str(written) if written else None, **found.plain()})
    else:
        write_table(found.table())
    for note in found.notes:
        remark(note, quiet)
    if written:
        remark(f"windows are in {written}", quiet)


def main() -> None:
    """Run the command that the process was started with.

    Collecting garbage while modules load, looking for plug-ins of pydantic, of which we have none, and starting threads for linear
    algebra, of which there is none either, take a third of the time until `check` answers. What simulates turns the collection on again.
    """
    gc.disable()
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    cli()
