"""The report form as a test fills it in on a phone, and what the store then holds."""

import io

import numpy as np
from PIL import Image

from tests.browser.test_phone_page import Phone
from webmap.store import Store
from webmap.store.case_scope import CASE_OPERATOR
from webmap.store.cases import CaseQuery
from webmap.store.events import Event

PAGE = "/report/"


def cases(store: Store) -> list[Event]:
    return store.cases.page(CaseQuery(), CASE_OPERATOR)


def write(phone: Phone, words: str, *, category: str = "供水井盖") -> None:
    """Fill the form in: the place from the list of names, the category by a word."""
    place(phone)
    phone.page.fill("#category-search", category)
    phone.page.keyboard.press("Enter")
    phone.page.fill("#text", words)


def place(phone: Phone, name: str = "乌海西站") -> None:
    phone.page.fill("#place-search", name)
    phone.page.click("#place-found button")
    phone.until("document.getElementById('lies-in').dataset.code.length === 15")


def review(phone: Phone) -> None:
    phone.page.click("#check")
    phone.until("!document.getElementById('review').hidden")


def send(phone: Phone, button: str = "#send") -> None:
    """Check and send; the page has said what became of it afterwards."""
    review(phone)
    phone.page.click(button)
    phone.until("!document.getElementById('done').hidden")


def photo() -> bytes:
    noise = np.random.default_rng(5).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    out = io.BytesIO()
    Image.fromarray(noise).resize((800, 600)).save(out, "JPEG", comment=b"SECRET-PLACE")
    return out.getvalue()
