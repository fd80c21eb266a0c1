"""The YAML file as one frozen record, checked once and never again below."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar

from pydantic import AwareDatetime, Field, GetJsonSchemaHandler, field_validator, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from sim.catalogue import likes
from sim.document import Document, apply_changes, completed, filled, in_order, override, parse_text, read
from sim.document import checked as document_checked
from sim.errors import Problem, ScenarioError, TrucelineError, did_you_mean
from sim.family import Member
from sim.model import Count, Model, Probability, Spread, Stretch
from sim.relief import TerrainRecord
from sim.responses.base import Response
from sim.sensors.base import Sensor
from sim.sky import Environment
from sim.units import DAY, Euros, Metres, PositiveMetres, PositiveSeconds, Seconds, fault, shortened
from sim.violations.base import Violation

M = TypeVar("M", bound=Member)

FORMAT = 1
"""Version of the file format that this program reads."""

EARLIEST, LATEST = 1950, 2100
"""Years in which a run may begin. Assumption: the sun's place is good to 0.01 deg until 2050 and hardly worse after (Astronomical Almanac,
low-precision formulas)."""
LONGEST_S = 3653 * DAY
"""Assumption: no cease-fire is planned for longer."""

MASKING_DEG = {"water": 0.05, "open": 0.5, "tree_belts": 2.0, "woodland": 8.0, "built_up": 15.0}
"""Mean elevation angle that each terrain hides. Assumption, to be calibrated on NWC TP 5908 (line-of-sight handbook)."""

Terrain = Literal["water", "open", "tree_belts", "woodland", "built_up"]
Position = tuple[Annotated[float, Field(ge=-180.0, le=180.0)], Annotated[float, Field(ge=-90.0, le=90.0)]]
"""Longitude, latitude in degrees."""


class SectorRecord(Stretch):
    """A named stretch of the line."""

    terrain: Terrain = "tree_belts"
    """What hides things there."""


class ZoneRecord(Model):
    """A band beside the line: a buffer, a withdrawal zone."""

    side: Literal["A", "B", "both"] = "both"
    from_m: Metres = 0.0
    to_m: PositiveMetres


class LineRecord(Model):
    """The monitored curve: one of `bundled`, `border`, `file` or `points`."""

    bundled: str | None = None
    """A line that comes with the program: `line_of_contact_2025`, `ru_ua_border`."""
    border: str | None = None
    """The border of two countries in Natural Earth, such as `KR-KP`; the first named lies on side A."""
    file: str | None = None
    """A GeoJSON file, relative to the scenario."""
    points: tuple[Position, ...] | None = None
    """Longitude and latitude of its vertices."""
    official_length_m: PositiveMetres | None = None
    """Length that officials give, for densities per official kilometre."""
    terrain: TerrainRecord | None = None
    """Files of ground heights; without them terrain hides by chance, by the classes of the sectors."""
    sectors: dict[str, SectorRecord] = Field(default_factory=dict)
    zones: dict[str, ZoneRecord] = Field(default_factory=dict)

    @model_validator(mode="after")
    def one_source(self) -> "LineRecord":
        """Refuse no geometry, and two."""
        given = [name for name in ("bundled", "border", "file", "points") if getattr(self, name) is not None]
        if len(given) != 1:
            known = "the line needs exactly one of bundled, border, file, points; {given} given"
            raise fault("line", known, given=" and ".join(given) or "none")
        return self


class BaseRecord(Model):
    """A place from which units operate."""

    at: Position
    """Longitude and latitude."""


class Shift(Model):
    """Analysts on duty by day and by night."""

    day: Count
    night: Count
    day_from_s: Seconds = 6 * 3600.0
    """Start of the day shift, after midnight UTC. Assumption."""
    day_to_s: Seconds = 18 * 3600.0

    @model_validator(mode="after")
    def somebody(self) -> "Shift":
        """Refuse a desk at which nobody ever sits."""
        if self.day + self.night == 0:
            raise fault("nobody", "nobody is on duty by day or by night; at least one analyst is needed")
        if self.day_to_s <= self.day_from_s:
            raise fault("shift", "the day shift ends before it begins; it may not run over midnight UTC", at="day_to")
        return self


class Desk(Model):
    """Where looks become findings."""

    analysts: Shift
    triage: Spread
    """Work on a new alarm until it is dismissed or opened as a case."""
    verify: Spread
    """Work on a case that has its sources."""
    attribute: Spread
    """Time until the question who did it is settled one way or the other."""
    attribute_hands: Probability = 1.0
    """Share of that time that an analyst works on it; for the rest it waits for others. Assumption."""
    sources: Annotated[int, Field(ge=1, le=9)] = 2
    """Distinct units that must have seen it, unless one of them saw what it was."""
    p_open_true: Probability = 0.95
    """Chance that triage opens an alarm with something behind it. Assumption."""
    p_open_false: Probability = 0.05
    """Chance that it opens a false alarm. Assumption."""
    p_reject_notified: Probability = 0.95
    """Chance that a notified exercise is recognised as such. Assumption."""
    p_wrong_side: Probability = 0.03
    """Chance that an attribution names the wrong side. Assumption."""
    p_verify_false: Probability = 0.05
    """Chance that a case without anything behind it stands up to verification once it has its sources. Assumption."""
    p_verify_benign: Probability = 0.5
    """Chance that a look-alike that nobody has recognised stands up to verification once it has its sources. Assumption."""
    p_blame_false: Probability = 0.3
    """Chance that such a case is blamed on the side on whose ground it lies. Assumption."""
    expires_s: PositiveSeconds = 2 * DAY
    """After this long without verification a case is closed."""
    cue: bool = True
    """Whether the desk sends somebody to look at a case that lacks sources."""
    release: Spread | None = None
    """From attribution to making it known; at once without it."""


class Costs(Model):
    """What the rest costs; sensors carry their own cost a unit and day."""

    analyst_eur: Euros = 0.0
    """An analyst on duty for a day."""


class Experiment(Model):
    """How often to run it, and which mixes to compare."""

    replications: Annotated[int, Field(ge=1, le=100_000)] = 20
    seed: Annotated[int, Field(ge=0, lt=2**53)] = 20260106
    baseline: str | None = None
    """The mix that others are compared with; the first without it."""
    mixes: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Named sets of changes: path to new value; null removes."""


