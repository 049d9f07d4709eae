"""Compiling beside the server: it ends with the server, and it may run again and again."""

from webmap.warming import beside, warm_forecasts


def test_what_forecasts_run_on_is_compiled_by_a_forecast_of_nothing() -> None:
    warm_forecasts()
    warm_forecasts()


def test_the_process_ends_with_the_server() -> None:
    with beside("-c", "import time; time.sleep(600)") as child:
        assert child.poll() is None
    assert child.poll() is not None
