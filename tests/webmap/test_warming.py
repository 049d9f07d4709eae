"""Compiling beside the server ends with the server."""

from webmap.warming import beside


def test_the_process_ends_with_the_server() -> None:
    with beside("-c", "import time; time.sleep(600)") as child:
        assert child.poll() is None
    assert child.poll() is not None
