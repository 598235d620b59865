"""The channel `mail`: plain letters by SMTP, one to each person. The Message-ID is made of the message's key, so that a mailbox that gets
one twice, after a failure between sending and noting it, can tell."""

from __future__ import annotations

import re
from contextlib import contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING

from engine.channels.base import ChannelKind, Letter, Parcel, Undelivered
from metamodel.text import Text

if TYPE_CHECKING:
    import smtplib
    from collections.abc import Callable, Iterator, Sequence
    from email.message import EmailMessage

    from engine.channels.base import Person
    from engine.config import Config

SECONDS = 10  # for each word of the conversation
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,190}\Z")
_BLANKS = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]+")  # a line break would begin another header


def letters(_config: Config, people: Sequence[Person]) -> tuple[Letter, ...]:
    """Return one letter a person."""
    return tuple(Letter(person.email.strip(), person.language, (person,)) for person in people)


@contextmanager
def open_mail(config: Config) -> Iterator[Callable[[Parcel], None]]:
    """Talk to the mail server as long as the context lasts. Raises Undelivered where it is away or will not have us."""
    import smtplib  # loaded where mail is sent

    try:
        server = _connect(config)
    except smtplib.SMTPAuthenticationError as error:
        raise Undelivered(f"the mail server refuses the log-in: {_told(error)}", everything=True) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"the mail server is away: {_told(error)}", everything=True) from error

    def send(parcel: Parcel) -> None:
        _send(server, config, parcel)

    try:
        yield send
    finally:
        try:
            server.quit()
        except (OSError, smtplib.SMTPException):
            server.close()


def _connect(config: Config) -> smtplib.SMTP:
    import smtplib
    import ssl

    mail = config.mail
    if mail.security == "tls":
        context = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(mail.host, mail.port, timeout=SECONDS, context=context)
    else:
        server = smtplib.SMTP(mail.host, mail.port, timeout=SECONDS)
    try:
        if mail.security == "starttls":
            server.starttls(context=ssl.create_default_context())
        if mail.user:
            server.login(mail.user, mail.password)
    except BaseException:
        server.close()
        raise
    return server


def _send(server: smtplib.SMTP, config: Config, parcel: Parcel) -> None:
    import smtplib

    if not _ADDRESS.match(parcel.address):
        raise Undelivered(f"{parcel.address!r} is no e-mail address", again=False)
    try:
        server.send_message(make_mail(config, parcel), sender_of(config), [parcel.address])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise Undelivered(f"{code} {said.decode(errors='replace')}"[:500], again=code < 500) from error
    except smtplib.SMTPSenderRefused as error:  # every other message has the same sender
        raise Undelivered(_told(error), everything=True) from error
    except smtplib.SMTPResponseException as error:
        raise Undelivered(_told(error), again=error.smtp_code < 500) from error
    except smtplib.SMTPNotSupportedError as error:
        raise Undelivered(_told(error), again=False) from error
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"the mail server broke off: {_told(error)}", everything=True) from error


def make_mail(config: Config, parcel: Parcel) -> EmailMessage:
    """Return the letter of a parcel."""
    from email.message import EmailMessage
    from email.policy import SMTP
    from email.utils import format_datetime

    sender = sender_of(config)
    made = EmailMessage(policy=SMTP)
    made["From"] = sender
    made["To"] = parcel.address
    made["Subject"] = _BLANKS.sub(" ", parcel.subject or parcel.body).strip()[:200]
    made["Date"] = format_datetime(parcel.at)
    made["Message-ID"] = f"<{sha256(parcel.key.encode()).hexdigest()[:40]}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # no mailbox answers it by itself
    made.set_content("\n\n".join(part for part in (parcel.body, parcel.link) if part) + "\n")
    return made


def sender_of(config: Config) -> str:
    """Return the address that letters come from."""
    return config.mail.sender or (config.mail.user if "@" in config.mail.user else f"tenon@{config.mail.host}")


def _told(error: Exception) -> str:
    said = getattr(error, "smtp_error", None)
    words = said.decode(errors="replace") if isinstance(said, bytes) else str(said or error)
    code = getattr(error, "smtp_code", "")
    return " ".join(f"{code} {words}".split())[:500] or type(error).__name__


KIND = ChannelKind(
    name="mail",
    label=Text(zh="邮件", en="E-mail"),
    help=Text(zh="发到用户的邮箱", en="Sent to a user's e-mail address"),
    letters=letters,
    ready=lambda config: bool(config.mail.host),
    open=open_mail,
    missing=Text(
        zh="未设置邮件服务器：请配置 mail.host 与 mail.sender",
        en="there is no mail server: set mail.host and mail.sender",
    ),
)
