"""XML and JSON of GeoReport v2 say the same: the field tables of the specification, read back by another library."""

import json
import xml.etree.ElementTree as Tree
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webmap.api.open311.render import CHILDREN, rendered

REQUEST = {
    "service_request_id": "a1",
    "status": "closed",
    "status_notes": "已结案",
    "description": '1 < 2 & "3"\n第二行',
    "lat": 39.5,
    "long": 106.7,
    "address_id": None,
    "metadata": True,
}


def test_the_declaration_and_the_names_are_those_of_the_specification() -> None:
    text = rendered("xml", "service_requests", [REQUEST]).decode()
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>\n<service_requests><request><service_request_id>a1<')
    assert "<address_id/>" in text
    assert "<metadata>true</metadata>" in text
    assert '1 &lt; 2 &amp; "3"\n第二行' in text


def test_json_is_the_list_itself() -> None:
    assert json.loads(rendered("json", "service_requests", [REQUEST])) == [REQUEST]


def test_an_empty_list_is_a_container_with_nothing_in_it() -> None:
    assert rendered("xml", "service_requests", []).endswith(b"<service_requests/>\n")
    assert rendered("json", "service_requests", []) == b"[]"


def test_errors_and_nested_lists_are_told_in_both() -> None:
    definition = {"service_code": "01", "attributes": [{"code": "x", "values": [{"key": "1", "name": "一"}]}]}
    tree = Tree.fromstring(rendered("xml", "service_definition", definition))
    assert [each.tag for each in tree.iter()] == [
        *("service_definition", "service_code", "attributes", "attribute", "code", "values", "value", "key", "name"),
    ]
    error = rendered("xml", "errors", [{"code": 404, "description": "no"}]).decode()
    assert "<errors><error><code>404</code><description>no</description></error></errors>" in error


@pytest.mark.parametrize("text", ["\x00", "\x1b[31m", "\ufffe", "a\x0bb", "]]>", "<!DOCTYPE x>"])
def test_no_text_breaks_the_document(text: str) -> None:
    tree = Tree.fromstring(rendered("xml", "errors", [{"code": 400, "description": text}]))
    assert tree.findtext("error/description") is not None


def spark(node: Tree.Element) -> Any:
    """The Spark convention, from the XML alone."""
    if node.tag in CHILDREN:
        return [spark(child) for child in node]
    return {child.tag: spark(child) for child in node} if len(node) else (node.text or "")


TEXTS = st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cn", "Co")), max_size=20)
ROWS = st.fixed_dictionaries({"service_code": TEXTS, "description": TEXTS, "keywords": TEXTS})


@given(st.lists(ROWS, max_size=4))
def test_the_json_is_what_spark_makes_of_the_xml(rows: list[dict[str, str]]) -> None:
    def no_noncharacters(text: str) -> str:
        return "".join("\ufffd" if ord(c) & 0xFFFE == 0xFFFE and ord(c) < 0x10000 else c for c in text)

    plain = [{name: no_noncharacters(value) for name, value in row.items()} for row in rows]
    tree = Tree.fromstring(rendered("xml", "services", rows))
    assert spark(tree) == plain
