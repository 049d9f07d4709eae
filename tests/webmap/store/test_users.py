"""Accounts and grants: who may have what, in one transaction with the row of the audit log that says so."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import combinations

import pyotp
import pytest
from sqlalchemy import text

from gis.errors import AuthError, CodeError, InputError, NotFoundError, ScopeError, StoreError
from tests.webmap.store.conftest import GRIDS, NOW, STREET_A, STREET_B
from webmap.auth.permissions import ADMINISTRATORS, Grant
from webmap.store import LOCAL_OPERATOR, Store, Viewer, open_store

PASSWORD = "Regen.bogen7"
LATER = NOW + timedelta(minutes=5)
ADMIN_OF_A = Viewer("mei", "security_admin", (STREET_A,))


def made(store: Store, name: str, *grants: Grant) -> None:
    """An account with its grants."""
    store.users.add(name, password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=grants)


def noted(store: Store) -> list[tuple[str, str, str]]:
    """Action, actor and subject of the rows about accounts."""
    rows = store.audit.since(0)
    return [(row.action, row.actor, row.subject) for row in rows if row.action.startswith(("user", "grant"))]


def test_an_account_is_kept_with_its_grants_and_noted(wuda: Store) -> None:
    user = wuda.users.add(
        " Li ",
        password=PASSWORD,
        viewer=LOCAL_OPERATOR,
        now=NOW,
        display="李强",
        grants=[Grant("supervisor", STREET_A)],
    )
    assert (user.name, user.display, user.grants) == ("li", "李强", (Grant("supervisor", STREET_A),))
    assert (user.has_password, user.has_totp, user.disabled, user.must_change) == (True, False, False, False)
    assert wuda.users.get("LI") == user
    assert wuda.users.list() == [user]
    assert noted(wuda) == [("user.add", "local", "li"), ("grant.add", "local", "li")]
    assert wuda.audit.since(0)[-1].detail == {"role": "supervisor"}
    assert wuda.audit.since(0)[-1].area == STREET_A


def test_the_store_holds_no_password_in_clear(store: Store) -> None:
    made(store, "li")
    with store._database.reading() as connection:
        kept = connection.execute(text("SELECT * FROM users")).one()
        log = connection.execute(text("SELECT * FROM audit")).all()
    assert kept.password.startswith("$argon2id$")
    assert PASSWORD not in repr((kept, log))


def test_the_same_name_in_other_letters_is_the_same_account(store: Store) -> None:
    made(store, "li")
    for name in ("LI", "li"):
        with pytest.raises(StoreError, match="already"):
            made(store, name)
    assert len(store.users.list()) == 1


@pytest.mark.parametrize("name", ["", "a", "a b", "../x", "local", "x" * 65, "<b>", "a\x00b"])
def test_a_name_that_will_not_do_is_refused(store: Store, name: str) -> None:
    with pytest.raises(InputError, match="account name"):
        made(store, name)
    assert noted(store) == []


def test_chinese_names_are_names(store: Store) -> None:
    made(store, "李强")
    assert store.users.get("李强").name == "李强"


def test_a_refused_grant_leaves_no_account(wuda: Store) -> None:
    with pytest.raises(InputError, match="exclude each other"):
        made(wuda, "li", Grant("auditor"), Grant("security_admin"))
    with pytest.raises(InputError, match="no role"):
        made(wuda, "li", Grant("king"))
    with pytest.raises(CodeError, match="no area"):
        made(wuda, "li", Grant("viewer", "999"))
    assert wuda.users.list() == []
    assert noted(wuda) == []


def test_granting_twice_changes_nothing_and_a_role_is_taken_away_once(wuda: Store) -> None:
    made(wuda, "li")
    assert wuda.users.grant("li", "viewer", STREET_A, viewer=LOCAL_OPERATOR, now=NOW)
    assert not wuda.users.grant("li", "viewer", STREET_A, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.users.grant("li", "viewer", STREET_B, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.users.get("li").grants == (Grant("viewer", STREET_A), Grant("viewer", STREET_B))
    wuda.users.revoke_grant("li", "viewer", STREET_A, viewer=LOCAL_OPERATOR, now=LATER)
    with pytest.raises(NotFoundError, match="no role"):
        wuda.users.revoke_grant("li", "viewer", STREET_A, viewer=LOCAL_OPERATOR, now=LATER)
    assert wuda.users.get("li").grants == (Grant("viewer", STREET_B),)
    assert [action for action, _, _ in noted(wuda)] == ["user.add", "grant.add", "grant.add", "grant.revoke"]


@pytest.mark.parametrize(("first", "second"), list(combinations(sorted(ADMINISTRATORS), 2)))
def test_nobody_is_two_administrators(wuda: Store, first: str, second: str) -> None:
    made(wuda, "li", Grant(first, STREET_A))
    for area in ("", STREET_A, STREET_B):
        with pytest.raises(InputError, match="exclude each other"):
            wuda.users.grant("li", second, area, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.users.grant("li", first, STREET_B, viewer=LOCAL_OPERATOR, now=NOW)
    assert wuda.users.grant("li", "viewer", viewer=LOCAL_OPERATOR, now=NOW)


def test_of_two_concurrent_grants_that_exclude_each_other_one_holds(store: Store) -> None:
    """Two open stores, as two processes have them: the write lock of the database decides, not the one of a process."""
    other = open_store(store.url)
    for turn in range(10):
        name = f"user{turn}"
        made(store, name)
        with ThreadPoolExecutor(2) as pool:
            tries = [
                pool.submit(each.users.grant, name, role, viewer=LOCAL_OPERATOR, now=NOW)
                for each, role in ((store, "auditor"), (other, "security_admin"))
            ]
        assert [type(each.exception()) for each in tries].count(InputError) == 1
        assert len(store.users.get(name).grants) == 1
    other.close()
    assert store.verify() == []


def test_two_administrator_roles_written_past_the_program_are_found(store: Store) -> None:
    made(store, "li", Grant("auditor"))
    with store._database.writing() as connection:
        connection.execute(text("INSERT INTO grants (account, role, area) VALUES ('li', 'security_admin', '')"))
    assert [finding.kind for finding in store.verify()] == ["grants"]


def test_a_limited_administrator_reaches_the_accounts_of_his_area_only(wuda: Store) -> None:
    made(wuda, "an", Grant("viewer", GRIDS[0]))
    made(wuda, "zhou", Grant("viewer", STREET_B))
    made(wuda, "both", Grant("viewer", STREET_A), Grant("viewer", STREET_B))
    made(wuda, "all", Grant("viewer"))
    made(wuda, "none")
    made(wuda, "mei", Grant("security_admin", STREET_A))
    assert [user.name for user in wuda.users.list(viewer=ADMIN_OF_A)] == ["an", "mei"]
    assert wuda.users.grant("an", "desk", STREET_A, viewer=ADMIN_OF_A, now=NOW)
    with pytest.raises(ScopeError, match="may not grant"):
        wuda.users.grant("an", "desk", STREET_B, viewer=ADMIN_OF_A, now=NOW)
    with pytest.raises(ScopeError, match="whole district"):
        wuda.users.grant("an", "desk", viewer=ADMIN_OF_A, now=NOW)
    for name in ("zhou", "both", "all", "none"):
        for change in _changes(wuda, name, ADMIN_OF_A):
            with pytest.raises(NotFoundError, match="no account"):
                change()
    with pytest.raises(ScopeError, match="together with a grant"):
        wuda.users.add("new", password=PASSWORD, viewer=ADMIN_OF_A, now=NOW)
    with pytest.raises(ScopeError, match="may not grant"):
        wuda.users.add("new", password=PASSWORD, viewer=ADMIN_OF_A, now=NOW, grants=[Grant("viewer", STREET_B)])
    assert wuda.users.add("new", password=PASSWORD, viewer=ADMIN_OF_A, now=NOW, grants=[Grant("viewer", STREET_A)])


def test_nobody_changes_his_own_account(wuda: Store) -> None:
    made(wuda, "mei", Grant("security_admin"))
    for change in _changes(wuda, "mei", Viewer("mei", "security_admin")):
        with pytest.raises(ScopeError, match="his own"):
            change()


def _changes(store: Store, name: str, viewer: Viewer) -> list[Callable[[], object]]:
    users = store.users
    return [
        lambda: users.grant(name, "viewer", STREET_A, viewer=viewer, now=NOW),
        lambda: users.revoke_grant(name, "viewer", STREET_B, viewer=viewer, now=NOW),
        lambda: users.set_password(name, "Anders.9als", viewer=viewer, now=NOW),
        lambda: users.disable(name, viewer=viewer, now=NOW),
        lambda: users.enable(name, viewer=viewer, now=NOW),
        lambda: users.clear_totp(name, viewer=viewer, now=NOW),
        lambda: users.set_oidc(name, "https://id.example alice", viewer=viewer, now=NOW),
    ]


def test_every_change_of_an_account_that_is_not_there_says_so(store: Store) -> None:
    for change in [*_changes(store, "nobody1", LOCAL_OPERATOR), lambda: store.users.get("nobody1")]:
        with pytest.raises(NotFoundError, match="no account"):
            change()
    assert noted(store) == []


def test_a_new_password_differs_from_the_last_three(store: Store) -> None:
    made(store, "li")
    for number in range(3):
        store.users.set_password("li", f"Anders.9als{number}", viewer=LOCAL_OPERATOR, now=LATER)
        with pytest.raises(InputError, match="last 3"):
            store.users.set_password("li", f"Anders.9als{number}", viewer=LOCAL_OPERATOR, now=LATER)
    with pytest.raises(InputError, match="last 3"):
        store.users.set_password("li", "Anders.9als0", viewer=LOCAL_OPERATOR, now=LATER)
    store.users.set_password("li", PASSWORD, viewer=LOCAL_OPERATOR, now=LATER)
    user = store.users.get("li")
    assert user.must_change
    assert user.password_changed_at == LATER


def test_a_disabled_account_is_out_at_once_and_can_be_opened_again(store: Store) -> None:
    made(store, "li")
    token = store.sessions.sign_in("li", PASSWORD, now=NOW)
    assert store.sessions.who(token, now=NOW)
    assert store.users.disable("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert not store.users.disable("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert store.sessions.who(token, now=NOW) is None
    with pytest.raises(AuthError):
        store.sessions.sign_in("li", PASSWORD, now=NOW)
    assert store.users.enable("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert store.sessions.who(token, now=NOW) is None
    assert store.sessions.sign_in("li", PASSWORD, now=NOW)


def test_a_code_is_asked_for_once_the_device_has_shown_one(store: Store) -> None:
    made(store, "li")
    secret = pyotp.random_base32()
    with pytest.raises(InputError, match="code is wrong"):
        store.users.set_totp("li", secret, "000000", now=NOW)
    store.users.set_totp("li", secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    assert store.users.get("li").has_totp
    store.users.clear_totp("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert not store.users.get("li").has_totp
    assert [action for action, _, _ in noted(store)] == ["user.add", "user.totp", "user.totp.clear"]


def test_an_identity_belongs_to_one_account(store: Store) -> None:
    made(store, "li")
    made(store, "wang")
    store.users.set_oidc("li", "https://id.example alice", viewer=LOCAL_OPERATOR, now=NOW)
    with pytest.raises(StoreError, match="Another account"):
        store.users.set_oidc("wang", "https://id.example alice", viewer=LOCAL_OPERATOR, now=NOW)
    store.users.set_oidc("li", "", viewer=LOCAL_OPERATOR, now=NOW)
    store.users.set_oidc("wang", "", viewer=LOCAL_OPERATOR, now=NOW)
    store.users.set_oidc("wang", "https://id.example alice", viewer=LOCAL_OPERATOR, now=NOW)
    assert store.users.get("wang").oidc == "https://id.example alice"


def test_saved_views_belong_to_their_account(store: Store) -> None:
    store.views.save("li", " 夜间 ", "hours=22,23", now=NOW)
    store.views.save("li", "夜间", "hours=22", now=LATER)
    store.views.save("wang", "夜间", "hours=1", now=NOW)
    assert [(view.name, view.query, view.created_at) for view in store.views.list("li")] == [
        ("夜间", "hours=22", LATER)
    ]
    store.views.delete("li", "夜间")
    with pytest.raises(NotFoundError):
        store.views.delete("li", "夜间")
    assert len(store.views.list("wang")) == 1


@pytest.mark.parametrize(
    ("name", "query"), [("", "x"), ("x" * 101, "x"), ("x", "x" * 4001), ("x\x00", ""), ("x", "\ud800")]
)
def test_a_view_that_will_not_do_is_refused(store: Store, name: str, query: str) -> None:
    with pytest.raises(InputError, match="A view has"):
        store.views.save("li", name, query, now=NOW)


def test_there_is_an_end_to_saved_views(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmap.store.views.MOST", 2)
    for name in "ab":
        store.views.save("li", name, "", now=NOW)
    store.views.save("li", "b", "again", now=NOW)
    with pytest.raises(InputError, match="At most"):
        store.views.save("li", "c", "", now=NOW)
