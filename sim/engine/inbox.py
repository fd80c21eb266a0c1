"""Alarms become cases, cases become findings: triage, corroboration, verification, attribution."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import NamedTuple

from simpy import Environment

from sim.clock import up_plain
from sim.desk import Desk, Finding
from sim.dice import Die, number_of
from sim.engine.staff import Staff
from sim.live import until
from sim.log import NOBODY, Entry, EventLog
from sim.ops import Cue
from sim.world import World

ATTRIBUTE, VERIFY, TRIAGE = 0, 1, 2
"""Urgency of work at the desk."""

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
    p_classify: float
    p_attribute: float


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

    @property
    def now_s(self) -> float:
        """The present."""
        return float(self.env.now)

    def note(self, verb: str, thread: Thread, actor: str = "", detail: str = "", value: float = 0.0) -> None:
        """Write down a fact about a thread."""
        self.log.note(Entry(self.now_s, verb, thread.incident, thread.case, NOBODY, actor, detail, value))

    def luck(self, purpose: str, *numbers: int) -> float:
        """Return a throw that belongs to a thing, whichever mix found it."""
        if purpose not in self.dies:
            self.dies[purpose] = self.world.dice(purpose)
        return self.dies[purpose].uniform(*numbers)

    def receive(self, alarm: Alarm) -> None:
        """Take an alarm: as evidence on what is known already, or as something new that has to be looked at."""
        incident = int(self.world.targets.incident[alarm.target]) if alarm.target >= 0 else NOBODY
        if alarm.target >= 0:
            self.log.note(Entry(alarm.seen_s, "contact", incident, actor=alarm.sensor, detail=str(alarm.unit)))
        self.log.note(Entry(self.now_s, "alarm", incident, actor=alarm.sensor, detail=str(alarm.unit)))
        thread = self.threads.get(incident) if incident >= 0 else self.neighbour(alarm)
        if thread is None or thread.state == "closed":
            self.start(alarm, incident, thread)
        else:
            self.add_evidence(thread, alarm)
            self.advance(thread)

    def neighbour(self, alarm: Alarm) -> Thread | None:
        """Return the thread that a false alarm would be taken for: one near it in place that began shortly before, if there is one."""
        while self.phantoms and self.now_s - self.phantoms[0].alarm.known_s > LINK_S:
            self.phantoms.popleft()
        near = (thread for thread in self.phantoms if abs(thread.alarm.chainage_m - alarm.chainage_m) <= LINK_M)
        return next((thread for thread in near if thread.state != "closed"), None)

    def start(self, alarm: Alarm, incident: int, earlier: Thread | None) -> None:
        """Open a thread and queue its triage; what was seen of the same event before is not forgotten."""
        key = int(self.world.incidents.key[incident]) if incident >= 0 else alarm.key
        thread = Thread(key, incident, alarm)
        if earlier:
            thread.sources, thread.classified, thread.attributed = earlier.sources, earlier.classified, earlier.attributed
        self.add_evidence(thread, alarm)
        if incident >= 0:
            self.threads[incident] = thread
        else:
            self.phantoms.append(thread)
        ordinal = self.triages[key] = self.triages.get(key, -1) + 1
        self.note("queued", thread, actor=alarm.sensor)
        self.work("triage", TRIAGE, thread, ordinal, lambda wait_s: self.triaged(thread, ordinal, wait_s))

    def work(self, task: str, urgency: int, thread: Thread, ordinal: int, done: Callable[[float], None], hands: float = 1.0) -> None:
        """Queue one task of the desk; how long it takes belongs to the thread, and for a share of that it needs an analyst's hands."""
        whole_s = float(getattr(self.world.scenario.desk, task).quantile_s(self.luck(task, thread.key, ordinal)))
        work_s = up_plain(whole_s * hands)

        def finished(wait_s: float) -> None:
            self.note("worked", thread, detail=task, value=work_s)
            if hands < 1.0:
                until(self.env, up_plain(self.now_s + max(0.0, whole_s - work_s))).callbacks.append(lambda _: done(wait_s))
            else:
                done(wait_s)

        self.staff.ask(urgency, work_s, finished)

    def add_evidence(self, thread: Thread, alarm: Alarm) -> None:
        """Add what one unit saw: another source, perhaps what it was, perhaps who did it.

        Whether a unit can tell belongs to the pair of unit and event: more phases or legs are no more throws.
        """
        source = (alarm.sensor, alarm.unit)
        fresh = source not in thread.sources
        thread.sources.add(source)
        names = number_of(alarm.sensor), alarm.unit
        thread.classified = thread.classified or self.luck("classify", thread.key, *names) < alarm.p_classify
        thread.attributed = thread.attributed or self.luck("attributable", thread.key, *names) < alarm.p_attribute
        if fresh and thread.state in ("open", "verifying") and len(thread.sources) == self.world.scenario.desk.sources:
            self.note("corroborated", thread, actor=alarm.sensor)

    def triaged(self, thread: Thread, ordinal: int, wait_s: float) -> None:
        """Open a case, or dismiss the alarm."""
        rules, incidents = self.world.scenario.desk, self.world.incidents
        self.note("triaged", thread, actor=thread.alarm.sensor, value=wait_s)
        p_open = rules.p_open_true if thread.incident >= 0 else rules.p_open_false
        opened = self.luck("open", thread.key, ordinal) < p_open
        if thread.incident >= 0 and incidents.notified[thread.incident]:
            opened &= self.luck("notified", thread.key) >= rules.p_reject_notified
        if not opened:
            self.close(thread, "dismissed")
            return
        thread.state, thread.case, thread.reported_s = "open", next(self.numbers), self.now_s
        self.note("reported", thread, actor=thread.alarm.sensor)
        if len(thread.sources) >= rules.sources:
            self.note("corroborated", thread, actor=thread.alarm.sensor)
        until(self.env, up_plain(self.now_s + rules.expires_s)).callbacks.append(lambda _: self.expire(thread))
        self.advance(thread)
        if thread.state == "open" and rules.cue:
            first = thread.alarm
            over_s = self.call(Cue(self.now_s, first.x_m, first.y_m, first.chainage_m, first.offset_m, "desk", first.sensor, first.unit))
            if over_s is not None:
                self.note("cued", thread, value=over_s)

    def advance(self, thread: Thread) -> None:
        """Queue the verification of an open case that has what it needs."""
        if thread.state == "open" and (thread.classified or len(thread.sources) >= self.world.scenario.desk.sources):
            thread.state = "verifying"
            self.work("verify", VERIFY, thread, 0, lambda _: self.verified(thread))

    def verified(self, thread: Thread) -> None:
        """Find a case to be a violation, or reject it; what was seen for what it is cannot be taken for something else."""
        rules = self.world.scenario.desk
        if thread.incident < 0:
            stands = self.luck("verify false", thread.key) < rules.p_verify_false
        elif self.world.incidents.benign[thread.incident]:
            stands = not thread.classified and self.luck("verify benign", thread.key) < rules.p_verify_benign
        else:
            stands = True
        if not stands:
            self.close(thread, "rejected")
            return
        thread.state, thread.verified_s = "verified", self.now_s
        self.note("verified", thread)
        self.work("attribute", ATTRIBUTE, thread, 0, lambda _: self.attributed(thread), rules.attribute_hands)

    def attributed(self, thread: Thread) -> None:
        """Name the side that did it, or nobody; tell the council, and after release everybody."""
        side = self.side_of(thread)
        self.note("attributed", thread, value=side)
        incidents, rules = self.world.incidents, self.world.scenario.desk
        row = thread.incident
        act_s = float(incidents.start_s[row]) if row >= 0 else thread.alarm.seen_s
        countable = int(incidents.countable[row]) if row >= 0 else 1
        self.council.add(
            Finding(
                thread.case,
                row,
                thread.key,
                side,
                act_s,
                thread.alarm.known_s,
                thread.verified_s,
                self.now_s,
                thread.alarm.chainage_m,
                thread.alarm.offset_m,
                countable,
            )
        )
        if side != 0:
            release_s = float(rules.release.quantile_s(self.luck("release", thread.key))) if rules.release else 0.0
            until(self.env, up_plain(self.now_s + release_s)).callbacks.append(lambda _: self.note("accused", thread, value=side))
        thread.state = "known"

    def side_of(self, thread: Thread) -> int:
        """Return the side that the desk names: +1, -1, or 0 for undetermined."""
        rules = self.world.scenario.desk
        if thread.incident < 0:
            ground = 1 if thread.alarm.offset_m >= 0 else -1
            return ground if self.luck("blame", thread.key) < rules.p_blame_false else 0
        if not thread.attributed:
            return 0
        side = int(self.world.incidents.side[thread.incident])
        return -side if self.luck("wrong side", thread.key) < rules.p_wrong_side else side

    def expire(self, thread: Thread) -> None:
        """Close a case that found no second source in time."""
        if thread.state == "open":
            self.close(thread, "expired")

    def close(self, thread: Thread, verb: str) -> None:
        """End a thread without a finding; what was rejected is known, what was dismissed or expired can come up again."""
        thread.state = "known" if verb == "rejected" else "closed"
        self.note(verb, thread)
