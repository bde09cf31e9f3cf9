"""Mail to users: put into the outbox in the transaction of its change, sent by the worker, retried until delivered.
Without CRM_SMTP_URL nothing is written or sent."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from email.message import EmailMessage
from email.utils import formatdate
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from crm.foundation import identity, settings
from crm.foundation.access import SYSTEM
from crm.foundation.language import later
from crm.foundation.settings import Settings
from crm.platform import jobs
from crm.store import Reading, Row, Store, Writing

JOB = "mail"
MOST_TRIES = 10
"""The waits double, so the last try is about 17 hours after the first."""
FIRST_WAIT = timedelta(minutes=1)
SECONDS_TO_ANSWER = 30


class NotSent(Exception):
    """The server did not accept the mail; `for_good` where a retry is pointless."""

    def __init__(self, reason: str, *, for_good: bool) -> None:
        super().__init__(reason)
        self.for_good = for_good


@dataclass(frozen=True)
class Attachment:
    name: str
    """In ASCII, with the ending of its kind."""
    media_type: str
    content: bytes
    words: str
    """What it says, in plain text: an erasure finds people by it."""


def is_set_up() -> bool:
    return settings.load().smtp_url is not None


def post(tx: Writing, user_id: int, subject: str, body: str, attachments: Sequence[Attachment] = ()) -> None:
    """Put a mail to a user into the outbox. Checks no permission: the calling verb did."""
    if not is_set_up():
        return
    mail_id = tx.insert(
        """
        INSERT INTO base.mails (user_id, subject, body, state, tries, created_at)
        VALUES ($user_id, $subject, $body, 'queued', 0, $now)
        RETURNING id
        """,
        user_id=user_id,
        subject=identity.text(
            " ".join(subject.split()), later("subject"), limit=200
        ),  # a line break would end the header
        body=body,
        now=tx.now,
    )
    for each in attachments:
        tx.run(
            """
            INSERT INTO base.mail_attachments (mail_id, name, media_type, content, words)
            VALUES ($mail_id, $name, $media_type, $content, $words)
            """,
            mail_id=mail_id,
            name=each.name,
            media_type=each.media_type,
            content=each.content,
            words=each.words,
        )
    jobs.enqueue(tx, JOB, mail_id)
    tx.record("mail.posted", "mail", mail_id, user_id=user_id)


def address_of(path: str) -> str:
    """The absolute URL of one of the product's paths, for links in mail."""
    config = settings.load()
    return (config.base_url or config.own_url).rstrip("/") + path


def run(store: Store, mail_id: int) -> str:
    """Send one mail of the outbox; queue it again where the server does not accept it. Returns how the job ended."""
    with store.reading(SYSTEM) as tx:
        queued = _queued_mail(tx, mail_id)
        attachments = _attachments(tx, mail_id) if queued else []
    config = settings.load()
    if queued is None or config.smtp_url is None:
        return "done"
    try:
        # Before it is marked as sent: a crash in between sends a mail twice, and loses none.
        _send(urlsplit(config.smtp_url), _message(config, queued, attachments))
    except NotSent as refusal:
        return _retry_later(store, queued, refusal)
    with store.writing(SYSTEM) as tx:
        # The text may name people, and nobody needs it once it is sent.
        tx.run(
            "UPDATE base.mails SET state = 'sent', body = '', error = NULL, sent_at = $now WHERE id = $id",
            now=tx.now,
            id=mail_id,
        )
        _drop_attachments(tx, mail_id)
    return "done"


def on_failure(store: Store, mail_id: int, why: str) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run(
            "UPDATE base.mails SET state = 'failed', error = $error WHERE id = $id AND state = 'queued'",
            error=f"{why}, and it was not sent.",
            id=mail_id,
        )
        _drop_attachments(tx, mail_id)


