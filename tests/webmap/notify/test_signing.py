"""A signature is right for its key, id, moment and bytes, and for nothing else; keys can be changed over."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gis.errors import AuthError, ConfigError
from webmap.notify.signing import SIGNATURE, TIMESTAMP, require_signature, signed_headers

OLD = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW = base64.b64encode(bytes(range(32))).decode()
AT = 1614265330


def test_the_published_example_gives_the_published_signature() -> None:
    """Test vector of the reference libraries of Standard Webhooks."""
    headers = signed_headers([OLD], "msg_p5jXN8AQM9LWM0D4loKWxJek", AT, b'{"test": 2432232314}')
    assert headers[SIGNATURE] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(st.binary(max_size=200), st.text("abc0-", min_size=1, max_size=20))
def test_either_key_is_enough_while_they_are_changed_over(body: bytes, message_id: str) -> None:
    headers = signed_headers([NEW, OLD], message_id, AT, body)
    for secrets in ([OLD], [NEW], [OLD, NEW]):
        assert require_signature(secrets, headers, body, now_s=AT + 300) == message_id


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "other"},
        {TIMESTAMP: str(AT + 1)},
        {TIMESTAMP: "１"},
        {TIMESTAMP: "-1"},
        {TIMESTAMP: "9" * 40},
        {SIGNATURE: ""},
        {SIGNATURE: "v1,AAAA é"},
        {SIGNATURE: "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="},
    ],
)
def test_anything_else_is_refused(change: dict[str, str]) -> None:
    headers = signed_headers([OLD], "m1", AT, b"{}") | change
    with pytest.raises(AuthError):
        require_signature([OLD], headers, b"{}", now_s=AT)


def test_other_bytes_another_key_and_an_old_message_are_refused() -> None:
    headers = signed_headers([OLD], "m1", AT, b"{}")
    for secrets, body, now in (
        ([OLD], b"{ }", AT),
        ([NEW], b"{}", AT),
        ([OLD], b"{}", AT + 301),
        ([OLD], b"{}", AT - 301),
    ):
        with pytest.raises(AuthError):
            require_signature(secrets, headers, body, now_s=now)


@pytest.mark.parametrize("secret", ["", "whsec_", "password", "not base64!", base64.b64encode(b"x" * 23).decode()])
def test_a_weak_secret_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        signed_headers([secret], "m1", AT, b"")
    assert len(secret) < 8 or secret not in str(caught.value)
