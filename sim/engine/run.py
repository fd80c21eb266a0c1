"""One replication played through: sensors, desk, council, in one SimPy environment."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from simpy import Environment

from sim.clock import up, up_plain
from sim.desk import Desk
from sim.dice import Die, number_of
from sim.engine.arrivals import Alarms, in_turn
from sim.engine.inbox import Alarm, Inbox
from sim.engine.lookout import Lookout
from sim.engine.staff import Staff
from sim.kinds import Floats
from sim.live import Call, follow, quiet, uncollected
from sim.log import NOBODY, EventLog
from sim.ops import Cue, Ops, Plan, Slip, rehearse, slips_of
from sim.scenario import Scenario
from sim.scene import Stage
from sim.sensors.base import Sensor
from sim.story import Play
from sim.watch import Contact, Contacts, Link, Stint, Throws, hits, windows
from sim.world import World


def play(world: World) -> Play:
    """Play one replication: rehearse what nothing can change, and let the rest live."""
    with uncollected():
        return Run(world).play()


def seen_in_open_loop(sensor: Sensor, world: World, plan: Plan) -> Contacts:
    """Return what a sensor sees that flies its plan whatever happens."""
    sight = sensor.sight(world.targets, world.scene)
    seen = windows(sight, plan.stints, world.targets, world.scene.sky.air(sensor.name, sensor.kind_name))
    return hits(sight, seen, world.targets, throws_of(sensor, world), world.scene.horizon_s)


def distances(scenario: Scenario, stage: Stage) -> Callable[[str, float], float]:
    """Return how far it is from a hub to a place on the line, along a great circle of the ellipsoid."""
    from pyproj import Geod

    ellipsoid = Geod(ellps="WGS84")

    def distance_m(hub: str, chainage_m: float) -> float:
        x_m, y_m = stage.line.at(np.array([chainage_m]))
        lon, lat = stage.line.to_lonlat(x_m, y_m)
        return float(ellipsoid.inv(*scenario.response.hubs[hub].at, lon[0], lat[0])[2])

    return distance_m


def throws_of(sensor: Sensor, world: World) -> Throws:
    """Return a sensor's dice."""
    return Throws(world.dice("detect", sensor.name), world.dice("place", sensor.name), link_of(sensor, world))


def link_of(sensor: Sensor, world: World) -> Link:
    """Return a sensor's way to the desk."""
    return Link(sensor.deliver, world.dice("deliver", sensor.name))


