"""Stories that wait."""

from simpy import Environment

from sim.live import Steps, follow, until


def test_stories_take_turns_in_time() -> None:
    env, told = Environment(), list[tuple[str, float]]()

    def story(name: str, every_s: float) -> Steps:
        for _ in range(3):
            yield until(env, env.now + every_s)
            told.append((name, env.now))

    follow(story("slow", 2.0))
    follow(story("quick", 1.5))
    env.run()
    assert told == [("quick", 1.5), ("slow", 2.0), ("quick", 3.0), ("slow", 4.0), ("quick", 4.5), ("slow", 6.0)]


def test_the_past_is_now() -> None:
    env, told = Environment(initial_time=10.0), list[float]()

    def story() -> Steps:
        yield until(env, 3.0)
        told.append(env.now)

    follow(story())
    env.run()
    assert told == [10.0]


def test_a_story_that_waits_for_what_has_happened_goes_on_with_its_value() -> None:
    env, told = Environment(), list[str]()
    done = env.event().succeed("yes")
    env.run()

    def story() -> Steps:
        told.append((yield done))

    follow(story())
    assert told == ["yes"]


def test_a_wait_is_one_event_of_the_kernel() -> None:
    env, steps = Environment(), 0

    def story() -> Steps:
        for hour in range(5):
            yield until(env, float(hour))

    follow(story())
    while env.peek() < float("inf"):
        env.step()
        steps += 1
    assert steps == 5
