"""The tables are those of docs/events.md, and the machine they make has no dead end."""

from gis.dispatch import move_from, moves, states
from tests.oracles import case_table


def test_the_states_are_those_of_the_page() -> None:
    assert {s.name: (s.zh, s.en, s.live) for s in states().values()} == case_table.states()
    assert len(states()) == 18


def test_every_row_of_the_page_is_a_row_of_the_table_and_nothing_else() -> None:
    ours = [
        (source, m.name, m.target, m.zh, m.roles, m.needs, m.rank, m.other, " ".join(a + b for a, b in m.clock))
        for m in moves()
        for source in m.sources
    ]
    page = [
        (r.source, r.move, r.target, r.zh, frozenset(r.who), r.needs, r.rank, r.other.removeprefix("than "), r.clock)
        for r in case_table.rows()
    ]
    assert ours == page


def test_thirty_seven_moves_change_the_state_and_eight_do_not() -> None:
    assert len([m for m in moves() if m.target]) == 37
    assert len([m for m in moves() if not m.target]) == 8


def test_a_move_from_a_state_leads_to_one_state() -> None:
    pairs = [(source, m.name) for m in moves() for source in m.sources]
    assert len(pairs) == len(set(pairs))


def test_every_state_is_reached_from_a_draft_and_every_life_can_end_in_the_archive() -> None:
    forward = {state: {m.target for m in moves() if state in m.sources and m.target} for state in states()}
    backward = {state: {source for m in moves() for source in m.sources if m.target == state} for state in states()}
    assert _reached("draft", forward) == set(states())
    assert _reached("archived", backward) == set(states())
    assert forward["archived"] == set()


def _reached(start: str, steps: dict[str, set[str]]) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        fresh = steps[waiting.pop()] - found
        found |= fresh
        waiting += fresh
    return found


def test_a_clock_that_is_paused_goes_on_and_one_that_is_started_is_stopped() -> None:
    """Along every way of the table: nothing is stopped, paused or resumed that was never started."""
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting: list[tuple[str, frozenset[str]]] = [("draft", frozenset())]
    while waiting:
        state, running = waiting.pop()
        if (state, running) in seen:
            continue
        seen.add((state, running))
        if state == "archived":
            assert running == frozenset()
        for move in moves():
            if state in move.sources and move.target:
                after = set(running)
                for sign, stage in move.clock:
                    assert sign == "+" or stage in after or stage in ("acknowledge", "case"), (state, move.name, stage)
                    after = after | {stage} if sign in "+>~" else after - {stage}
                waiting.append((move.target, frozenset(after)))


def test_what_a_state_does_not_take_is_none() -> None:
    assert move_from("archived", "reopen") is None
    assert move_from("resolved", "reopen") is not None


def test_the_chinese_page_tells_every_state_and_every_row_of_moves() -> None:
    page = (case_table.ROOT / "docs" / "events.zh.md").read_text("utf-8")
    assert [s.name for s in states().values() if f"| `{s.name}` | {s.zh} |" not in page] == []
    told = [f"| `{s}` | `{m.name}` | `{m.target}` | {m.zh} |" for m in moves() if m.target for s in m.sources]
    told += [f"| `{m.name}` | {m.zh} |" for m in moves() if not m.target]
    assert [row for row in told if row not in page] == []
