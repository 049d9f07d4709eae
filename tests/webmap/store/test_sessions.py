"""Signing in: one answer for every failure, locks, one-time codes, idle and absolute ends, revocation."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pyotp
import pytest
from sqlalchemy import text

from gis.errors import AuthError, ConfigError, InputError, NotFoundError, ScopeError
from tests.webmap.store.conftest import NOW, STREET_A
from webmap.auth.passwords import PasswordRules, hash_password
from webmap.auth.permissions import Grant
from webmap.store import LOCAL_OPERATOR, Store, Viewer, open_store
from webmap.store.sessions import IDLE, LOCK, LONGEST, MISTAKES, WINDOW

PASSWORD, OTHER = "Regen.bogen7", "Anders.9als"
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


@pytest.fixture
def li(store: Store) -> Store:
    """A store with one account."""
    store.users.add("li", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, display="李强", grants=[Grant("viewer")])
    return store


@pytest.fixture
def elsewhere(li: Store) -> Iterator[Store]:
    """The same store, opened by another process."""
    other = open_store(li.url)
    yield other
    other.close()


def refusals(store: Store) -> list[str]:
    """Reasons in the audit log."""
    return [row.detail["reason"] for row in store.audit.since(0, action="sign_in.refused")]


def fail(store: Store, now: datetime, times: int = 1) -> None:
    """Mistype the password."""
    for _ in range(times):
        with pytest.raises(AuthError):
            store.sessions.sign_in("li", "wrong", now=now)


def test_who_knows_the_password_is_known_by_the_token(li: Store) -> None:
    token = li.sessions.sign_in("Li", PASSWORD, now=NOW, address="10.1.2.3")
    account = li.sessions.who(token, now=NOW)
    assert account is not None
    assert (account.name, account.display, account.grants) == ("li", "李强", (Grant("viewer"),))
    assert not account.must_change
    assert "see_map" in account.actions
    assert account.viewer("see_map") == Viewer("li", "viewer", ())
    with pytest.raises(ScopeError, match="not granted"):
        account.viewer("manage_accounts")
    assert len(token) >= 43
    row = li.audit.since(0, action="sign_in")[0]
    assert (row.actor, row.subject, row.detail) == ("li", "li", {"address": "10.1.2.3", "by": "password"})


def test_the_token_is_kept_nowhere(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    with li._database.reading() as connection:
        kept = [connection.execute(text(f"SELECT * FROM {table}")).all() for table in ("sessions", "audit", "meta")]
    assert token not in repr(kept)


@pytest.mark.parametrize("token", ["", "x", "\ud800", "a" * 100_000])
def test_an_unknown_token_is_nobody(li: Store, token: str) -> None:
    assert li.sessions.who(token, now=NOW) is None


def test_every_failure_reads_the_same_and_the_log_tells_them_apart(li: Store) -> None:
    li.users.add("wang", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW)
    li.users.disable("wang", viewer=LOCAL_OPERATOR, now=NOW)
    li.users.add("sso", password="", viewer=LOCAL_OPERATOR, now=NOW)
    told = set()
    for name, password in [("li", "wrong"), ("nobody1", PASSWORD), ("wang", PASSWORD), ("sso", ""), ("", "")]:
        with pytest.raises(AuthError) as caught:
            li.sessions.sign_in(name, password, now=NOW)
        told.add((caught.value.zh, caught.value.en))
    fail(li, NOW, MISTAKES)
    with pytest.raises(AuthError) as caught:
        li.sessions.sign_in("li", PASSWORD, now=NOW)
    told.add((caught.value.zh, caught.value.en))
    assert len(told) == 1
    assert refusals(li) == [
        "password",
        "unknown",
        "disabled",
        "password",
        "unknown",
        *["password"] * 4,
        "locked",
        "locked",
    ]


def test_a_password_typed_into_the_field_of_the_name_is_kept_nowhere(li: Store) -> None:
    with pytest.raises(AuthError):
        li.sessions.sign_in("MySecret.Password1", "", now=NOW)
    assert "mysecret" not in repr(li.audit.since(0)).casefold()


def test_a_failed_sign_in_costs_the_same_work_for_known_and_unknown_names(
    li: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted in hashes, since a stopwatch would make the test a lottery."""
    import webmap.auth.passwords as passwords

    counted: list[str] = []
    real = passwords._hasher(PasswordRules())
    passwords._nobody(PasswordRules())

    class Counting:
        def verify(self, stored: str, given: bytes) -> bool:
            counted.append(stored[:20])
            return real.verify(stored, given)

    monkeypatch.setattr(passwords, "_hasher", lambda rules: Counting())
    for name in ("li", "nobody1"):
        with pytest.raises(AuthError):
            li.sessions.sign_in(name, "wrong", now=NOW)
    assert counted == ["$argon2id$v=19$m=194"] * 2


