"""Options that several verbs share, and how what is written there is read."""

import gc
import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from sim.errors import TrucelineError

if TYPE_CHECKING:
    from sim.scenario import Loaded

Command = Callable[..., Any]


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


class Wanted(NamedTuple):
    """What `run` and `compare` are asked for alike."""

    replications: int | None
    seed: int | None
    workers: int
    mixes: tuple[str, ...]
    settings: tuple[str, ...]
    out: Path
    dry_run: bool
    as_json: bool
    quiet: bool
    everything: bool

    @property
    def how(self) -> dict[str, Any]:
        """Arguments of every call that simulates, or foresees what that would take."""
        return {"replications": self.replications, "seed": self.seed, "workers": self.workers, "out": self.out}


def simulates(command: Command) -> Command:
    """Give a command the options of a verb that simulates, and hand them over as one: `wanted`."""

    @options(REPLICATIONS, SEED, WORKERS, MIX, SET, OUT, DRY, JSON, QUIET, ALL)
    @wraps(command)
    def called(**given: Any) -> Any:
        wanted = Wanted(*(given.pop(name) for name in Wanted._fields))
        return command(wanted=wanted, **given)

    return called


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
