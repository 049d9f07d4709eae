"""The archive of a case holds everything, is the same each time, runs nothing, and shows every change that is made to it."""

import contextlib
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import FileFormatError, NotFoundError
from tests.webmap.casefile.conftest import TEXT
from tests.webmap.store.case_life import ANALYST, DESK_B
from webmap.casefile.archive import MANIFEST, as_json, as_zip
from webmap.casefile.check import check_case_file
from webmap.casefile.contents import CaseContents, gather
from webmap.services import Services


def members(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: dict[str, bytes], kind: int = zipfile.ZIP_STORED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", kind) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def said(files: dict[str, bytes]) -> list[str]:
    return [each.en for each in check_case_file(packed(files))]


def with_right_digests(files: dict[str, bytes]) -> dict[str, bytes]:
    """What a forger does who knows the manifest."""
    manifest = json.loads(files[MANIFEST])
    told = {
        name: {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in files.items()
        if name != MANIFEST
    }
    return files | {MANIFEST: as_json(manifest | {"files": told})}


def test_everything_is_in_it(contents: CaseContents) -> None:
    files = members(as_zip(contents))
    assert sorted(files) == [
        *("README.en.txt", "README.zh.txt", "audit.json", "case.json", "manifest.json", "moves.csv"),
        f"photos/{'p' * 16}.jpg",
    ]
    case = json.loads(files["case.json"])
    assert case["event"]["text"] == TEXT
    assert [each["move"] for each in case["history"]] == [
        *("submit", "accept", "dispatch", "acknowledge", "submit_result", "ask_check", "check_pass"),
    ]
    assert [photo["deleted_at"] is None for photo in case["photos"]] == [True, False]
    rows = list(csv.DictReader(io.StringIO(files["moves.csv"].decode("utf-8-sig"))))
    assert rows[4]["reason"] == "'=已修复"
    actions = [row["action"] for row in json.loads(files["audit.json"])]
    assert {"events.create", "events.dispatch", "photos.add", "photos.delete", "export.case"} <= set(actions)
    for name in ("README.zh.txt", "README.en.txt"):
        assert contents.head in files[name].decode()


def test_the_same_contents_give_the_same_bytes_and_are_sound(contents: CaseContents) -> None:
    made = as_zip(contents)
    assert made == as_zip(contents)
    assert check_case_file(made) == []


def test_accounts_are_in_the_rows_of_the_log_alone(contents: CaseContents) -> None:
    files = members(as_zip(contents))
    for name in ("case.json", "moves.csv", "manifest.json"):
        assert b'"pipe"' not in files[name]
        assert b"actor" not in files[name]
    assert b'"pipe"' in files["audit.json"]


def test_whom_the_case_does_not_concern_gets_no_file_and_leaves_no_row(services: Services) -> None:
    before = services.store.audit.checkpoint()
    for viewer in (DESK_B, ANALYST):
        with pytest.raises(NotFoundError):
            gather(services, "e1", viewer=viewer)
    assert services.store.audit.checkpoint() == before


@pytest.mark.parametrize("name", ["case.json", "moves.csv", "audit.json", "README.zh.txt", f"photos/{'p' * 16}.jpg"])
def test_a_changed_file_is_found(contents: CaseContents, name: str) -> None:
    files = members(as_zip(contents))
    assert f"The file {name} was altered." in said(files | {name: files[name] + b" "})
    assert f"The file {name} is missing." in said({key: data for key, data in files.items() if key != name})
    assert "The file more.txt does not belong here." in said(files | {"more.txt": b""})


def edited(files: dict[str, bytes], name: str, change: Callable[[Any], None]) -> dict[str, bytes]:
    document = json.loads(files[name])
    change(document)
    return with_right_digests(files | {name: as_json(document)})


def test_a_forger_who_mends_the_manifest_is_found_by_the_log(contents: CaseContents) -> None:
    files = members(as_zip(contents))
    seq = contents.chain[2].seq
    assert f"Row {seq} of the audit log was altered." in said(
        edited(files, "audit.json", lambda rows: rows[2].update(actor="other"))
    )
    assert "The move dispatch of version 4 is not in the audit log." in said(
        edited(
            files, "audit.json", lambda rows: rows.pop(next(i for i, r in enumerate(rows) if "dispatch" in r["action"]))
        )
    )
    assert any(
        "is not in the audit log" in each
        for each in said(edited(files, "case.json", lambda case: case["history"][2].update(to="handled")))
    )
    assert "case.json is of another event." in said(
        edited(files, "case.json", lambda case: case["event"].update(id="e2"))
    )
    assert any("out of order" in each for each in said(edited(files, "audit.json", lambda rows: rows.reverse())))


def test_a_row_that_joins_nothing_is_found(contents: CaseContents) -> None:
    """Two rows with neighbouring numbers, each whole in itself."""
    files = members(as_zip(contents))
    pairs = zip(contents.chain, contents.chain[1:], strict=False)
    first = next(one for one, two in pairs if one.seq + 1 == two.seq)
    place = contents.chain.index(first)
    found = said(edited(files, "audit.json", lambda rows: rows[place].update(next="0" * 64)))
    assert f"Row {first.seq + 1} does not follow the row before it." in found


@pytest.mark.parametrize(
    "content",
    [b"", b"PK", b"PK\x05\x06" + bytes(18), packed({"a": b""}), packed({MANIFEST: b"[]"})],
    ids=["nothing", "two bytes", "an empty zip", "another zip", "no manifest"],
)
def test_what_is_no_case_file_is_refused(content: bytes) -> None:
    with pytest.raises(FileFormatError, match="no case file"):
        check_case_file(content)


def test_an_archive_that_unpacks_to_more_is_refused(contents: CaseContents) -> None:
    files = members(as_zip(contents))
    with pytest.raises(FileFormatError, match="no case file"):
        check_case_file(packed(files, zipfile.ZIP_DEFLATED))
    later = edited(files, "case.json", lambda _case: None)
    later[MANIFEST] = as_json(json.loads(later[MANIFEST]) | {"format": 2})
    with pytest.raises(FileFormatError, match="later version"):
        check_case_file(packed(later))


@given(st.dictionaries(st.sampled_from(["audit.json", "case.json", MANIFEST]), st.binary(max_size=60)))
def test_nonsense_inside_is_told_and_never_a_crash(inside: dict[str, bytes]) -> None:
    with contextlib.suppress(FileFormatError):
        assert check_case_file(packed({MANIFEST: b'{"format":1,"files":{}}'} | inside))
