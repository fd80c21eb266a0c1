"""Alarms become cases, cases become findings: triage, corroboration, verification, attribution."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

import numpy as np
from simpy import Environment

from sim.clock import up_plain
from sim.desk import Desk, Finding
from sim.dice import Die, number_of
from sim.engine.staff import Staff
from sim.kinds import Bools, Floats, Ints, Keys
from sim.live import Call
from sim.log import NOBODY, EventLog
from sim.ops import Cue
from sim.world import World

ATTRIBUTE, VERIFY, TRIAGE = 0, 1, 2
"""Urgency of work at the desk."""
TASKS = ("triage", "verify", "attribute")

LINK_M, LINK_S = 5_000.0, 1800.0
"""A false alarm this near an open alarm in place and time is taken for the same event. Assumption."""


class Alarm(NamedTuple):
    """What arrives at the desk: a contact, or a false alarm."""

    seen_s: float
    known_s: float
    sensor: str
    unit: int
    target: int
    """Row of the target, -1 for a false alarm."""
    key: int
    """Names its luck."""
    x_m: float
    y_m: float
    chainage_m: float
    offset_m: float
    classified: bool
    """Whether it shows what it was."""
    attributed: bool
    """Whether it shows who did it."""


@dataclass(slots=True, eq=False)
class Thread:
    """All that the desk knows of one event, real or not."""

    key: int
    """Names its luck: of the incident, or of the false alarm that began it."""
    incident: int
    alarm: Alarm
    sources: set[tuple[str, int]] = field(default_factory=set)
    classified: bool = False
    attributed: bool = False
    state: str = "waiting"
    """waiting, open, verifying, verified, closed"""
    case: int = NOBODY
    reported_s: float = 0.0
    verified_s: float = 0.0


@dataclass(slots=True, eq=False)
class Inbox:
    """The desk of analysts: callbacks for alarms, a few timers for cases."""

    env: Environment
    world: World
    log: EventLog
    staff: Staff
    council: Desk
    call: Callable[[Cue], float | None]
    """Sends somebody to look; returns when the look is over, or None."""
    threads: dict[int, Thread] = field(default_factory=dict)
    """By incident; false alarms have none of their own here."""
    phantoms: deque[Thread] = field(default_factory=deque)
    """Recent threads with nothing behind them, the oldest first."""
    triages: dict[int, int] = field(default_factory=dict)
    numbers: "count[int]" = field(default_factory=count)
    dies: dict[str, Die] = field(default_factory=dict)
    """By purpose."""
    first_s: dict[str, dict[int, float]] = field(default_factory=lambda: {task: {} for task in TASKS})
    """By task and key: how long it takes from first to last, the first time."""
    opens: dict[int, float] = field(default_factory=dict)
    """By key: the throw by which the first triage opens a case."""
    rows: list[tuple[int, int, bool, bool]] = field(default_factory=list)
    """Of each incident: its key, its side, whether it is benign and whether notified."""
    incident_of: list[int] = field(default_factory=list)
    """Of each target."""

    def __post_init__(self) -> None:
        incidents = self.world.incidents
        columns = (incidents.key, incidents.side, incidents.benign, incidents.notified)
        self.rows = list(zip(*(column.tolist() for column in columns), strict=True))
        self.incident_of = self.world.targets.incident.tolist()
        self.foresee(incidents.key, TASKS)

    def foresee(self, keys: Keys, tasks: Sequence[str] = ("triage",)) -> None:
        """Throw for the first handling of what bears these keys, all at once: most things on the desk are handled once.

        Args:
            keys: Shape (N,).
            tasks: Which are likely.
        """
        first, names = np.zeros(len(keys), dtype=np.int64), keys.tolist()
        for task in tasks:
            whole_s = getattr(self.world.scenario.desk, task).quantile_s(self.die(task).uniform(keys, first))
            self.first_s[task].update(zip(names, whole_s.tolist(), strict=True))
        self.opens.update(zip(names, self.die("open").uniform(keys, first).tolist(), strict=True))

    def recognised(self, name: str, units: Ints, keys: Keys, p_classify: Floats, p_attribute: Floats) -> tuple[Bools, Bools]:
        """Return whether units of a sensor can tell what things are, and who did them.

        That belongs to the pair of unit and event: more phases or legs are no more throws. Shapes (N,).
        """
        number = number_of(name)
        told = (self.die(purpose).uniform(keys, number, units) for purpose in ("classify", "attributable"))
        classify, attribute = told
        return np.asarray(classify < p_classify), np.asarray(attribute < p_attribute)

    def note(self, verb: str, thread: Thread, actor: str = "", detail: str = "", value: float = 0.0) -> None:
        """Write down a fact about a thread."""
        self.log.facts.append((self.env.now, verb, thread.incident, thread.case, NOBODY, actor, detail, value))

    def die(self, purpose: str) -> Die:
        """Return the die of a purpose."""
        if purpose not in self.dies:
            self.dies[purpose] = self.world.dice(purpose)
        return self.dies[purpose]

    def luck(self, purpose: str, *numbers: int) -> float:
        """Return a throw that belongs to a thing, whichever mix found it."""
        return self.die(purpose).uniform(*numbers)

    def receive(self, alarm: Alarm) -> None:
        """Take an alarm: as evidence on what is known already, or as something new that has to be looked at."""
        note, unit = self.log.facts.append, str(alarm.unit)
        if alarm.target >= 0:
            incident = self.incident_of[alarm.target]
            note((alarm.seen_s, "contact", incident, NOBODY, NOBODY, alarm.sensor, unit, 0.0))
            thread = self.threads.get(incident)
        else:
            incident = NOBODY
            thread = self.neighbour(alarm)
        note((self.env.now, "alarm", incident, NOBODY, NOBODY, alarm.sensor, unit, 0.0))
        if thread is None or thread.state == "closed":
            self.start(alarm, incident, thread)
        elif thread.state != "known":
            self.add_evidence(thread, alarm)
            self.advance(thread)

    def neighbour(self, alarm: Alarm) -> Thread | None:
        """Return the thread that a false alarm would be taken for: one near it in place that began shortly before, if there is one."""
        phantoms, earliest_s = self.phantoms, self.env.now - LINK_S
        while phantoms and phantoms[0].alarm.known_s < earliest_s:
            phantoms.popleft()
        for thread in phantoms:
            if thread.state != "closed" and abs(thread.alarm.chainage_m - alarm.chainage_m) <= LINK_M:
                return thread
        return None

    def start(self, alarm: Alarm, incident: int, earlier: Thread | None) -> None:
        """Open a thread and queue its triage; what was seen of the same event before is not forgotten."""
        key = self.rows[incident][0] if incident >= 0 else alarm.key
        thread = Thread(key, incident, alarm, {(alarm.sensor, alarm.unit)}, alarm.classified, alarm.attributed)
        if earlier:
            thread.sources |= earlier.sources
            thread.classified |= earlier.classified
            thread.attributed |= earlier.attributed
        if incident >= 0:
            self.threads[incident] = thread
        else:
            self.phantoms.append(thread)
        self.log.facts.append((self.env.now, "queued", incident, NOBODY, NOBODY, alarm.sensor, "", 0.0))
        ordinal = self.triages[key] = self.triages.get(key, -1) + 1
        opens = self.opens[key] if ordinal == 0 and key in self.opens else self.luck("open", key, ordinal)
        work_s = up_plain(self.whole_s("triage", key, ordinal))
        self.staff.ask(TRIAGE, work_s, self.triaged, thread, opens, work_s)

    def whole_s(self, task: str, key: int, ordinal: int) -> float:
        """Return how long a task takes from first to last."""
        foreseen = self.first_s[task].get(key) if ordinal == 0 else None
        return (
            foreseen if foreseen is not None else float(getattr(self.world.scenario.desk, task).quantile_s(self.luck(task, key, ordinal)))
        )

    def add_evidence(self, thread: Thread, alarm: Alarm) -> None:
        """Add what one unit saw: another source, perhaps what it was, perhaps who did it."""
        source = (alarm.sensor, alarm.unit)
        fresh = source not in thread.sources
        thread.sources.add(source)
        thread.classified = thread.classified or alarm.classified
        thread.attributed = thread.attributed or alarm.attributed
        if fresh and thread.state in ("open", "verifying") and len(thread.sources) == self.world.scenario.desk.sources:
            self.note("corroborated", thread, actor=alarm.sensor)

    def triaged(self, wait_s: float, thread: Thread, opens: float, work_s: float) -> None:
        """Open a case, or dismiss the alarm."""
        rules, now_s, sensor, incident = self.world.scenario.desk, self.env.now, thread.alarm.sensor, thread.incident
        note = self.log.facts.append
        note((now_s, "worked", incident, NOBODY, NOBODY, "", "triage", work_s))
        note((now_s, "triaged", incident, NOBODY, NOBODY, sensor, "", wait_s))
        opened = opens < (rules.p_open_true if incident >= 0 else rules.p_open_false)
        if incident >= 0 and self.rows[incident][3]:
            opened &= self.luck("notified", thread.key) >= rules.p_reject_notified
        if not opened:
            thread.state = "closed"
            note((now_s, "dismissed", incident, NOBODY, NOBODY, "", "", 0.0))
            return
        thread.state, thread.case, thread.reported_s = "open", next(self.numbers), now_s
        self.note("reported", thread, sensor)
        if len(thread.sources) >= rules.sources:
            self.note("corroborated", thread, sensor)
        Call(self.env, up_plain(rules.expires_s), self.expire, thread)
        self.advance(thread)
        if thread.state == "open" and rules.cue:
            first = thread.alarm
            over_s = self.call(Cue(now_s, first.x_m, first.y_m, first.chainage_m, first.offset_m, "desk", first.sensor, first.unit))
            if over_s is not None:
                self.note("cued", thread, value=over_s)

    def advance(self, thread: Thread) -> None:
        """Queue the verification of an open case that has what it needs."""
        if thread.state == "open" and (thread.classified or len(thread.sources) >= self.world.scenario.desk.sources):
            thread.state = "verifying"
            work_s = up_plain(self.whole_s("verify", thread.key, 0))
            self.staff.ask(VERIFY, work_s, self.verified, thread, work_s)

    def verified(self, wait_s: float, thread: Thread, work_s: float) -> None:
        """Find a case to be a violation, or reject it; what was seen for what it is cannot be taken for something else."""
        rules = self.world.scenario.desk
        self.note("worked", thread, "", "verify", work_s)
        if thread.incident < 0:
            stands = self.luck("verify false", thread.key) < rules.p_verify_false
        elif self.rows[thread.incident][2]:
            stands = not thread.classified and self.luck("verify benign", thread.key) < rules.p_verify_benign
        else:
            stands = True
        if not stands:
            self.close(thread, "rejected")
            return
        thread.state, thread.verified_s = "verified", self.env.now
        self.note("verified", thread)
        whole_s = self.whole_s("attribute", thread.key, 0)
        work_s = up_plain(whole_s * rules.attribute_hands)
        self.staff.ask(ATTRIBUTE, work_s, self.worked_out, thread, work_s, max(0.0, up_plain(whole_s) - work_s))

    def worked_out(self, wait_s: float, thread: Thread, work_s: float, rest_s: float) -> None:
        """Name who did it once the laboratory, or whoever else works on it without an analyst, has answered too."""
        self.note("worked", thread, "", "attribute", work_s)
        if rest_s > 0.0:
            Call(self.env, rest_s, lambda call: self.attributed(call.words), thread)
        else:
            self.attributed(thread)

    def attributed(self, thread: Thread) -> None:
        """Name the side that did it, or nobody; tell the council, and after release everybody."""
        side, now_s = self.side_of(thread), self.env.now
        self.note("attributed", thread, value=side)
        incidents, rules = self.world.incidents, self.world.scenario.desk
        row, first = thread.incident, thread.alarm
        act_s = float(incidents.start_s[row]) if row >= 0 else first.seen_s
        countable = int(incidents.countable[row]) if row >= 0 else 1
        clocks_s = (act_s, first.known_s, thread.verified_s, now_s)
        self.council.add(Finding(thread.case, row, thread.key, side, *clocks_s, first.chainage_m, first.offset_m, countable))
        if side != 0:
            release_s = float(rules.release.quantile_s(self.luck("release", thread.key))) if rules.release else 0.0
            Call(self.env, up_plain(release_s), lambda _: self.note("accused", thread, value=side))
        thread.state = "known"

    def side_of(self, thread: Thread) -> int:
        """Return the side that the desk names: +1, -1, or 0 for undetermined."""
        rules = self.world.scenario.desk
        if thread.incident < 0:
            ground = 1 if thread.alarm.offset_m >= 0 else -1
            return ground if self.luck("blame", thread.key) < rules.p_blame_false else 0
        if not thread.attributed:
            return 0
        side = self.rows[thread.incident][1]
        return -side if self.luck("wrong side", thread.key) < rules.p_wrong_side else side

    def expire(self, call: Call) -> None:
        """Close a case that found no second source in time."""
        thread: Thread = call.words
        if thread.state == "open":
            self.close(thread, "expired")

    def close(self, thread: Thread, verb: str) -> None:
        """End a thread without a finding; what was rejected is known, what was dismissed or expired can come up again."""
        thread.state = "known" if verb == "rejected" else "closed"
        self.note(verb, thread)

    def let_go(self) -> None:
        """Drop work and answers that nobody will come back to."""
        self.staff.waiting.clear()
        for episode in self.council.episodes:
            episode.waits.clear()
