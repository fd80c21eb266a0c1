from sim.report import Table

MIXES = tuple(f"the mix with the number {number}" for number in range(6))


def wide(repeated: int) -> Table:
    cells = tuple(f"-300,000 ± {number}0,000 EUR per day" for number in range(6))
    return Table(("", "base", *MIXES), (("cost of a day", "1 EUR", *cells), ("alarms", "2", *cells)), "differences", repeated)


def test_a_heading_is_broken_into_lines_rather_than_widening_its_column() -> None:
    lines = str(Table(("", "drones and satellites of the base"), (("alarms", "8.06 per day"),))).splitlines()
    assert [line.strip() for line in lines] == ["drones and", "satellites of", "the base", "alarms      8.06 per day"]
    assert max(map(len, lines)) == len("alarms") + 2 + 16


def test_a_table_that_is_too_wide_goes_on_below_with_its_first_columns() -> None:
    blocks = str(wide(2)).split("\n\n")
    assert all(len(line) <= 140 for block in blocks for line in block.splitlines())
    assert [block.count("cost of a day") for block in blocks] == [1, 1]
    assert [block.count("1 EUR") for block in blocks] == [1, 1]
    assert [block.count("EUR per day") for block in blocks] == [6, 6]
    assert [block.startswith("differences") for block in blocks] == [True, False]


def test_a_table_is_cut_for_the_screen_that_it_is_drawn_on() -> None:
    assert len(wide(1).blocks(1000)) == 1
    assert [len(block.columns) for block in wide(1).blocks(60)] == [3, 2, 2, 2, 2, 2]
    assert len(wide(1).blocks(10)) == 7


def test_a_long_label_goes_on_below_and_its_numbers_stand_in_its_last_line() -> None:
    label = "  undetected, but still there or on the way to the desk at the end of the run: crossing on foot"
    first, second, third = str(Table(("", "base", "mix"), ((label, "1 %", "+2 pts"),), repeated=2)).splitlines()
    assert first.split() == ["base", "mix"]
    assert second == "  undetected, but still there or on the way to the desk at the end of"
    assert third.split() == ["the", "run:", "crossing", "on", "foot", "1", "%", "+2", "pts"]


def test_a_table_without_rows_has_its_headings() -> None:
    assert str(Table(("run", "mix"), ())) == "run  mix"