class Alike:
    """Mark of a sensor in the schema: with the word `like` it may leave out what the catalogue knows."""

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        like = {"description": "The platform of the catalogue whose values fill what is not written here.", "enum": list(likes())}
        borrower = {"type": "object", "properties": {"like": like}, "required": ["like"]}
        return {"if": {"required": ["like"]}, "then": borrower, "else": handler(schema)}


class Scenario(Model):
    """A question to the simulator."""

    truceline: Literal[1]
    """Version of the file format."""
    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: str = ""
    start: AwareDatetime
    """First instant, with its offset from UTC."""
    length_s: PositiveSeconds
    """Violations begin within this time."""
    follow_up_s: Seconds = 3 * DAY
    """The run goes on for this long, so that late answers to late violations are not cut off."""
    line: LineRecord
    environment: Environment = Environment()
    bases: dict[str, BaseRecord] = Field(default_factory=dict)
    sensors: dict[str, Annotated[Sensor, Alike()]] = Field(default_factory=dict)
    violations: dict[str, Violation] = Field(default_factory=dict)
    desk: Desk
    response: Response
    costs: Costs = Costs()
    experiment: Experiment = Experiment()

    @model_validator(mode="before")
    @classmethod
    def borrow(cls, data: Any) -> Any:
        """Fill what sensors borrow from the catalogue by the word `like`; from a file it is filled before, so that faults have a place."""
        return completed(data) if isinstance(data, dict) else data

    @field_validator("sensors", "violations")
    @classmethod
    def named(cls, entries: dict[str, M]) -> dict[str, M]:
        """Give each sensor and violation the key under which it stands."""
        return {key: entry.model_copy(update={"name": key}) for key, entry in entries.items()}

    @field_validator("start", mode="before")
    @classmethod
    def dated(cls, start: Any) -> Any:
        """Refuse a bare number, which would count seconds since 1970."""
        if isinstance(start, str) and not re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", start):
            raise fault("datetime_parsing", "{start} is no date", start=shortened(start))
        return start

    @field_validator("start")
    @classmethod
    def in_utc(cls, start: datetime) -> datetime:
        """Keep calendars at the edge: everything inside is UTC."""
        if not EARLIEST <= start.year <= LATEST:
            raise fault("calendar", "the start must lie in the years {first} to {last}", first=EARLIEST, last=LATEST)
        if start.microsecond:
            raise fault("calendar", "the start must be a whole second")
        return start.astimezone(UTC)

    @model_validator(mode="after")
    def bounded(self) -> "Scenario":
        """Refuse a run of centuries, which is a slip of the pen."""
        if self.horizon_s > LONGEST_S:
            raise fault("length", "the run is longer than ten years with its follow-up", at="length")
        return self

    @property
    def horizon_s(self) -> float:
        """The end of the run."""
        return self.length_s + self.follow_up_s

    def rungs(self) -> tuple[str, ...]:
        """Return the names of the steps of the response, in order."""
        return self.response.rungs_named()


