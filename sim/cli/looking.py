"""Verbs that look: at runs, at scenarios, at what is known, and at what satellites could see."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sim.cli.options import JSON, OUT, QUIET, SET, length, opened, options, place
from sim.cli.screen import remark, write_json, write_table
from sim.cli.verbs import cli
from sim.errors import TrucelineError

if TYPE_CHECKING:
    from sim.campaign import Run


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
