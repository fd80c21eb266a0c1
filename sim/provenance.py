"""What a run was made from, so that another can make it again: inputs, program, assumptions, and digests of what came out."""

import hashlib
import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from pydantic import BaseModel

from sim import catalogue
from sim.document import loans
from sim.model import docstrings
from sim.scenario import FORMAT, Loaded, Scenario, resolved, written_out
from sim.story import Columns
from sim.units import SUFFIX

Tables: TypeAlias = dict[str, Columns]
"""What replications leave behind, by kind of row: `tally`, `incident`, `cell`, `fact`; each has a column `replication`."""

PACKAGES = ("numpy", "scipy", "simpy", "shapely", "pyproj", "pydantic", "pyyaml", "sgp4", "matplotlib", "duckdb")
"""Packages whose version can move a result or its picture."""
UNREAD = ("name", "description")
"""Texts of a scenario that no number depends on."""
KEPT_FROM_DIGEST = ("fact",)
"""A trace may be kept or not; it says nothing that the other rows do not follow from."""
LIMITS = (
    "Simulated, not observed: the numbers follow from the scenario and from the models that the program documents.",
    "Intervals are over replications and hold the error of simulation only, not the doubt about the assumptions.",
    "A line drawn from public maps is approximate and says nothing about sovereignty.",
)


def fingerprint(tables: Tables) -> str:
    """Return the digest of one replication's rows: tables and columns by name, rows as they stand; no clock, no trace.

    >>> a = {"tally": {"alarms": np.array([3.0]), "replication": np.array([0])}}
    >>> b = {"tally": {"replication": np.array([0]), "alarms": np.array([3.0])}, "fact": {"t_s": np.array([1.0])}}
    >>> fingerprint(a) == fingerprint(b)
    True
    """
    total = hashlib.sha256()
    for table in sorted(set(tables) - set(KEPT_FROM_DIGEST)):
        for name in sorted(tables[table]):
            total.update(f"{table}\x1f{name}\x1f".encode())
            total.update(canonical(tables[table][name]))
    return total.hexdigest()


def canonical(column: np.ndarray) -> bytes:
    """Return a column's values as bytes that are the same on every machine: one nan, one zero, little-endian."""
    if column.dtype.kind == "f":
        floats = np.where(np.isnan(column), np.nan, column.astype("<f8") + 0.0)
        return b"f" + floats.astype("<f8").tobytes()
    if column.dtype.kind in "iub":
        return b"i" + column.astype("<i8").tobytes()
    texts = [str(text).encode() for text in column]
    return b"t" + b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def results_digest(fingerprints: Mapping[int, str]) -> str:
    """Return the digest of all replications, in whatever order, chunk or process they were made."""
    return hashlib.sha256("\n".join(f"{number} {fingerprints[number]}" for number in sorted(fingerprints)).encode()).hexdigest()


def gathered(loaded: Loaded) -> tuple[dict[str, Any], dict[str, Path]]:
    """Return the resolved scenario with the files that it names put beside it under names that hold their content.

    A text with a suffix that names a file relative to the scenario is such a name. So the folder of a run is whole in itself, and its
    digest moves with one byte of any input.

    Returns:
        The values, and the files by their new names.
    """
    found: dict[str, Path] = {}

    def settled(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: settled(item) for key, item in value.items()}
        if isinstance(value, list):
            return [settled(item) for item in value]
        if not isinstance(value, str) or len(value) > 255 or not Path(value).suffix or not (loaded.folder / value).is_file():
            return value
        path = loaded.folder / value
        corner = f"_{path.stem[-7:]}" if path.suffix.lower() == ".hgt" else ""  # the name of such a file says where it lies
        name = f"inputs/{hashlib.sha256(path.read_bytes()).hexdigest()[:16]}{corner}{path.suffix}"
        found[name] = path
        return name

    values = resolved(loaded.scenario)
    experiment = {key: value for key, value in values["experiment"].items() if key not in ("mixes", "baseline")}
    kept = {key: value if key in UNREAD else settled(value) for key, value in values.items()}
    return {**kept, "experiment": experiment}, found


def identity(values: Mapping[str, Any]) -> str:
    """Return the digest of a resolved mix, its seed and the format: equal for equal answers, whatever the mix or the scenario is called."""
    read = {key: value for key, value in values.items() if key not in (*UNREAD, "experiment")}
    seed = values["experiment"]["seed"]
    text = json.dumps([FORMAT, seed, read], sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def program_version() -> str:
    """Return the version of this program."""
    try:
        return version("truceline")
    except PackageNotFoundError:
        return "0+source"


@cache
def program_digest() -> str:
    """Return the digest of the program's own source and data."""
    root = Path(__file__).parent
    total = hashlib.sha256()
    for path in sorted(path for path in root.rglob("*") if path.is_file() and path.suffix not in (".pyc", ".pyo")):
        total.update(path.relative_to(root).as_posix().encode() + b"\0" + path.read_bytes())
    return total.hexdigest()


def software() -> dict[str, Any]:
    """Return the program, the packages and the machine that results are made with; no name of a user or a host."""
    return {
        "truceline": program_version(),
        "program_sha256": program_digest(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "packages": dict(installed(PACKAGES)),
    }


def installed(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Iterate over the names and versions of those packages that are there."""
    for name in names:
        try:
            yield name, version(name)
        except PackageNotFoundError:
            continue


def assumptions(made: Scenario | Loaded) -> list[dict[str, Any]]:
    """Return each value of a scenario whose own description calls it an assumption, and with its text also what it borrowed."""
    taken = borrowed(made) if isinstance(made, Loaded) else []
    known = {each["path"] + suffix for each in taken for suffix in ("", *(suffix for suffix, _ in SUFFIX.values()))}
    own = [
        {"path": ".".join(path), "value": value, "basis": " ".join(text.split())}
        for path, value, text in described(made.scenario if isinstance(made, Loaded) else made, ())
        if "ssumption" in text and ".".join(path) not in known
    ]
    return [*own, *taken]


def borrowed(loaded: Loaded) -> list[dict[str, Any]]:
    """Return each value that a sensor has from the catalogue by the word `like`, with its basis, its sources and its range."""
    found = []
    for path, like, lent in loans(loaded.document.values):
        entry = catalogue.platform(like.partition(".")[0])
        figures = [catalogue.figure(name, entry) for name in lent.figures]
        sources = dict.fromkeys(f"{source.title}, {source.address}" for each in figures for source in each.sources)
        origin = f" ({', '.join(lent.figures)})" if lent.figures else ""
        text = "; ".join([f"{lent.basis}: catalogue {like}{origin}", *filter(None, (lent.span, lent.note)), *sources])
        found.append({"path": ".".join(map(str, path)), "value": lent.value, "basis": text})
    return found


def described(record: BaseModel, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any, str]]:
    """Iterate over path, plain value and description of every field that holds a single value."""
    for name in type(record).model_fields:
        value = getattr(record, name)
        if isinstance(value, BaseModel):
            yield from described(value, (*path, name))
        elif isinstance(value, Mapping) and any(isinstance(item, BaseModel) for item in value.values()):
            for key, item in value.items():
                yield from described(item, (*path, name, key))
        elif isinstance(value, (bool, int, float, str, tuple)):
            yield (*path, name), written_out(value), docstrings(type(record)).get(name, "")
