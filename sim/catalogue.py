"""The catalogue: figures of platforms with unit, basis and source, and which of them a scenario may borrow by the word `like`."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeAlias

import yaml

from sim.errors import TrucelineError, did_you_mean
from sim.units import UNITS, shortened

FOLDER = Path(__file__).parent / "data" / "catalogue"
SOURCES = "sources"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

BASES = ("published", "derived", "assumption")
PLATFORMS = ("airborne", "fixed", "satellite")
"""Groups of entries that are things that watch; the others are about desks, degradation, false alarms and models."""
GROUPS = (*PLATFORMS, "desk", "degradation", "false_alarms", "model")

WIDEST = 40
"""Characters of a column in print; what is longer stands out of it."""
NUMBER = r"[0-9]+(?:\.[0-9]+)?"
FACTORS = re.compile(rf"x({NUMBER}) to x({NUMBER})")
MARGIN = re.compile(rf"\+-({NUMBER})")

Value: TypeAlias = "bool | int | float | str | tuple[Value, ...] | Mapping[str, Value]"
"""What a figure says: a number, from and to or one a month as a tuple, numbers by mode as a mapping, else words."""


@dataclass(frozen=True, slots=True)
class Source:
    """Who published a figure."""

    title: str
    address: str


@dataclass(frozen=True, slots=True, eq=False)
class Figure:
    """One thing that is known or assumed of a platform."""

    name: str
    value: Value
    unit: str
    """As the source gives it; empty where there is none."""
    basis: str
    """`published`, `derived` or `assumption`."""
    sources: tuple[Source, ...] = ()
    note: str = ""
    span: str = ""
    """Where the range of an assumption comes from: `x0.5 to x2` where none is known."""
    low: "Value | None" = None
    high: "Value | None" = None
    """The range of an assumption, in the form of the value."""

    @property
    def dimension(self) -> str:
        """The dimension of the unit, empty for one that scenarios do not know, such as kg."""
        return next((dimension for dimension, units in UNITS.items() if self.unit in units), "")

    @property
    def inside(self) -> Value:
        """The value in the unit inside, as in fields that end in `_m`, `_s` or `_mps`; as it is where the unit is not known."""
        factor = UNITS[self.dimension][self.unit] if self.dimension else 1.0
        return self.value if factor == 1.0 else each(self.value, lambda number: number * factor)

    @property
    def words(self) -> str:
        """The value with its unit; a share has none."""
        return f"{said(self.value)} {self.unit if self.unit != 'share' else ''}".strip()


@dataclass(frozen=True, slots=True, eq=False)
class Lent:
    """A value that a scenario may borrow."""

    path: tuple[str, ...]
    """Where it stands below the sensor."""
    value: Any
    """As it would be written in the file."""
    basis: str
    figures: tuple[str, ...] = ()
    """What it was taken or derived from: figures of the entry, or of another as `weather.male_deice`."""
    span: str = ""
    """The range of an assumption."""
    note: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Section:
    """What one name behind `like` gives: the kind of sensor and its values."""

    kind: str
    lent: tuple[Lent, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """A platform, or another thing with figures of its own."""

    name: str
    title: str
    group: str
    sort: str
    """The class of a platform, such as `male_uav`."""
    shows: tuple[str, ...]
    """The figures that matter most."""
    figures: Mapping[str, Figure]
    orbits: Mapping[str, Figure]
    """Figures of a second table of orbits; where they differ, `figures` wins."""
    sections: Mapping[str, Section]
    """What `like` may name: the entry itself, and its variants as `legion.mid`. Empty where no kind of sensor exists yet."""

    def count(self, basis: str) -> int:
        """Return how many of its figures have a basis, the second table left aside."""
        return sum(figure.basis == basis for figure in self.figures.values())


@cache
def names() -> tuple[str, ...]:
    """Return the names of all entries."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.yaml") if path.stem != SOURCES))


def entries() -> tuple[Entry, ...]:
    """Return all entries by group and name."""
    return tuple(sorted(map(platform, names()), key=lambda entry: (GROUPS.index(entry.group), entry.name)))


def platforms() -> tuple[Entry, ...]:
    """Return what watches: in the air, on the ground, in orbit.

    >>> len(platforms())
    43
    """
    return tuple(entry for entry in entries() if entry.group in PLATFORMS)


