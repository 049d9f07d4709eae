"""Sends a message to mailboxes of desks by SMTP: plain text of codes and moments, the same Message-ID at every delivery.

The connection is encrypted before anything is said, unless the operator turned that off for an inner relay.
"""

import smtplib
import ssl
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from gis.errors import DeliveryError, Lang
from webmap.notify.receivers import Mailbox, MailServer, Wanted
from webmap.store.outbox import Message

_WORDS = {
    "zh": {"ref": "编号", "topic": "事项", "area": "区域", "at": "时间"},
    "en": {"ref": "Record", "topic": "Topic", "area": "Area", "at": "Moment"},
}


class MailSender:
    """Sends to one mailbox.

    Parameters
    ----------
    tls
        Makes the context of STARTTLS from the file of an authority, empty for the system's.
    """

    def __init__(
        self, mailbox: Mailbox, server: MailServer, *, tls: Callable[[str], ssl.SSLContext] | None = None
    ) -> None:
        self._mailbox = mailbox
        self._server = server
        self._tls = tls or (lambda file: ssl.create_default_context(cafile=file or None))

    @property
    def name(self) -> str:
        """Of the receiver."""
        return self._mailbox.name

    @property
    def wanted(self) -> Wanted:
        """Which messages it gets."""
        return self._mailbox.wanted

    def send(self, message: Message, *, now: datetime) -> None:
        """Return when the server took it for every address.

        Raises
        ------
        DeliveryError
            The server cannot be reached, has no encryption, or refused an address.
        """
        mail = as_mail(message, self._mailbox, self._server.sender, now=now)
        try:
            with smtplib.SMTP(self._server.host, self._server.port, timeout=self._server.timeout_s) as server:
                if self._server.starttls:
                    server.starttls(context=self._tls(self._server.ca_file))
                if self._server.user:
                    server.login(self._server.user, self._server.password)
                refused = server.send_message(mail)
        except (OSError, smtplib.SMTPException) as error:
            # What a server says may hold addresses; its class and number are enough.
            code = getattr(error, "smtp_code", "")
            kind = f"{type(error).__name__} {code}".strip()
            raise DeliveryError(
                zh=f"邮件服务器未接收({kind})。", en=f"the mail server did not take it ({kind})"
            ) from error
        if refused:
            raise DeliveryError(zh="邮件服务器拒收部分地址。", en="the mail server refused some addresses")


def as_mail(message: Message, mailbox: Mailbox, sender: str, *, now: datetime) -> EmailMessage:
    """A message as mail.

    Notes
    -----
    Line ends inside a value become blanks: they would begin another header.
    """
    mail = EmailMessage()
    mail["From"] = sender
    mail["To"] = ", ".join(mailbox.to)
    mail["Subject"] = _one_line(_subject(message, mailbox.lang))
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = f"<{message.id}@{sender.partition('@')[2]}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_text(message, mailbox.lang))
    return mail


def _subject(message: Message, lang: Lang) -> str:
    return f"[{'网格' if lang == 'zh' else 'Wangge'}] {message.topic} {message.ref}"


def _text(message: Message, lang: Lang) -> str:
    words = _WORDS[lang]
    told = {"topic": message.topic, "ref": message.ref, "at": message.at.isoformat(), "area": message.area}
    lines = [f"{words[name]}: {_one_line(value)}" for name, value in told.items() if value]
    lines += [f"{name}: {_one_line(str(value))}" for name, value in sorted(message.payload.items())]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