class Run:
    """A replication in play."""

    def __init__(self, world: World) -> None:
        self.world, self.env, self.log = world, Environment(), EventLog()
        scenario, scene = world.scenario, world.scene
        midnight = scene.stage.start.replace(hour=0, minute=0, second=0, microsecond=0)
        midnight_s = -(scene.stage.start - midnight).total_seconds()
        staff = Staff(self.env, scenario.desk.analysts, midnight_s, scene.horizon_s)
        council = Desk(self.env, self.log, world.dice, scenario.response, distances(scenario, scene.stage), scene.stage.start)
        self.inbox = Inbox(self.env, world, self.log, staff, council, self.call)
        self.rosters: dict[str, Ops] = {}
        self.losses: dict[str, list[tuple[int, float]]] = {}
        self.givers = {giver for sensor in scenario.sensors.values() for giver in sensor.cued_by}

    def play(self) -> Play:
        """Let every sensor work, and time pass."""
        alarms: list[Alarms] = []
        plans: dict[str, Plan] = {}
        for sensor in self.world.scenario.sensors.values():
            if sensor.cued_by:
                self.put_on_call(sensor)
            else:
                plans[sensor.name] = plan = rehearse(sensor, self.world.scene, self.world.dice)
                alarms += self.in_open_loop(sensor, plan)
        self.arrive(alarms)
        self.env.run(until=self.world.scene.horizon_s)
        for name, ops in self.rosters.items():
            stints = [stint for unit in sorted(ops.roster) for stint in ops.roster[unit]]
            plans[name] = Plan(stints, tuple(ops.stands), self.losses[name])
        self.log.sort()
        self.let_go()
        return Play(self.world.dice.replication, self.world, self.log, {name: plans[name] for name in self.world.scenario.sensors})

    def let_go(self) -> None:
        """Cut the circles of reference, so that all but the log is freed at once and no collector has to look for it."""
        quiet(self.env)
        self.inbox.let_go()
        self.inbox.call = idle
        for ops in self.rosters.values():
            ops.on_post, ops.on_replace, ops.on_loss = idle, idle, idle

    def in_open_loop(self, sensor: Sensor, plan: Plan) -> list[Alarms]:
        """Return all that a sensor reports that flies its plan whatever happens, and write down its losses."""
        for unit, t_s in plan.losses:
            self.log.note(t_s, "lost", actor=sensor.name, detail=str(unit))
        return [self.true_alarms(sensor, seen_in_open_loop(sensor, self.world, plan)), self.false_alarms(sensor, plan.stints)]

    def put_on_call(self, sensor: Sensor) -> None:
        """Let a sensor's crews live in this run, so that they can be sent to look."""
        world, name = self.world, sensor.name
        slips = slips_of(sensor, world.scene, world.dice)
        lost = self.losses[name] = []

        def post(stint: Stint) -> None:
            lookout.post(stint)
            for slip in slips.during(stint):
                if not world.scene.sky.closed(name, sensor.kind_name, *np.array([[slip.chainage_m], [slip.offset_m], [slip.t_s]])).any():
                    self.hand_over_at(self.false_alarm(sensor, slip))

        def replace(unit: int, stints: list[Stint]) -> None:
            lookout.replace(unit, stints)

        def lose(unit: int, t_s: float) -> None:
            lost.append((unit, t_s))
            self.log.note(t_s, "lost", actor=name, detail=str(unit))

        def found(contact: Contact) -> None:
            self.hand_over(self.alarm(sensor, contact))

        ops = self.rosters[name] = Ops(self.env, world.scene, world.dice, sensor.tracks(world.scene), post, replace, lose)
        lookout = Lookout(self.env, sensor, world.scene, world.targets, throws_of(sensor, world), ops, found)
        lookout.learn(sensor.sight(world.targets, world.scene))
        for unit in sensor.units(world.stage):
            follow(sensor.operate(unit, ops))

    def arrive(self, parts: list[Alarms]) -> None:
        """Hand alarms to the desk, each at its time: one kernel event an alarm, chained."""
        self.expect(in_turn(parts))

    def expect(self, pending: Iterator[Alarm]) -> None:
        """Wait for the next alarm."""
        alarm = next(pending, None)
        if alarm is not None:
            Call(self.env, alarm.known_s - self.env.now, self.arrived, (alarm, pending))

    def arrived(self, call: Call) -> None:
        """Hand over an alarm that is known now, and wait for the one after it."""
        alarm, pending = call.words
        self.hand_over(alarm)
        self.expect(pending)

    def hand_over_at(self, alarm: Alarm) -> None:
        """Hand an alarm to the desk when it is known."""
        if alarm.known_s <= self.world.scene.horizon_s:
            Call(self.env, max(0.0, alarm.known_s - self.env.now), lambda call: self.hand_over(call.words), alarm)

    def hand_over(self, alarm: Alarm) -> None:
        """Bring an alarm to the desk, and to the crews that listen to its sensor."""
        self.inbox.receive(alarm)
        if alarm.sensor in self.givers:
            place = alarm.x_m, alarm.y_m, alarm.chainage_m, alarm.offset_m
            self.call(Cue(self.env.now, *place, alarm.sensor, alarm.sensor, alarm.unit))

    def call(self, cue: Cue) -> float | None:
        """Ask the crews that listen to the giver of a cue, in the order of the file, until one goes."""
        for name, ops in self.rosters.items():
            sensor = self.world.scenario.sensors[name]
            if cue.giver in sensor.cued_by:
                over_s = sensor.heed(cue, ops)
                if over_s is not None:
                    return over_s
        return None

    def true_alarms(self, sensor: Sensor, found: Contacts) -> Alarms:
        """Return the alarms that contacts raise, at the places where the sensor takes them to be."""
        targets, row = self.world.targets, found.target
        place: tuple[Floats, ...] = (targets.x_m[row], targets.y_m[row], targets.chainage_m[row], targets.offset_m[row])
        if found.east_m.any() or found.north_m.any():
            x_m, y_m = place[0] + found.east_m, place[1] + found.north_m
            place = (x_m, y_m, *self.world.scene.line.locate(x_m, y_m))
        key = self.world.incidents.key[targets.incident[row]]
        told = self.inbox.recognised(sensor.name, found.unit, key, found.p_classify, found.p_attribute)
        return Alarms(sensor.name, [found.seen_s, found.known_s, found.unit, row, targets.key[row], *place, *told])

    def alarm(self, sensor: Sensor, contact: Contact) -> Alarm:
        """Return the alarm that one contact raises; as `true_alarms`."""
        targets, row, inbox = self.world.targets, contact.target, self.inbox
        place = float(targets.x_m[row]), float(targets.y_m[row]), float(targets.chainage_m[row]), float(targets.offset_m[row])
        if contact.east_m or contact.north_m:
            x_m, y_m = place[0] + contact.east_m, place[1] + contact.north_m
            chainage_m, offset_m = self.world.scene.line.locate(x_m, y_m)
            place = x_m, y_m, float(chainage_m), float(offset_m)
        names = inbox.rows[inbox.incident_of[row]][0], number_of(sensor.name), contact.unit
        told = inbox.luck("classify", *names) < contact.p_classify, inbox.luck("attributable", *names) < contact.p_attribute
        return Alarm(contact.seen_s, contact.known_s, sensor.name, contact.unit, row, int(targets.key[row]), *place, *told)

    def false_alarms(self, sensor: Sensor, stints: list[Stint]) -> Alarms:
        """Return the false alarms of a plan, through the same link as any contact: nothing is there, so nothing is recognised in it."""
        world, name, line = self.world, sensor.name, self.world.scene.line
        seen_s, unit, number, chainage_m, offset_m = slips_of(sensor, world.scene, world.dice).throughout(stints)
        key = Die(number_of("false alarm", name)).names(unit, number)
        known_s = up(seen_s + link_of(sensor, world).delay_s(key, unit))
        chainage_m = np.clip(chainage_m, 0.0, line.length_m)
        closed = world.scene.sky.closed(name, sensor.kind_name, chainage_m, offset_m, seen_s)
        kept = np.flatnonzero((known_s <= world.scene.horizon_s) & ~closed)
        chainage_m, offset_m = chainage_m[kept], offset_m[kept]
        self.inbox.foresee(key[kept])
        nothing, no = np.full(len(kept), NOBODY), np.zeros(len(kept), dtype=bool)
        place = (*line.at(chainage_m, offset_m), chainage_m, offset_m)
        return Alarms(name, [seen_s[kept], known_s[kept], unit[kept], nothing, key[kept], *place, no, no])

    def false_alarm(self, sensor: Sensor, slip: Slip) -> Alarm:
        """Return one false alarm; as `false_alarms`."""
        line, name = self.world.scene.line, sensor.name
        key = Die(number_of("false alarm", name)).name(slip.unit, slip.number)
        known_s = up_plain(slip.t_s + float(link_of(sensor, self.world).delay_s(key, slip.unit)))
        chainage_m = min(max(slip.chainage_m, 0.0), line.length_m)
        place = (*line.place(chainage_m, slip.offset_m), chainage_m, slip.offset_m)
        return Alarm(slip.t_s, known_s, name, slip.unit, NOBODY, key, *place, False, False)


def idle(*_: object) -> Any:
    """Do nothing."""
