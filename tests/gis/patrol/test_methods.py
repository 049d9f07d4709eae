"""The method pages name every rule, weight and speed that the code holds, in both languages."""

from dataclasses import fields
from pathlib import Path

import pytest

from gis.patrol.beats import WorkloadWeights
from gis.patrol.demand import DEFAULT_MUSTS, ORIGINS, DemandOptions
from gis.patrol.difference import RETIMED_S
from gis.patrol.edit import BY_HAND
from gis.patrol.mix import MixOptions
from gis.patrol.options import SPACING_S
from gis.patrol.replan import ReplanOptions
from gis.patrol.roster import PATTERNS
from gis.roads import MODES
from gis.roads.paths import DETOUR, MAX_ACCESS_M

DOCS = Path(__file__).resolve().parents[3] / "docs" / "methods"


@pytest.mark.parametrize("page", ["patrol.md", "patrol.zh.md"])
def test_the_page_states_what_the_code_does(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    weights, demand = WorkloadWeights(), DemandOptions()
    for field in fields(weights):
        assert f"{getattr(weights, field.name):g}" in text, field.name
    assert f"**{demand.keep:g}**" in text
    assert f"{SPACING_S / 60:g}" in text
    assert f"**{DETOUR:g}**" in text
    assert f"{MAX_ACCESS_M:g}" in text.replace(",", "")
    for rule in ("outside", "no_team", "skill", "unreachable", "window", "shift", "walking", "spacing", "time"):
        assert f"`{rule}`" in text, rule
    for kmh in {round(mps * 3.6) for mps in MODES["car"].mps.values()}:
        assert str(kmh) in text
    assert demand.max_grids == 40
    assert "40" in text
    assert "found_by" in text
    for number in (demand.hours_prior, demand.forecast_weight, demand.blind_weight, demand.railway_mps):
        assert f"{number:g}" in text
    assert f"{demand.railway_segment_m:,.0f}" in text
    for rule in DEFAULT_MUSTS:
        if rule.since and rule.until:
            assert f"{rule.since:%H:%M}–{rule.until:%H:%M}" in text
    for origin in ORIGINS:
        assert f"`{origin}`" in text
    for pattern in PATTERNS.values():
        assert pattern.name_zh in text


@pytest.mark.parametrize("page", ["patrol.md", "patrol.zh.md"])
def test_the_page_states_what_changes_cost_and_what_a_mixture_promises(page: str) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    replanning, mixing = ReplanOptions(), MixOptions()
    assert f"**{replanning.change_cost:g}**" in text
    assert f"**{replanning.retimed_cost:g}**" in text
    assert replanning.retimed_s == RETIMED_S
    assert f"**{RETIMED_S / 60:g} " in text
    assert f"{replanning.time_limit_s:g} " in text
    assert f"{mixing.each_eps:.2f}" in text
    assert f"{mixing.mean_eps:.2f}" in text
    assert f"**{mixing.perturb:g}**" in text
    for rule in (BY_HAND, "no_team_free", "document", "clock", "done", "past"):
        assert f"`{rule}`" in text, rule
