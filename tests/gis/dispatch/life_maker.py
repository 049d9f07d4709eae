"""Random lives of cases along the moves of the loop; not one of them is a status field."""

import numpy as np
import pandas as pd

FOLLOWS = {
    "": ["submit"],
    "submit": ["accept", "accept", "accept", "accept", "reject", "withdraw", "merge"],
    "accept": ["dispatch", "dispatch", "dispatch", "self_handle", "merge"],
    "dispatch": ["acknowledge", "acknowledge", "acknowledge", "request_return"],
    "request_return": ["grant_return", "refuse_return"],
    "grant_return": ["dispatch"],
    "refuse_return": ["acknowledge"],
    "acknowledge": ["start", "submit_result", "suspend"],
    "start": ["submit_result", "request_info", "suspend", "transfer", "extend"],
    "extend": ["submit_result", "suspend"],
    "transfer": ["acknowledge"],
    "request_info": ["info_given"],
    "suspend": ["resume"],
    "info_given": ["submit_result"],
    "resume": ["submit_result"],
    "submit_result": ["accept_result", "ask_check"],
    "self_handle": ["accept_result", "ask_check"],
    "ask_check": ["check_pass", "check_pass", "check_fail"],
    "check_fail": ["acknowledge"],
    "accept_result": ["rate", "archive", "reopen"],
    "check_pass": ["rate", "archive"],
    "rate": ["archive", "reopen", "rate"],
    "reopen": ["dispatch"],
    "reject": ["appeal", "archive", "archive"],
    "appeal": ["accept"],
    "merge": ["unmerge", "archive", "archive"],
    "unmerge": ["accept"],
    "withdraw": ["archive"],
}
SETS_DEADLINE = {"accept", "reopen", "extend", "resume", "info_given"}
UNITS = np.array(["water", "roads", "city_appearance"])
COLUMNS = ["case", "at", "move", "due_at", "unit_from", "unit_to", "tier_to", "score"]


def random_lives(count: int, rng: np.random.Generator, *, first: int = 1_750_000_000) -> pd.DataFrame:
    """Moves of so many cases over some weeks, rows shuffled; instants are whole hours, so ties between cases are common."""
    rows = []
    for case in range(count):
        at, move, unit = first + 3600 * int(rng.integers(0, 24 * 30)), "", ""
        for _ in range(int(rng.integers(1, 16))):
            if move not in FOLLOWS and move:
                break
            move = str(rng.choice(FOLLOWS[move]))
            before, unit = unit, str(rng.choice(UNITS)) if move in ("dispatch", "transfer") else unit
            due = at + 3600 * int(rng.integers(1, 200)) if move in SETS_DEADLINE else np.nan
            score = float(rng.integers(1, 6)) if move == "rate" else np.nan
            rows.append((f"E{case}", at, move, due, before, unit, str(rng.choice(["community", "street"])), score))
            at += 3600 * int(rng.integers(1, 60))
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.sample(frac=1, random_state=int(rng.integers(1 << 30))).reset_index(drop=True)