def _queued_mail(tx: Reading, mail_id: int) -> Row | None:
    """The queued mail with the user's current address; None where it was sent, or the user is disabled."""
    found = tx.rows(
        """
        SELECT mail.id, mail.subject, mail.body, mail.tries, mail.created_at, person.email
        FROM base.mails AS mail
        JOIN base.users AS person ON person.id = mail.user_id
        WHERE mail.id = $id AND mail.state = 'queued' AND person.active
        """,
        id=mail_id,
    )
    return found[0] if found else None


def _attachments(tx: Reading, mail_id: int) -> list[Row]:
    return tx.rows(
        "SELECT name, media_type, content FROM base.mail_attachments WHERE mail_id = $id ORDER BY id", id=mail_id
    )


def _drop_attachments(tx: Writing, mail_id: int) -> None:
    tx.run("DELETE FROM base.mail_attachments WHERE mail_id = $id", id=mail_id)


def _retry_later(store: Store, queued: Row, refusal: NotSent) -> str:
    tries = queued["tries"] + 1
    given_up = refusal.for_good or tries >= MOST_TRIES
    with store.writing(SYSTEM) as tx:
        tx.run(
            "UPDATE base.mails SET state = $state, tries = $tries, error = $error WHERE id = $id",
            state="failed" if given_up else "queued",
            tries=tries,
            error=str(refusal)[:500],
            id=queued["id"],
        )
        if given_up:
            _drop_attachments(tx, queued["id"])
        else:
            jobs.enqueue(tx, JOB, queued["id"], not_before=tx.now + FIRST_WAIT * 2 ** (tries - 1))
    return "failed"


def _send(server: SplitResult, message: EmailMessage) -> None:
    try:
        with _connect(server) as smtp:
            if server.username:
                smtp.login(unquote(server.username), unquote(server.password or ""))
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as refusal:
        code, reply = next(iter(refusal.recipients.values()))
        # 5xx is permanent, 4xx temporary (RFC 5321).
        raise NotSent(f"{code} {reply!r}", for_good=code >= 500) from refusal
    except smtplib.SMTPAuthenticationError as refusal:  # somebody corrects the password; the mail waits
        raise NotSent(str(refusal), for_good=False) from refusal
    except smtplib.SMTPResponseException as refusal:
        raise NotSent(str(refusal), for_good=refusal.smtp_code >= 500) from refusal
    except (OSError, smtplib.SMTPException) as refusal:
        raise NotSent(str(refusal), for_good=False) from refusal


def _connect(server: SplitResult) -> smtplib.SMTP:
    """Connect: smtps:// uses TLS from the start, smtp:// STARTTLS if the server offers it. Raises NotSent rather than
    send a password unencrypted to another machine."""
    host, context = server.hostname or "localhost", ssl.create_default_context()
    if server.scheme == "smtps":
        return smtplib.SMTP_SSL(host, server.port or 465, timeout=SECONDS_TO_ANSWER, context=context)
    smtp = smtplib.SMTP(host, server.port or 587, timeout=SECONDS_TO_ANSWER)
    smtp.ehlo()
    if smtp.has_extn("starttls"):
        smtp.starttls(context=context)
    elif server.username and not _is_loopback(host):
        smtp.close()
        raise NotSent("The mail server offers no TLS, and a password is not sent without.", for_good=False)
    return smtp


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _message(config: Settings, queued: Row, attachments: list[Row]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = queued["subject"]
    message["From"] = config.mail_from
    message["To"] = queued["email"]
    message["Date"] = formatdate()
    # The same at each try: a server that is sent a mail twice can tell.
    name = f"mail-{queued['id']}-{queued['created_at'].timestamp():.6f}"
    message["Message-ID"] = f"<{name}@{config.mail_from.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # no out-of-office reply answers it (RFC 3834)
    message.set_content(queued["body"])
    for each in attachments:
        maintype, _, subtype = each["media_type"].partition("/")
        message.add_attachment(each["content"], maintype=maintype, subtype=subtype, filename=each["name"])
    return message
