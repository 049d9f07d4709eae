"""Indicators as a clerk would count them: case by case, move by move, with lists."""

from itertools import pairwise

import pandas as pd

END = {"accept_result", "check_pass", "merge", "withdraw", "reject"}
CLOSE = {"accept_result", "check_pass"}
VOID = {"merge", "withdraw", "reject"}
REVIVE = {"submit", "reopen", "appeal", "unmerge"}


def lives(moves: pd.DataFrame, as_of: int) -> dict[object, list[dict]]:
    """Case to its moves in order, those before as_of."""
    kept: dict[object, list[dict]] = {}
    for row in moves.sort_values("at", kind="stable").to_dict("records"):
        if row["at"] < as_of:
            kept.setdefault(row["case"], []).append(row)
    return kept


def first(life: list[dict], names: set[str]) -> float:
    """The first time one of these happened."""
    return min((row["at"] for row in life if row["move"] in names), default=float("inf"))


def due_of(life: list[dict]) -> float:
    """The last deadline that was set until the first closing."""
    closed, due = first(life, CLOSE), float("inf")
    for row in life:
        if row["at"] <= closed and pd.notna(row["due_at"]):
            due = row["due_at"]
    return due


def last_end(life: list[dict]) -> str:
    """'live', 'void' or 'closed' by the last move that ended or revived; 'none' before any."""
    state = "none"
    for row in life:
        if row["move"] in REVIVE:
            state = "live"
        elif row["move"] in END:
            state = "void" if row["move"] in VOID else "closed"
    return state


def paused_since(life: list[dict]) -> float:
    """Since when it stands."""
    since = float("inf")
    for row in life:
        if row["move"] in ("request_info", "suspend"):
            since = row["at"]
        elif row["move"] in {"info_given", "resume", "reopen"} | END:
            since = float("inf")
    return since


def counts(moves: pd.DataFrame, start: int, end: int, as_of: int) -> dict[str, int]:
    """The counts of one period."""
    found = dict.fromkeys(
        ["received", "filed", "completed", "due", "closed", "on_time", "paused", "asked", "rated", "satisfied", "content",
         "rejected", "dispatches", "returns", "delays", "suspensions", "failed", "checked", "closings", "reopenings"], 0)  # fmt: skip
    flows = {"rejected": {"reject"}, "dispatches": {"dispatch", "transfer"}, "returns": {"grant_return"}, "delays": {"extend"},
             "suspensions": {"suspend"}, "failed": {"check_fail"}, "checked": CLOSE | {"check_fail"}, "closings": CLOSE,
             "reopenings": {"reopen"}}  # fmt: skip
    for life in lives(moves, as_of).values():
        closed, due = first(life, CLOSE), due_of(life)
        came = start <= first(life, {"submit"}) < end
        found["received"] += came
        found["completed"] += came and closed < as_of
        found["filed"] += start <= first(life, {"accept"}) < end
        if first(life, {"accept"}) < as_of and last_end(life) != "void" and start <= due < end:
            if paused_since(life) <= due:
                found["paused"] += 1
            else:
                found["due"] += 1
                found["closed"] += closed < as_of
                found["on_time"] += closed <= due and closed < as_of and first(life, {"reopen"}) == float("inf")
        if start <= closed < end:
            found["asked"] += 1
            scores = [row["score"] for row in life if row["move"] == "rate"]
            if scores:
                found["rated"] += 1
                found["satisfied"] += scores[-1] >= 4
                found["content"] += scores[-1] >= 3
        for row in life:
            for name, names in flows.items():
                found[name] += row["move"] in names and start <= row["at"] < end
    return found


def stays(
    moves: pd.DataFrame, as_of: int, begins: set[str], completes: set[str], leaves: set[str]
) -> list[tuple[int, int, bool]]:
    """Stays in a stage: began, seconds, completed."""
    found = []
    for life in lives(moves, as_of).values():
        marked = [row for row in life if row["move"] in begins | completes | leaves]
        for here, following in pairwise([*marked, None]):
            if here["move"] in begins:
                end = as_of if following is None else following["at"]
                found.append((here["at"], end - here["at"], following is not None and following["move"] in completes))
    return found


def kaplan_meier(stays: list[tuple[float, bool]], share: float) -> float:
    """The product-limit estimate by its definition: over distinct times, (n - d) / n."""
    left = 1.0
    for time in sorted({lasted for lasted, done in stays if done}):
        at_risk = sum(lasted >= time for lasted, _ in stays)
        left *= 1 - sum(done and lasted == time for lasted, done in stays) / at_risk
        if left <= 1 - share + 1e-9:
            return time
    return float("nan")