class Loaded(NamedTuple):
    """A scenario with the text that it came from."""

    scenario: Scenario
    document: Document
    folder: Path
    """Paths in the scenario are relative to this."""


def load(path: Path | str, changes: Mapping[str, str] | None = None) -> Loaded:
    """Read and check a scenario, with changes such as those of `--set` laid over it.

    Raises:
        ScenarioError: All that is wrong, with places.
    """
    path = Path(path)
    document = read(path)
    for where, value in (changes or {}).items():
        document = override(document, where, value, f"--set {where}={value}")
    return Loaded(checked(document), document, path.parent)


def loads(text: str, folder: Path | str = ".") -> Loaded:
    """Read and check a scenario from text."""
    document = parse_text(text)
    return Loaded(checked(document), document, Path(folder))


def checked(document: Document) -> Scenario:
    """Return the scenario, or raise all its problems at once: those of fields, and of names that must stand elsewhere."""
    document, unlike = filled(document)
    problems = [*references(document), *unlike]
    spoiled = {problem.path[:2] for problem in unlike}
    try:
        scenario = document_checked(document, Scenario)
    except ScenarioError as faults:
        own = [problem for problem in faults.problems if problem.path[:2] not in spoiled]
        raise ScenarioError(in_order([*own, *problems])) from None
    if problems:
        raise ScenarioError(in_order(problems))
    return scenario


class Rule(NamedTuple):
    """Where a name stands that must be the key of an entry elsewhere; `*` is any key or index, a last `@` the key itself."""

    at: str
    block: str
    noun: str
    also: tuple[str, ...] = ()


RULES = (
    Rule("sensors.*.cued_by.*", "sensors", "sensor", ("desk",)),
    Rule("sensors.*.orbits.*.base", "bases", "base"),
    Rule("sensors.*.stations.*", "bases", "base"),
    Rule("sensors.*.orbits.*.relay", "bases", "base"),
    Rule("violations.*.where.@", "line.sectors", "sector"),
    Rule("environment.jamming.*.sectors.*", "line.sectors", "sector"),
    Rule("environment.access.*.sectors.*", "line.sectors", "sector"),
    Rule("environment.access.*.sensors.*", "sensors", "sensor", tuple(Sensor.kinds)),
    Rule("response.bodies.*.members.*", "response.states", "state"),
    Rule("response.rungs.*.body", "response.bodies", "body"),
    Rule("response.rungs.*.force.hub", "response.hubs", "hub"),
    Rule("experiment.baseline", "experiment.mixes", "mix"),
)


