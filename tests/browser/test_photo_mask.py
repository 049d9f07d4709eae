"""What leaves the browser is a JPEG without EXIF in which the drawn areas are black: by mouse, touch and keyboard alike."""

import base64
import io
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from tests.webmap.photos.pictures import SECRET, as_bytes, gradient, talkative

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parents[2] / "webmap" / "static"
WORDS = "{choose: '选择照片', add: '遮盖', remove: '移除', area: '遮盖处', photo: '照片', bad: '无法打开'}"
RESULT = """async () => {
  const told = await window.mask.result();
  if (!told) return null;
  const bytes = new Uint8Array(await told.blob.arrayBuffer());
  return { type: told.blob.type, hide: told.hide, data: btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join("")) };
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the static folder and says nothing."""

    def log_message(self, *_told: object) -> None:
        pass


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page with the module on it."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(STATIC))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        page = browser.new_page(viewport={"width": 600, "height": 600}, has_touch=True)
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/js/photo_mask.js")
        page.set_content("<div id='root'></div>")
        page.evaluate(
            f"""async () => {{
              const {{ PhotoMask }} = await import('/js/photo_mask.js');
              window.counts = [];
              window.mask = new PhotoMask(document.getElementById('root'), {WORDS}, (n) => window.counts.push(n));
            }}"""
        )
        yield page
        page.close()
        server.shutdown()
        thread.join()


def choose(page: Page, content: bytes, name: str = "a.jpg", kind: str = "image/jpeg") -> None:
    page.set_input_files("input[type=file]", {"name": name, "mimeType": kind, "buffer": content})


def result(page: Page) -> tuple[bytes, np.ndarray, list[str]]:
    told = page.evaluate(RESULT)
    assert told["type"] == "image/jpeg"
    data = base64.b64decode(told["data"])
    return data, np.asarray(Image.open(io.BytesIO(data)).convert("RGB"), int), told["hide"]


def draw(page: Page, left: float, top: float, right: float, bottom: float) -> None:
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + left * box["width"], box["y"] + top * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + right * box["width"], box["y"] + bottom * box["height"], steps=3)
    page.mouse.up()


def test_what_is_drawn_is_black_and_the_exif_is_gone(page: Page) -> None:
    choose(page, talkative("JPEG", 6))
    page.locator("canvas").wait_for(state="visible")
    draw(page, 0.5, 0.5, 1.0, 1.0)
    data, pixels, hide = result(page)
    assert SECRET.encode() not in data
    assert dict(Image.open(io.BytesIO(data)).getexif()) == {}
    assert pixels.shape[:2] == (64, 48), "turned upright"
    assert pixels[36:, 28:].max() < 40
    assert pixels[:28, :20].max() > 150
    shares = [float(share) for share in hide[0].split(",")]
    assert shares == pytest.approx([0.5, 0.5, 0.5, 0.5], abs=0.05)


def test_the_keyboard_adds_moves_sizes_and_removes(page: Page) -> None:
    choose(page, as_bytes(gradient(400, 300)))
    page.locator(".photo-add").focus()
    page.keyboard.press("Enter")
    before = page.evaluate("() => ({ ...window.mask.areas[0] })")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowDown")
    after = page.evaluate("() => ({ ...window.mask.areas[0] })")
    assert after["left"] > before["left"]
    assert after["height"] > before["height"]
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    assert page.evaluate("() => window.mask.areas[0].left") == 0
    _, pixels, _ = result(page)
    assert pixels[120:180, 5:100].max() < 40
    page.keyboard.press("Delete")
    assert page.evaluate("() => window.mask.areas.length") == 0
    assert page.evaluate("() => window.counts.at(-1)") == 0


def test_a_tap_chooses_an_area_and_a_finger_draws_none_by_it(page: Page) -> None:
    choose(page, as_bytes(gradient(400, 300)))
    draw(page, 0.1, 0.1, 0.3, 0.3)
    draw(page, 0.6, 0.6, 0.8, 0.8)
    box = page.locator("canvas").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + 0.2 * box["width"], box["y"] + 0.2 * box["height"])
    assert page.evaluate("() => [window.mask.areas.length, window.mask.chosen]") == [2, 0]
    _, pixels, _ = result(page)
    # The frame of the chosen area is yellow on the screen and not in the file.
    assert not ((pixels[..., 0] > 200) & (pixels[..., 1] > 150) & (pixels[..., 2] < 60)).any()


def test_a_large_photo_is_sent_smaller_and_no_photo_is_nothing(page: Page) -> None:
    assert page.evaluate(RESULT) is None
    choose(page, b"no picture")
    page.wait_for_function("document.querySelector('.photo-said').textContent === '无法打开'")
    assert page.evaluate(RESULT) is None
    choose(page, as_bytes(gradient(4096, 1024)))
    page.locator("canvas").wait_for(state="visible")
    assert result(page)[1].shape == (512, 2048, 3)