@cache
def platform(name: str) -> Entry:
    """Return the entry of a name.

    Raises:
        TrucelineError: There is none.

    >>> platform("tb2").figures["cruise_speed"].words
    '70 kt'
    """
    if name not in names():
        raise TrucelineError(f"the catalogue has no {shortened(name)}; {did_you_mean(name, names()) or 'truceline catalogue lists it'}")
    raw = read(name)
    variants = {f"{name}.{variant}": section for variant, section in raw.get("variants", {}).items()}
    own = {name: raw["scenario"]} if "scenario" in raw else {}
    return Entry(
        name,
        raw["name"],
        raw["group"],
        raw["class"],
        tuple(raw["shows"]),
        figures_of(raw["figures"]),
        figures_of(raw.get("orbits", {})),
        MappingProxyType({key: section_of(section) for key, section in {**own, **variants}.items()}),
    )


@cache
def sources() -> Mapping[str, Source]:
    """Return all sources by their keys."""
    return MappingProxyType({key: Source(raw["title"], raw["address"]) for key, raw in read(SOURCES).items()})


def read(name: str) -> dict[str, Any]:
    """Return the plain values of one file of the catalogue."""
    values: dict[str, Any] = LOADER((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")).get_single_data()
    return values


def likes() -> tuple[str, ...]:
    """Return all names that a scenario may write behind `like`."""
    return tuple(name for entry in entries() for name in entry.sections)


def section(like: str) -> Section | None:
    """Return what a name behind `like` gives; None where it gives nothing."""
    name = like.partition(".")[0]
    return platform(name).sections.get(like) if name in names() else None


def kind_of(like: Any) -> str:
    """Return the kind of sensor of a name behind `like`, empty where there is none.

    >>> kind_of("tb2"), kind_of("sputnik")
    ('drone_fleet', '')
    """
    found = section(like) if isinstance(like, str) else None
    return found.kind if found else ""


def figure(reference: str, home: Entry) -> Figure:
    """Return the figure that `speed`, `orbits.altitude` or `weather.male_deice` means, seen from an entry.

    Raises:
        KeyError: There is none.
    """
    first, _, rest = reference.partition(".")
    if first == "orbits":
        return home.orbits[rest]
    return figure(rest, platform(first)) if rest else home.figures[first]


def figures_of(raw: Mapping[str, Any]) -> Mapping[str, Figure]:
    """Return the figures of a block of a file."""
    return MappingProxyType({name: figure_of(name, block) for name, block in raw.items()})


def figure_of(name: str, raw: Mapping[str, Any]) -> Figure:
    """Return one figure of a file."""
    value, unit = settled(raw["value"]), raw.get("unit", "")
    low, high = limits(value, raw.get("range"), unit == "share")
    keys = listed(raw.get("source"))
    return Figure(
        name, value, unit, raw["basis"], tuple(sources()[key] for key in keys), raw.get("note", ""), span_of(raw.get("range")), low, high
    )


def section_of(raw: Mapping[str, Any]) -> Section:
    """Return what a file says that a scenario may borrow."""
    return Section(raw["kind"], tuple(lent_of(path, block) for path, block in raw["fields"].items()))


def lent_of(path: str, raw: Mapping[str, Any]) -> Lent:
    """Return one value that a scenario may borrow."""
    return Lent(
        tuple(path.split(".")), raw["value"], raw["basis"], tuple(listed(raw.get("from"))), span_of(raw.get("range")), raw.get("note", "")
    )


def limits(value: Value, span: Any, share: bool) -> "tuple[Value | None, Value | None]":
    """Return the low and the high end of an assumption.

    >>> limits(0.8, "x0.5 to x2", True), limits((3, 12), "its span", False), limits(4, [2, 8], False)
    ((0.4, 1.0), (3, 12), (2, 8))
    """
    if isinstance(span, list):
        return span[0], span[1]
    if span == "its span":
        numbers = list(numbers_in(value))
        return min(numbers), max(numbers)
    top = 1.0 if share else float("inf")
    if factors := FACTORS.fullmatch(span or ""):
        return each(value, lambda number: number * float(factors[1])), each(value, lambda number: min(number * float(factors[2]), top))
    if margin := MARGIN.fullmatch(span or ""):
        return each(value, lambda number: number - float(margin[1])), each(value, lambda number: min(number + float(margin[1]), top))
    return None, None


def each(value: Value, change: Callable[[float], float]) -> Value:
    """Return a value with each of its numbers changed."""
    if isinstance(value, tuple):
        return tuple(each(part, change) for part in value)
    if isinstance(value, Mapping):
        return MappingProxyType({key: each(part, change) for key, part in value.items()})
    return value if isinstance(value, (bool, str)) else change(value)


def numbers_in(value: Value) -> Iterator[float]:
    """Iterate over the numbers of a value."""
    parts = value if isinstance(value, tuple) else value.values() if isinstance(value, Mapping) else ()
    for part in parts:
        yield from numbers_in(part)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield value


def settled(raw: Any) -> Value:
    """Return a value of a file so that nobody can change it."""
    if isinstance(raw, list):
        return tuple(map(settled, raw))
    if isinstance(raw, dict):
        return MappingProxyType({key: settled(part) for key, part in raw.items()})
    plain: bool | int | float | str = raw
    return plain


def listed(raw: Any) -> list[str]:
    """Return one word, several or none as a list."""
    return [raw] if isinstance(raw, str) else list(raw or ())


def span_of(raw: Any) -> str:
    """Return a range as words."""
    return f"{raw[0]} to {raw[1]}" if isinstance(raw, list) else raw or ""


def said(value: Any) -> str:
    """Return a value as people say it.

    >>> said((24, 27)), said({"spot": 0.1, "strip": 0.3}), said((0.4, 0.38, 0.3)), said(True)
    ('24 to 27', 'spot 0.1, strip 0.3', '0.4, 0.38, 0.3', 'yes')
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {said(part)}" for key, part in value.items())
    if isinstance(value, (tuple, list)):
        return (" to " if len(value) == 2 and value[0] < value[1] else ", ").join(map(said, value))
    return str(value)


def plain(value: Any) -> Any:
    """Return anything of the catalogue as values for JSON."""
    if isinstance(value, Mapping):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, tuple):
        return [plain(part) for part in value]
    if isinstance(value, (Entry, Section, Lent, Source)):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, Figure):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__} | {"inside": plain(value.inside)}
    return value


# For people


def overview() -> str:
    """Return all entries by group: name, class, how many figures are published, derived and assumed, and those that matter."""
    text = []
    for group in GROUPS:
        mine = [entry for entry in entries() if entry.group == group]
        cells = [(entry.name, entry.sort, *(f"{entry.count(basis):3d} {basis}" for basis in BASES), shown(entry)) for entry in mine]
        text += [group.replace("_", " "), *aligned(cells), ""]
    return "\n".join([*text, "truceline catalogue NAME shows all of one, and what a sensor with 'like: NAME' borrows"])


def shown(entry: Entry) -> str:
    """Return the figures that matter in words, those that are short."""
    figures = [entry.figures[name] for name in entry.shows]
    return "; ".join(f"{each.name.replace('_', ' ')} {each.words}" for each in figures if len(each.words) <= WIDEST)


def page(entry: Entry) -> str:
    """Return all that is known of an entry as text: figures, what a scenario borrows, and the sources with their addresses."""
    used = list(dict.fromkeys(source for block in (entry.figures, entry.orbits) for each in block.values() for source in each.sources))
    numbers = {source: f"[{number}]" for number, source in enumerate(used, 1)}
    text = [f"{entry.title} ({entry.group}, {entry.sort})", "", *aligned(rows(entry.figures, numbers))]
    if entry.orbits:
        text += ["", "a second table of orbits; where it differs, the figures above win", *aligned(rows(entry.orbits, numbers))]
    for like, section in entry.sections.items():
        text += ["", f"in a scenario 'like: {like}' gives kind {section.kind} and", *aligned([lending(lent) for lent in section.lent])]
    addresses = [f"  {numbers[source]} {source.title}\n      {source.address}" for source in used]
    return "\n".join([*text, *(["", "sources", *addresses] if addresses else [])])


def rows(figures: Mapping[str, Figure], numbers: Mapping[Source, str]) -> list[tuple[str, ...]]:
    """Return figures as cells: name, value, basis and sources, range and note."""
    return [(each.name, each.words, cited(each, numbers), "; ".join(filter(None, (ranged(each), each.note)))) for each in figures.values()]


def cited(figure: Figure, numbers: Mapping[Source, str]) -> str:
    """Return the basis of a figure with the numbers of its sources."""
    return " ".join([figure.basis, *(numbers[source] for source in figure.sources)])


def ranged(figure: Figure) -> str:
    """Return the range of an assumption in words."""
    if isinstance(figure.low, (int, float)) and isinstance(figure.high, (int, float)):
        unit = figure.unit if figure.unit != "share" else ""
        return f"{figure.low:g} to {figure.high:g} {unit}".strip() + (f" ({figure.span})" if figure.span.startswith("x") else "")
    return figure.span


def lending(lent: Lent) -> tuple[str, ...]:
    """Return what a scenario may borrow as cells."""
    origin = f"from {', '.join(lent.figures)}" if lent.figures else ""
    return ".".join(lent.path), said(lent.value), lent.basis, "; ".join(filter(None, (origin, lent.span, lent.note)))


def aligned(cells: list[tuple[str, ...]]) -> list[str]:
    """Return rows of text in columns of one width each; the widest cells of a column stand out of it."""
    widths = [min(max(map(len, column)), WIDEST) for column in zip(*cells, strict=True)]
    return ["  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