def test_five_mistakes_lock_for_a_quarter_of_an_hour(li: Store) -> None:
    fail(li, NOW, MISTAKES)
    for wait in (SECOND, LOCK - SECOND):
        with pytest.raises(AuthError):
            li.sessions.sign_in("li", PASSWORD, now=NOW + wait)
    assert li.users.get("li").locked_until == NOW + LOCK
    assert li.sessions.sign_in("li", PASSWORD, now=NOW + LOCK)
    assert [row.detail.get("locked") for row in li.audit.since(0, action="sign_in.refused")][4] is True


def test_four_mistakes_do_not_lock_and_a_right_one_forgets_them(li: Store) -> None:
    for turn in range(3):
        fail(li, NOW + turn * MINUTE, MISTAKES - 1)
        assert li.sessions.sign_in("li", PASSWORD, now=NOW + turn * MINUTE)


def test_mistakes_count_in_a_window_that_slides(li: Store) -> None:
    """Four late in one quarter of an hour and one early in the next are five in 15 minutes."""
    fail(li, NOW + WINDOW - MINUTE, 4)
    fail(li, NOW + WINDOW + MINUTE, 1)
    assert li.users.get("li").locked_until == NOW + WINDOW + MINUTE + LOCK


def test_old_mistakes_are_forgotten(li: Store) -> None:
    fail(li, NOW, 4)
    fail(li, NOW + WINDOW, 1)
    assert li.users.get("li").locked_until is None


def test_guesses_made_at_once_lock_as_well_as_guesses_in_turn(li: Store, elsewhere: Store) -> None:
    """Twelve at once, through two open stores: no more than five are judged before the account is locked."""
    with ThreadPoolExecutor(12) as pool:
        tries = [
            pool.submit((li, elsewhere)[n % 2].sessions.sign_in, "li", "wrong", now=NOW + n * timedelta(milliseconds=1))
            for n in range(12)
        ]
    assert all(isinstance(each.exception(), AuthError) for each in tries)
    assert refusals(li).count("password") == MISTAKES
    assert refusals(li).count("locked") == 12 - MISTAKES


