"""What a verb writes: results to stdout, words and progress to stderr."""

import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from sim.campaign import Watch
    from sim.report import Table

SPEAK_EVERY_S = 10.0
"""A log without a terminal gets a line of progress so often."""


def write_json(values: Any) -> None:
    """Write one JSON document to stdout."""
    click.echo(json.dumps(values, indent=2, ensure_ascii=False, allow_nan=False))


def write_table(table: "Table") -> None:
    """Write a table to stdout: drawn on a terminal, in blocks if it is too narrow, and plain text into a file."""
    if not sys.stdout.isatty():
        click.echo(str(table))
        return
    from rich.console import Console

    console = Console()
    for block in table.blocks(console.width):
        console.print(block.rich())


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
