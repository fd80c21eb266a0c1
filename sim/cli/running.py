"""Verbs that make something: a scenario to start from, a check, a run, a comparison."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.ending import DONE, NO, plain
from sim.cli.options import JSON, SET, Wanted, changes, opened, options, simulates
from sim.cli.screen import progress, remark, write_json, write_table
from sim.cli.verbs import cli
from sim.errors import ScenarioError, TrucelineError

if TYPE_CHECKING:
    from sim.campaign import Run
    from sim.scenario import Loaded


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
@simulates
@click.option("--trace", is_flag=True, help="Keep the whole log of each replication that runs now.")
def run(file: Path, trace: bool, wanted: Wanted) -> int:
    """Simulate FILE, keep the results, and take up what an earlier run has left."""
    from sim import api
    from sim.campaign import order

    loaded = opened(file, wanted.settings)
    chosen = wanted.mixes or (None,)
    if wanted.dry_run:
        return prospects(loaded, chosen, wanted)
    for mix in chosen:
        order(
            loaded, mix, wanted.replications, wanted.seed, wanted.out
        )  # so that a mistake in the last mix is told before the first is run
    done = []
    for mix in chosen:
        with progress(wanted.quiet) as watch:
            found = api.run(loaded, mix=mix, trace=trace, watch=watch, **wanted.how)
        done.append(found)
        for note in found.notes:
            remark(f"  {note}", wanted.quiet and found.complete)
        if not wanted.as_json:
            show_run(found, wanted.everything)
    if wanted.as_json:
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


def prospects(loaded: "Loaded", mixes: Sequence[str | None], wanted: Wanted) -> int:
    """Say what would run and what it would take."""
    from sim import api
    from sim.report import many
    from sim.units import duration

    found = [api.foresee(loaded, mix=mix, **wanted.how) for mix in mixes]
    if wanted.as_json:
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
@simulates
@click.option("--baseline", metavar="NAME", help="What the others are compared with.")
def compare(what: tuple[str, ...], baseline: str | None, wanted: Wanted) -> int:
    """Show mixes side by side, paired over the same replications: those of a scenario, or runs that are stored."""
    from sim import api

    stored = (Path(what[0]) / "manifest.json").exists()
    if stored and (wanted.settings or wanted.mixes or baseline or wanted.dry_run):
        raise click.UsageError("stored runs are compared as they are; --set, --mix, --baseline and --dry-run go with a scenario")
    if wanted.dry_run:
        loaded = opened(Path(what[0]), wanted.settings)
        return prospects(loaded, api.mixes_to_compare(loaded, wanted.mixes, baseline), wanted)
    things = what if stored or len(what) > 1 else (opened(Path(what[0]), wanted.settings),)
    with progress(wanted.quiet) as watch:
        found = api.compare(*things, mixes=wanted.mixes, baseline=baseline, watch=watch, **wanted.how)
    if wanted.as_json:
        write_json(found.plain())
        return DONE
    if found.changes:
        click.echo("\n".join([*found.inputs(wanted.everything), ""]))
    write_table(found.table(wanted.everything))
    click.echo()
    write_table(found.pairing())
    return DONE