def test_a_new_password_lifts_the_lock_and_ends_every_session(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    fail(li, NOW, MISTAKES)
    li.users.set_password("li", OTHER, viewer=LOCAL_OPERATOR, now=NOW)
    assert li.sessions.who(token, now=NOW) is None
    account = li.sessions.who(li.sessions.sign_in("li", OTHER, now=NOW), now=NOW)
    assert account is not None
    assert account.must_change


def test_an_old_password_must_be_changed(li: Store) -> None:
    then = NOW + PasswordRules().max_age
    account = li.sessions.who(li.sessions.sign_in("li", PASSWORD, now=then), now=then)
    assert account is not None
    assert account.must_change
    assert (li.sessions.who(li.sessions.sign_in("li", PASSWORD, now=NOW), now=NOW) or account).must_change is False


def test_changing_ones_own_password_keeps_this_session_and_ends_the_others(li: Store) -> None:
    other, mine = (li.sessions.sign_in("li", PASSWORD, now=NOW) for _ in range(2))
    with pytest.raises(AuthError):
        li.sessions.change_password(mine, "wrong", OTHER, now=NOW)
    with pytest.raises(InputError, match="last 3"):
        li.sessions.change_password(mine, PASSWORD, PASSWORD, now=NOW)
    assert li.sessions.who(other, now=NOW)
    li.sessions.change_password(mine, PASSWORD, OTHER, now=NOW)
    assert li.sessions.who(other, now=NOW) is None
    assert li.sessions.who(mine, now=NOW)
    assert li.sessions.sign_in("li", OTHER, now=NOW)
    with pytest.raises(AuthError):
        li.sessions.change_password(other, OTHER, PASSWORD, now=NOW)


def test_guessing_the_old_password_within_a_session_locks_too(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    for _ in range(MISTAKES):
        with pytest.raises(AuthError):
            li.sessions.change_password(token, "wrong", OTHER, now=NOW)
    with pytest.raises(AuthError):
        li.sessions.change_password(token, PASSWORD, OTHER, now=NOW)
    assert refusals(li) == [*["password"] * MISTAKES, "locked"]


def test_a_hash_made_at_another_cost_is_made_anew(li: Store) -> None:
    cheap = hash_password(PASSWORD, PasswordRules(memory_kib=64, passes=1))
    with li._database.writing() as connection:
        connection.execute(text("UPDATE users SET password = :cheap"), {"cheap": cheap})
    li.sessions.sign_in("li", PASSWORD, now=NOW)
    with li._database.reading() as connection:
        assert "m=19456,t=2,p=1" in str(connection.scalar(text("SELECT password FROM users")))
    assert li.sessions.sign_in("li", PASSWORD, now=NOW)


def test_a_code_counts_once(li: Store) -> None:
    secret = pyotp.random_base32()
    codes = pyotp.TOTP(secret)
    li.users.set_totp("li", secret, codes.at(NOW), now=NOW)
    later = NOW + MINUTE
    for code in ("", "000000", codes.at(NOW), "１２３４５６"):
        with pytest.raises(AuthError):
            li.sessions.sign_in("li", PASSWORD, code, now=NOW)
        li.users.enable("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert li.sessions.sign_in("li", PASSWORD, f" {codes.at(later)} ", now=later)
    with pytest.raises(AuthError):
        li.sessions.sign_in("li", PASSWORD, codes.at(later), now=later)
    with pytest.raises(AuthError, match="wrong"):
        li.sessions.sign_in("li", PASSWORD, codes.at(later - timedelta(seconds=30)), now=later)
    assert set(refusals(li)) == {"code"}


def test_of_two_who_send_the_same_code_at_once_one_gets_in(li: Store, elsewhere: Store) -> None:
    secret = pyotp.random_base32()
    li.users.set_totp("li", secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    later = NOW + MINUTE
    code = pyotp.TOTP(secret).at(later)
    with ThreadPoolExecutor(2) as pool:
        tries = [pool.submit(each.sessions.sign_in, "li", PASSWORD, code, now=later) for each in (li, elsewhere)]
    assert [type(each.exception()) for each in tries].count(AuthError) == 1


def test_wrong_codes_lock_too(li: Store) -> None:
    secret = pyotp.random_base32()
    li.users.set_totp("li", secret, pyotp.TOTP(secret).at(NOW), now=NOW)
    for _ in range(MISTAKES):
        with pytest.raises(AuthError):
            li.sessions.sign_in("li", PASSWORD, "000000", now=NOW)
    assert li.users.get("li").locked_until == NOW + LOCK


def test_whom_the_identity_provider_vouches_for_is_signed_in(li: Store) -> None:
    li.users.set_oidc("li", "https://id.example alice", viewer=LOCAL_OPERATOR, now=NOW)
    account = li.sessions.who(li.sessions.sign_in_as("https://id.example alice", now=NOW), now=NOW)
    assert account is not None
    assert account.name == "li"
    li.users.disable("li", viewer=LOCAL_OPERATOR, now=NOW)
    for subject in ("https://id.example alice", "https://id.example bob", ""):
        with pytest.raises(AuthError):
            li.sessions.sign_in_as(subject, now=NOW)
    assert refusals(li) == ["disabled", "unknown", "unknown"]


def test_an_idle_session_ends(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    assert li.sessions.who(token, now=NOW + IDLE - SECOND)
    assert li.sessions.who(token, now=NOW + IDLE - SECOND + IDLE - SECOND)
    assert li.sessions.who(token, now=NOW + 3 * IDLE) is None


def test_a_session_ends_after_half_a_day_however_busy(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    now = NOW
    while now + 20 * MINUTE < NOW + LONGEST:
        now += 20 * MINUTE
        assert li.sessions.who(token, now=now)
    assert li.sessions.who(token, now=NOW + LONGEST - SECOND)
    assert li.sessions.who(token, now=NOW + LONGEST) is None


def test_a_request_is_remembered_for_the_other_processes_to_the_minute(li: Store, elsewhere: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    for seconds in range(0, 125, 3):
        assert li.sessions.who(token, now=NOW + seconds * SECOND)
    li.sessions.flush()
    (session,) = elsewhere.sessions.list("li", now=NOW + 2 * MINUTE)
    assert session.last_seen == NOW + 120 * SECOND
    assert elsewhere.sessions.who(token, now=NOW + 2 * MINUTE + IDLE - SECOND)


def test_a_request_does_not_wait_for_a_writer(li: Store) -> None:
    """An import may hold the write lock for many seconds."""
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    answered = threading.Event()

    def ask() -> None:
        assert li.sessions.who(token, now=NOW + 5 * MINUTE)
        answered.set()

    with li._database.writing():
        thread = threading.Thread(target=ask)
        thread.start()
        assert answered.wait(5)
    thread.join()
    li.sessions.flush()
    assert li.sessions.list("li", now=NOW + 5 * MINUTE)[0].last_seen == NOW + 5 * MINUTE


def test_a_session_that_is_signed_out_is_over_and_stays_over(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    assert li.sessions.who(token, now=NOW)
    li.sessions.sign_out(token, now=NOW)
    assert li.sessions.who(token, now=NOW) is None
    li.sessions.sign_out(token, now=NOW)
    assert [(row.actor, row.subject) for row in li.audit.since(0, action="sign_out")] == [("li", "li")]


def test_a_revocation_in_another_process_is_seen_within_five_seconds(li: Store, elsewhere: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    assert li.sessions.who(token, now=NOW)
    elsewhere.sessions.revoke_all("li", viewer=LOCAL_OPERATOR, now=NOW)
    assert li.sessions.who(token, now=NOW + 5 * SECOND) is None


def test_a_grant_in_another_process_is_seen_within_five_seconds(li: Store, elsewhere: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    assert li.sessions.who(token, now=NOW)
    elsewhere.users.revoke_grant("li", "viewer", viewer=LOCAL_OPERATOR, now=NOW)
    account = li.sessions.who(token, now=NOW + 5 * SECOND)
    assert account is not None
    assert account.grants == ()


def test_one_session_is_revoked_and_the_others_go_on(li: Store) -> None:
    first, second = (li.sessions.sign_in("li", PASSWORD, now=NOW + n * SECOND) for n in range(2))
    sessions = li.sessions.list("li", now=NOW)
    assert len(sessions) == 2
    li.sessions.revoke(sessions[1].id, viewer=Viewer("mei", "security_admin"), now=NOW)
    assert li.sessions.who(first, now=NOW + SECOND) is None
    assert li.sessions.who(second, now=NOW + SECOND)
    with pytest.raises(NotFoundError, match="no such session"):
        li.sessions.revoke(sessions[1].id, viewer=LOCAL_OPERATOR, now=NOW)
    assert li.sessions.revoke_all("li", viewer=LOCAL_OPERATOR, now=NOW) == 1
    assert li.sessions.revoke_all("li", viewer=LOCAL_OPERATOR, now=NOW) == 0
    assert [row.actor for row in li.audit.since(0, action="session.revoke")] == ["mei", "local"]


def test_sessions_long_over_are_forgotten_at_the_next_sign_in(li: Store) -> None:
    li.sessions.sign_in("li", PASSWORD, now=NOW)
    li.sessions.sign_in("li", PASSWORD, now=NOW + timedelta(days=8))
    with li._database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM sessions")) == 1


def test_many_sessions_do_not_fill_the_memory(li: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("webmap.store.sessions._HELD", 2)
    tokens = [li.sessions.sign_in("li", PASSWORD, now=NOW) for _ in range(4)]
    assert all(li.sessions.who(token, now=NOW) for token in tokens)
    assert len(li.sessions._held) <= 2


def test_a_clock_that_goes_back_does_not_keep_a_session_open(li: Store, elsewhere: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW)
    assert li.sessions.who(token, now=NOW + MINUTE)
    elsewhere.sessions.sign_out(token, now=NOW)
    assert li.sessions.who(token, now=NOW) is None


def test_a_limited_account_is_a_limited_viewer(wuda: Store) -> None:
    wuda.users.add("li", password=PASSWORD, viewer=LOCAL_OPERATOR, now=NOW, grants=[Grant("planner", STREET_A)])
    account = wuda.sessions.who(wuda.sessions.sign_in("li", PASSWORD, now=NOW), now=NOW)
    assert account is not None
    viewer = account.viewer("see_points")
    assert viewer == Viewer("li", "planner", (STREET_A,))
    assert wuda.incidents.count(viewer) == 4


def test_the_district_says_how_long_a_password_holds(li: Store) -> None:
    token = li.sessions.sign_in("li", PASSWORD, now=NOW + 11 * timedelta(days=1))
    li.save_settings({"password_days": "11"}, now=NOW)
    account = li.sessions.who(token, now=NOW + 11 * timedelta(days=1))
    assert account is not None
    assert account.must_change
    for wrong in ("0", "", "ten", "-1", "12345"):
        with pytest.raises(ConfigError, match="9999 days"):
            li.save_settings({"password_days": wrong}, now=NOW)
