"""The quotient by hand, its conditions, and an interval that covers as often as it says."""

import numpy as np
import pytest

from gis.errors import InputError
from gis.hotspots.displacement import READINGS, displacement_quotient


def quotient(
    area: tuple[int, int], buffer: tuple[int, int], comparison: tuple[int, int], *, fell: bool = True
) -> object:
    return displacement_quotient(area, buffer, comparison, area_fell=fell, rng=np.random.default_rng(1))


def test_half_of_what_the_area_lost_is_found_in_the_buffer() -> None:
    # Of 1,000 elsewhere in both spans: the area falls from .4 to .2, the buffer rises from .2 to .3.
    found = quotient((400, 200), (200, 300), (1000, 1000))
    assert found.quotient == pytest.approx(-0.5)
    assert -1 < found.low < -0.5 < found.high < 0
    assert found.reading == "displaced"
    assert "-0.50" in found.text("en")


def test_a_buffer_that_falls_as_well_is_diffusion() -> None:
    found = quotient((400, 200), (400, 300), (1000, 1000))
    assert found.quotient == pytest.approx(0.5)
    assert found.reading == "diffused"
    assert "扩散" in found.text("zh")


def test_a_change_that_the_comparison_shares_is_taken_out() -> None:
    """Everything doubled elsewhere: the area that stayed gained, the buffer that doubled did nothing."""
    found = quotient((400, 400), (200, 400), (1000, 2000))
    assert found.quotient == pytest.approx(0)
    assert found.reading == "unclear"


@pytest.mark.parametrize(
    ("area", "comparison", "fell"),
    [((400, 200), (1000, 1000), False), ((200, 400), (1000, 1000), True), ((400, 200), (0, 10), True)],
    ids=["the fall is not clear", "it rose", "nothing to compare with"],
)
def test_without_a_fall_to_displace_nothing_is_worked_out(
    area: tuple[int, int], comparison: tuple[int, int], *, fell: bool
) -> None:
    found = quotient(area, (10, 10), comparison, fell=fell)
    assert found.reading == "not_shown"
    assert np.isnan([found.quotient, found.low, found.high]).all()
    assert found.text("zh") == READINGS["not_shown"][0] + "。"


def test_few_incidents_leave_it_open() -> None:
    found = quotient((12, 3), (6, 7), (20, 22))
    assert found.reading == "unclear"
    assert found.high - found.low > 0.5


def test_the_interval_holds_the_true_quotient_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    means = np.array([[120.0, 60.0], [60.0, 75.0], [300.0, 300.0]])
    true = (75 / 300 - 60 / 300) / (60 / 300 - 120 / 300)
    held = 0
    for _ in range(200):
        a, b, c = (tuple(int(n) for n in row) for row in rng.poisson(means))
        found = displacement_quotient(a, b, c, area_fell=True, rng=rng)  # type: ignore[arg-type]
        held += found.low <= true <= found.high
    # 95 % of 200 with four binomial standard errors.
    assert abs(held / 200 - 0.95) < 4 * np.sqrt(0.95 * 0.05 / 200)


def test_a_count_below_nought_and_a_level_of_one_are_refused() -> None:
    for told in ({"area": (-1, 2)}, {"level": 1.0}):
        with pytest.raises(InputError, match="six counts"):
            displacement_quotient(
                **({"area": (1, 1), "buffer": (1, 1), "comparison": (1, 1)} | told),  # type: ignore[arg-type]
                area_fell=True,
                rng=np.random.default_rng(1),
            )
