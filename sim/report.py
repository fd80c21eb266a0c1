"""Tables and figures of a stored run."""

import html
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from sim.errors import TrucelineError, did_you_mean
from sim.measures.base import Measure, all_measures
from sim.store import write_whole
from sim.story import Estimate, Results
from sim.units import duration

if TYPE_CHECKING:
    from rich.table import Table as RichTable

FORMATS = ("png", "svg", "pdf")
DPI = 130
SIZE_IN = (11.0, 8.3)
WIDTH = 140
"""Letters in a line of a table in a file; where columns do not fit, they go into further blocks below."""
NARROW = 16
"""Letters of a heading from which on it may be broken into lines."""
BETWEEN = 2
"""Letters between two columns."""
LABEL = 72
"""Letters of the first column at most, where a table may be cut; longer labels go on below."""
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Table:
    """Text in columns, the first to the left and the others to the right; the same on a terminal, in a file and in a notebook."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""
    repeated: int = 0
    """How many of the first columns stand in every block, if it may be cut into several; 0 leaves it whole."""

    def __str__(self) -> str:
        return "\n\n".join(block.drawn() for block in self.blocks())

    def drawn(self) -> str:
        """Return the table in one block, its headings, and labels that are longer than their column, on as many lines as they take."""
        widths = self.widths()
        headings = [wrap(name, width) or [""] for name, width in zip(self.columns, widths, strict=True)]
        deep = max(map(len, headings))
        lines = [*zip(*([""] * (deep - len(heading)) + heading for heading in headings), strict=True)]
        for label, *cells in self.rows:
            *above, last = wrap(label, widths[0], drop_whitespace=False, subsequent_indent=INDENT) if len(label) > widths[0] else [label]
            lines += [*((text, *[""] * len(cells)) for text in above), (last, *cells)]
        text = [(" " * BETWEEN).join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in lines]
        return "\n".join([*wrap(self.caption, WIDTH), *text])

    def widths(self) -> list[int]:
        """Return how wide each column is: as its widest cell, or as a heading needs that is short or has long words."""
        words = [[*name.split(), name[:NARROW]] for name in self.columns]
        first, *others = (max(map(len, (*cells, *own))) for own, *cells in zip(words, *self.rows, strict=True))
        return [min(first, LABEL) if self.repeated else first, *others]

    def blocks(self, width: int = WIDTH) -> "list[Table]":
        """Return the table in blocks that are no wider than this, if it can be: all rows, and as many columns as there is room for."""
        if not self.repeated:
            return [self]
        widths = [letters + BETWEEN for letters in self.widths()]
        room = width + BETWEEN - sum(widths[: self.repeated])
        cuts, used = [self.repeated], 0
        for index, letters in enumerate(widths[self.repeated :], self.repeated):
            if used and used + letters > room:
                cuts.append(index)
                used = 0
            used += letters
        parts = [[*range(self.repeated), *range(*ends)] for ends in zip(cuts, [*cuts[1:], len(widths)], strict=True)]
        cut = [[tuple(row[index] for index in part) for row in (self.columns, *self.rows)] for part in parts]
        captions = [self.caption, *([""] * (len(cut) - 1))]
        return [Table(rows[0], tuple(rows[1:]), caption, self.repeated) for rows, caption in zip(cut, captions, strict=True)]

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{html.escape(name)}</th>" for name in self.columns)
        body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in self.rows)
        return f"<table><caption>{html.escape(self.caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"

    def rich(self) -> "RichTable":
        """Return the table for a terminal."""
        from rich import box
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, title=Text(self.caption), title_justify="left")
        for index, name in enumerate(self.columns):
            table.add_column(Text(name), justify="right" if index else "left", no_wrap=index > 0)
        for row in self.rows:
            table.add_row(*map(Text, row))
        return table


# Numbers in words


def worded(value: float, unit: str) -> str:
    """Return a number as people say it, at most three figures and its unit.

    >>> worded(0.8142, "share"), worded(2280.0, "s"), worded(1.7, "per day"), worded(1_234_567.0, "EUR")
    ('81.4 %', '38 min', '1.7 per day', '1,230,000 EUR')
    >>> worded(-0.2, "s"), worded(-90.0, "s")
    ('0 s', '-1.5 min')
    >>> worded(float("inf"), "s"), worded(float("inf"), "wait"), worded(float("nan"), "share")
    ('never', 'over 7 d', '-')
    """
    if value != value:
        return "-"
    if unit == "wait":
        return duration(value) if value < float("inf") else "over 7 d"
    if unit == "s":
        return duration(max(value, 0.0)) if value > -0.5 else f"-{duration(-value)}"
    if abs(value) == float("inf"):
        return "never" if value > 0.0 else "-never"
    return f"{100.0 * value:.1f} %" if unit == "share" else f"{figures_of(value)} {unit}".rstrip()


def many(count: int, noun: str) -> str:
    """Return a number of things in words.

    >>> many(1, "replication"), many(20, "replication")
    ('1 replication', '20 replications')
    """
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def figures_of(value: float) -> str:
    """Return a number with three figures, without an exponent.

    >>> figures_of(0.01234), figures_of(1234.5), figures_of(0.0), figures_of(12.0)
    ('0.0123', '1,230', '0', '12')
    """
    rounded = float(f"{value:.3g}")
    if rounded == int(rounded):
        return f"{int(rounded):,}"
    return f"{rounded:,.3g}" if abs(rounded) >= 1e-4 else f"{rounded:.2g}"


def span(low: float, high: float, unit: str) -> str:
    """Return an interval in words, the unit once where it can be.

    >>> span(0.809, 0.819, "share"), span(2160.0, 2400.0, "s"), span(float("nan"), float("nan"), "s")
    ('80.9 to 81.9 %', '36 to 40 min', '-')
    """
    if low != low and high != high:
        return "-"
    first, last = worded(low, unit), worded(high, unit)
    number, _, same = last.partition(" ")
    return f"{first.removesuffix(f' {same}') if same and first.count(' ') == last.count(' ') else first} to {number} {same}".rstrip()


def interval(row: Estimate) -> str:
    """Return the interval of an estimate in words; what has none because it does not vary is exact."""
    return "exact" if row.method.startswith("exact") else span(row.low, row.high, row.unit)


def estimates_table(rows: Iterable[Estimate], caption: str = "", everything: bool = False) -> Table:
    """Return the numbers of a run: its headlines, or everything with its slices."""
    shown = [row for row in rows if everything or row.headline]
    lines = tuple(
        (f"  {row.label}: {row.slice}" if row.slice else row.label, worded(row.estimate, row.unit), interval(row)) for row in shown
    )
    return Table(("", "estimate", "95 % interval"), lines, caption)


# Figures


def with_figures() -> dict[str, Measure]:
    """Return the measures that draw, by the name of their figure."""
    return {measure.figure_name: measure for measure in all_measures() if measure.has_figure}


def chosen(names: Sequence[str]) -> dict[str, Measure]:
    """Return the measures whose figures are asked for; all without a name."""
    known = with_figures()
    for name in names:
        if name not in known:
            raise TrucelineError(f"unknown figure {name!r}; {did_you_mean(name, known) or 'known: ' + ', '.join(known)}")
    return {name: known[name] for name in names} if names else known


def draw(results: Results, names: Sequence[str], folder: Path, file_format: str, mark: str) -> Iterator[Path]:
    """Draw figures into a folder, and give each path as it is done.

    Args:
        results: What is drawn.
        names: Of figures; all without a name.
        folder: Where they go.
        file_format: One of `FORMATS`.
        mark: Says in the file what it was drawn from.
    """
    if file_format not in FORMATS:
        raise TrucelineError(f"unknown format {file_format!r}; one of {', '.join(FORMATS)}")
    for name, measure in chosen(names).items():
        path = folder / f"{name}.{file_format}"
        write_whole(path, drawn(measure, results, file_format, mark))
        yield path


def drawn(measure: Measure, results: Results, file_format: str, mark: str) -> bytes:
    """Return a figure as a file: the same bytes for the same results."""
    from matplotlib import rc_context
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    undated: dict[str, dict[str, Any]] = {
        "png": {"Description": mark},
        "svg": {"Date": None, "Description": mark},
        "pdf": {"CreationDate": None, "Subject": mark},
    }
    buffer = io.BytesIO()
    with rc_context({"svg.hashsalt": "truceline", "font.family": "DejaVu Sans"}):
        figure = Figure(figsize=SIZE_IN)
        FigureCanvasAgg(figure)
        measure.draw(results, figure)
        figure.savefig(buffer, format=file_format, dpi=DPI, metadata=undated[file_format])
    return buffer.getvalue()
