"""What a script, a notebook and the command line use: load, check, run, compare, plot, list, show."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from sim import store
from sim.authoring import Checked, Kind, check, init, kinds, load, schema
from sim.campaign import BASE, RESULTS, Prospect, Run, Watch, foresee, order, run, silent
from sim.catalogue import platform, platforms
from sim.comparison import Comparison, compared
from sim.document import parts_of
from sim.errors import TrucelineError, did_you_mean
from sim.experiment import Player, engine
from sim.provenance import gathered
from sim.report import draw
from sim.revisit import Passes, passes
from sim.scenario import Loaded
from sim.units import SUFFIX

# Comparing


def compare(
    *what: Loaded | Run | Path | str,
    mixes: Sequence[str] | None = None,
    baseline: str | None = None,
    replications: int | None = None,
    seed: int | None = None,
    workers: int = 1,
    out: Path | str = RESULTS,
    watch: Watch = silent,
    player: Player = engine,
) -> Comparison:
    """Return mixes side by side, paired over the same replications: those of one scenario, or runs that are stored.

    Args:
        what: One scenario, whose missing replications are simulated now; or two and more runs, the first the baseline.
        mixes: Of the scenario; all of them without it. `base` is the file as it stands.
        baseline: What the others are compared with; else the file's baseline, else the first.
        replications: As in `run`.
        seed: As in `run`.
        workers: As in `run`.
        out: As in `run`.
        watch: As in `run`.
        player: As in `run`.
    """
    if not what:
        raise TrucelineError("nothing to compare; name a scenario or two runs")
    first = what[0]
    if isinstance(first, Run) or (not isinstance(first, Loaded) and (Path(first) / "manifest.json").exists()):
        return compare_stored([item if isinstance(item, Run) else find(str(item), out) for item in what if not isinstance(item, Loaded)])
    if len(what) > 1:
        raise TrucelineError(
            "two scenarios cannot be compared; compare takes one, whose mixes it sets side by side, or two and more folders of runs. "
            "Write what differs as mixes into the block 'experiment' of one file"
        )
    loaded = load(first) if isinstance(first, (str, Path)) else first
    names = mixes_to_compare(loaded, mixes, baseline)
    count = replications or loaded.scenario.experiment.replications
    for name in names:
        order(loaded, name, count, seed, out)  # so that a mistake in the last mix is told before the first is run
    done = []
    for place, name in enumerate(names):
        told = partial(shifted, watch, place * count, len(names) * count)
        done.append(run(loaded, mix=name, replications=count, seed=seed, workers=workers, out=out, watch=told, player=player))
    if lacking := [item.path for item in done if not item.complete]:
        raise TrucelineError(f"{lacking[0]} lacks replications that failed; the comparison would not be whole")
    return compared(done[0].results, [item.results for item in done[1:]], count)


def compare_stored(runs: Sequence[Run]) -> Comparison:
    """Return runs as they are stored side by side, the first the baseline."""
    if len(runs) < 2:
        raise TrucelineError("one run alone has nothing to be compared with; name two or more")
    results = [item.results for item in runs]
    names = told_apart(runs, [item.mix for item in results])
    named = [replace(found, mix=name) for found, name in zip(results, names, strict=True)]
    return compared(named[0], named[1:])


def told_apart(runs: Sequence[Run], mixes: list[str]) -> list[str]:
    """Return names for stored runs that no two of them share: their mixes, else as much of their paths as it takes."""
    if len(set(mixes)) == len(mixes):
        return mixes
    paths = [found.path.resolve() for found in runs]
    for depth in range(1, max(len(path.parts) for path in paths)):
        names = ["/".join(path.parts[-depth:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    raise TrucelineError("one run is named twice; name two that differ")


def shifted(watch: Watch, before: int, of: int, done: int, _: int) -> None:
    """Tell how far a run is as a part of several."""
    watch(min(before + done, of), of)


def mixes_to_compare(loaded: Loaded, mixes: Sequence[str] | None, baseline: str | None) -> list[str]:
    """Return the names of the mixes to compare, the baseline first."""
    known = loaded.scenario.experiment.mixes
    names = list(mixes or known)
    first = baseline or (loaded.scenario.experiment.baseline if not mixes else None) or (names[0] if len(names) > 1 else BASE)
    for name in (first, *names):
        if name not in known and name != BASE:
            raise TrucelineError(f"unknown mix {name!r}; {did_you_mean(name, known) or 'known: ' + ', '.join([BASE, *known])}")
    others = [name for name in dict.fromkeys(names) if name != first]
    if not others:
        raise TrucelineError(f"there is nothing to compare {first!r} with; write mixes into the block 'experiment'")
    return [first, *others]


# Looking


def plot(what: Run | Path | str, figures: Sequence[str] = (), file_format: str = "png", out: Path | str = RESULTS) -> list[Path]:
    """Draw figures of a run into its folder, and return where they lie.

    Args:
        what: A run, its folder, or a scenario, whose newest complete run is taken.
        figures: Their names; all without them.
        file_format: `png`, `svg` or `pdf`.
        out: The folder of all results.
    """
    found = what if isinstance(what, Run) else find(str(what), out)
    folder = found.path / "figures"
    with store.explained(folder):
        folder.mkdir(exist_ok=True)
    manifest = found.manifest
    mark = (
        f"Truceline {manifest['software']['truceline']}, run {manifest['identity'][:8]}, results {str(manifest.get('results_digest'))[:16]}"
    )
    return list(draw(found.results, figures, folder, file_format, mark))


def find(what: str, out: Path | str = RESULTS) -> Run:
    """Return the run in a folder; or of a scenario: that of the file as it stands, else the newest that is complete."""
    path = Path(what)
    if path.suffix in (".yaml", ".yml") and not path.exists():
        raise TrucelineError(f"there is no file {path}")
    if (path / "manifest.json").is_file():
        return Run(path)
    if path.is_dir():
        raise TrucelineError(f"{path} is not the folder of a run; 'truceline list' shows them")
    if path.is_file():
        own = Run(order(path, None, None, None, out).folder)
        if own.complete:
            return own
    root = Path(out) / store.slug(path.stem if path.suffix in (".yaml", ".yml") else what)
    runs = [found for found in list_runs(root.parent) if found.path.parent == root and found.complete]
    if not runs:
        raise TrucelineError(f"there is no complete run of {what!r} in {out}; simulate it first with 'truceline run'")
    return max(runs, key=lambda found: str(found.manifest["ended"]))


def list_runs(out: Path | str = RESULTS) -> list[Run]:
    """Return all runs in a folder of results, by path."""
    manifests = [path.parent for path in Path(out).glob("*/*/manifest.json")]
    parts = [path.parent.parent for path in Path(out).glob("*/*/parts/part-*.parquet")]
    return [Run(path) for path in sorted({*manifests, *parts})]


def show(what: Loaded | Run | Path | str, path: str = "", out: Path | str = RESULTS) -> Any:
    """Return a value of a scenario or a run with its defaults filled in; without a path all of them.

    >>> show("no.yaml")
    Traceback (most recent call last):
    sim.errors.TrucelineError: there is no file no.yaml
    """
    if isinstance(what, Loaded):
        value: Any = gathered(what)[0]
    elif isinstance(what, Run) or not str(what).endswith((".yaml", ".yml")):
        found = what if isinstance(what, Run) else find(str(what), out)
        value = gathered(load(found.path / "resolved.yaml"))[0]
    else:
        value = gathered(load(what))[0]
    for part in parts_of(path) if path else ():
        value = child(value, part, path)
    return value


def child(value: Any, part: str, path: str) -> Any:
    """Return what stands under a key of a block, with or without its unit, or at a place of a list."""
    if isinstance(value, dict):
        for name in (part, *(part + suffix for suffix, _ in SUFFIX.values())):
            if name in value:
                return value[name]
    if isinstance(value, list) and part.isdigit() and int(part) < len(value):
        return value[int(part)]
    known = list(value) if isinstance(value, dict) else [str(index) for index in range(len(value))] if isinstance(value, list) else []
    raise TrucelineError(f"{path!r}: there is no {part!r}; {did_you_mean(part, known) or 'known: ' + (', '.join(known) or 'nothing')}")


__all__ = [
    "Checked",
    "Comparison",
    "Kind",
    "Passes",
    "Prospect",
    "Run",
    "check",
    "compare",
    "find",
    "foresee",
    "init",
    "kinds",
    "list_runs",
    "load",
    "passes",
    "platform",
    "platforms",
    "plot",
    "run",
    "schema",
    "show",
]
