"""Mail to desks: encrypted before anything is said, the same Message-ID each time, and no header but ours."""

import datetime
import email
import ssl
from email.policy import default
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gis.errors import DeliveryError
from tests.webmap.notify.receiving import Post, mail_server
from tests.webmap.store.conftest import NOW
from webmap.notify.mail import MailSender, as_mail
from webmap.notify.receivers import Mailbox, MailServer
from webmap.store.outbox import Message

DESK = Mailbox("desk", ("desk@example.cn", "night@example.cn"))
SENDER = "wangge@example.cn"


def message(**payload: object) -> Message:
    return Message(1, "msg-1", "event.dispatch", "e1", "150304009000", NOW, payload)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of the loopback with its key, its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    since = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=1)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(since)
        .not_valid_after(since + datetime.timedelta(days=9))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "pair.pem"
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM) + key.private_bytes(*form))
    return path


def server_side(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_desk_gets_its_mail_over_an_encrypted_line(certificate: Path) -> None:
    with mail_server(Post(tls=server_side(certificate))) as post:
        server = MailServer("localhost", SENDER, post.port, user="wangge", password="p", ca_file=str(certificate))
        MailSender(DESK, server).send(message(move="dispatch", unit="市容"), now=NOW)
    assert post.said.index("STARTTLS") < post.said.index("AUTH") < post.said.index("MAIL")
    sender, to, content = post.got[0]
    assert (sender, to) == (SENDER, list(DESK.to))
    mail = email.message_from_bytes(content, policy=default)
    assert mail["Message-ID"] == "<msg-1@example.cn>"
    assert "unit: 市容" in mail.get_content()


def test_a_server_without_encryption_or_with_a_foreign_certificate_gets_nothing(certificate: Path) -> None:
    with mail_server(Post()) as plain, mail_server(Post(tls=server_side(certificate))) as foreign:
        for post in (plain, foreign):
            with pytest.raises(DeliveryError, match="did not take it"):
                MailSender(DESK, MailServer("localhost", SENDER, post.port)).send(message(), now=NOW)
        assert plain.got == foreign.got == []
        assert not {"MAIL", "AUTH"} & set(plain.said + foreign.said)


def test_a_refused_address_is_a_failure_that_names_nobody() -> None:
    for refused in (frozenset(DESK.to), frozenset(DESK.to[:1])):
        with mail_server(Post(refuse=refused)) as post, pytest.raises(DeliveryError) as caught:
            MailSender(DESK, MailServer("localhost", SENDER, post.port, starttls=False)).send(message(), now=NOW)
        assert "zhangsan" not in caught.value.en + caught.value.zh
        assert "example" not in caught.value.en


def test_nothing_that_a_message_holds_begins_a_header() -> None:
    evil = Message(
        1, "msg-1", "event.dispatch", "e1\r\nBcc: x@y.cn\r\n\r\nbody", "", NOW, {"unit": "a\nBcc: x@y.cn\u2028b"}
    )
    mail = email.message_from_bytes(as_mail(evil, DESK, SENDER, now=NOW).as_bytes(), policy=default)
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[网格] event.dispatch e1 Bcc: x@y.cn body"
    assert "unit: a Bcc: x@y.cn b" in mail.get_content().splitlines()