def references(document: Document) -> list[Problem]:
    """Check every name that must stand elsewhere in the file; works on the raw values, so it runs whatever else is wrong."""
    problems = []
    for rule in RULES:
        blocks = [block for _, block in found_at(document.values, rule.block.split("."))]
        known = {*rule.also, *(key for block in blocks if isinstance(block, dict) for key in block)}
        for path, name in found_at(document.values, rule.at.split(".")):
            if isinstance(name, str) and name not in known:
                remedy = did_you_mean(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
                problems.append(document.problem(f"unknown {rule.noun} {shortened(name)}", path, remedy, at_key=rule.at.endswith("@")))
    return problems


def found_at(values: Any, parts: list[str], path: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Iterate over the places of a document that a dotted pattern meets, with what stands there."""
    if not parts:
        yield path, values
        return
    entries: list[tuple[str | int, Any]] = list(values.items()) if isinstance(values, dict) else []
    if isinstance(values, list):
        entries = list(enumerate(values))
    for key, value in entries:
        if parts[0] == "@":
            yield (*path, key), key
        elif parts[0] in ("*", key):
            yield from found_at(value, parts[1:], (*path, key))


def mixed(loaded: Loaded, mix: str | None) -> Loaded:
    """Return the scenario with a mix's changes applied and its mixes left out; None is the file as it stands.

    Raises:
        ScenarioError: The mix makes a scenario that is wrong; the places are those of the mix.
        TrucelineError: There is no such mix.
    """
    if mix is None:
        return loaded
    mixes = loaded.scenario.experiment.mixes
    if mix not in mixes:
        raise TrucelineError(f"unknown mix {mix!r}; {did_you_mean(mix, mixes) or 'known: ' + ', '.join(mixes)}")
    try:
        document = apply_changes(loaded.document, mixes[mix], ("experiment", "mixes", mix), Scenario)
        return loaded._replace(scenario=checked(document), document=document)
    except ScenarioError as faults:
        named = [in_mix(problem, mix, mixes[mix]) for problem in faults.problems]
    raise ScenarioError(named)


def in_mix(problem: Problem, mix: str, changes: Mapping[str, Any]) -> Problem:
    """Return a problem as one of a mix; where it names what the mix removes, the remedy is in the mix too."""
    removed = {path.rpartition(".")[2] for path, value in changes.items() if value is None}
    name = next((name for name in removed if problem.message.startswith("unknown ") and problem.message.endswith(repr(name))), "")
    where = ".".join(str(part) for part in problem.path[:-1])
    remedy = f"the mix removes it; let the mix change '{where}' too, or remove what holds it" if name else problem.remedy
    return replace(problem, message=f"{problem.message} (mix {mix!r})", remedy=remedy)


def check_mixes(loaded: Loaded) -> None:
    """Check every mix as if it were the file.

    Raises:
        ScenarioError: All that is wrong with any of them.
    """
    problems: list[Problem] = []
    for mix in loaded.scenario.experiment.mixes:
        try:
            mixed(loaded, mix)
        except ScenarioError as faults:
            problems += faults.problems
    if problems:
        raise ScenarioError(problems)


def resolved(scenario: Scenario) -> dict[str, Any]:
    """Return the scenario with all defaults filled in, as plain values that load again to the same scenario."""
    plain: dict[str, Any] = written_out(scenario)
    return plain


def written_out(value: Any) -> Any:
    """Return a value as it could stand in a file: records as blocks, members of families with their kind."""
    if isinstance(value, Model):
        kind = {"kind": value.kind_name} if isinstance(value, Member) else {}
        names = [name for name in type(value).model_fields if not (isinstance(value, Member) and name == "name")]
        return kind | {name: written_out(getattr(value, name)) for name in names}
    if isinstance(value, dict):
        return {key: written_out(part) for key, part in value.items()}
    if isinstance(value, tuple | list):
        return [written_out(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value
