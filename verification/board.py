"""The table that `make verify`, `make trust` and `make bench` each print and keep."""

import json
import os
import platform
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.markup import escape
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "results"


class Row(NamedTuple):
    """One figure against its bar."""

    id: str
    what: str
    figure: str
    """As a reader wants it, with its unit."""
    bar: str
    """What it must be; empty where it is told and not judged."""
    held: bool | None
    """None where there is no bar."""


def publish(name: str, title: str, rows: Iterable[Row], console: Console | None = None, folder: Path = RESULTS) -> bool:
    """Print rows as one table, write them as `<name>.json`, and say whether every bar is held.

    Args:
        name: `verify`, `trust` or `bench`.
        title: Stands above the table.
        rows: May be a generator: each is told as it comes.
        console: Where to print; without it stdout for the table and stderr for the progress.
        folder: Where the file is written.
    """
    progress = console or Console(stderr=True)
    kept = []
    for row in rows:
        progress.print(f"{row.id}: {row.figure}", style="dim", markup=False, highlight=False)
        kept.append(row._replace(held=None if row.held is None else bool(row.held)))  # a comparison of arrays is no `bool`
    wide = None if sys.stdout.isatty() else 140
    (console or Console(width=wide)).print(table_of(title, kept))
    write(folder / f"{name}.json", name, kept)
    return all(row.held is not False for row in kept)


def table_of(title: str, rows: Iterable[Row]) -> Table:
    """Return the rows as a table for a terminal."""
    table = Table(title=title, title_justify="left")
    for column in Row._fields:
        table.add_column(column, no_wrap=column in ("id", "held"))
    for row in rows:
        table.add_row(*map(escape, row[:-1]), word(row.held))
    return table


def word(held: bool | None) -> str:
    """Return whether a bar is held in a word.

    >>> word(True), word(False), word(None)
    ('yes', 'no', '')
    """
    return "" if held is None else "yes" if held else "no"


def write(path: Path, name: str, rows: Iterable[Row]) -> None:
    """Write the rows with what they were taken on; never a half file."""
    told = {
        "name": name,
        "taken": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": os.cpu_count(), "platform": platform.platform(), "python": platform.python_version()},
        "rows": [row._asdict() for row in rows],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_suffix(".tmp")
    beside.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    beside.replace(path)
