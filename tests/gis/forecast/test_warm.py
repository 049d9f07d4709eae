"""After warming up nothing is compiled any more."""

import numpy as np

from gis.forecast import Cells, History, _kernels, choose_model, make_history, rounds_between, score_card, warm
from gis.forecast.counts import KernelModel


def compiled() -> dict[str, int]:
    return {name: len(loop.signatures) for name, loop in vars(_kernels).items() if hasattr(loop, "signatures")}


def test_warming_reaches_every_loop_and_nothing_new_is_compiled_later(history: History, cells: Cells) -> None:
    warm()
    before = compiled()
    called = ("decayed_sums", "counted_sums", "trigger_sums", "site_mass", "ranked_sums")
    assert [name for name in called if not before[name]] == []
    frozen = make_history(history.sites[history.site].tolist(), history.day.astype(np.float32).tolist())
    choose_model(frozen, cells, 17_000.0, weeks=26)
    score_card(KernelModel(), frozen, cells, rounds_between(16_900, 16_930), rng=np.random.default_rng(1))
    assert {name for name, versions in compiled().items() if versions > max(before[name], 1)} == set()
