"""The outbox: mail is put in with the change it tells of, sent by the worker to a real server, and tried again."""

import smtplib
import socket
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from crm import imports
from crm.foundation import clock
from crm.foundation.access import SYSTEM
from crm.platform import jobs, mail
from crm.worker import work_one
from tests.imports.conftest import begin, bring, rows

__all__ = ["begin", "bring"]


class Postbox:
    """What a mail server does with what it is sent; `answers` come first, then it takes everything."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.answers: list[str] = []
        self.signed_in: list[LoginPassword] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.answers:
            return self.answers.pop(0)
        self.taken.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def authenticate(
        self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: object
    ) -> AuthResult:
        self.signed_in.append(given)
        return AuthResult(success=given.password == b"p@ss/word")


@pytest.fixture
def postbox(monkeypatch):
    found = Postbox()
    found.port = free_port()
    server = Controller(
        found,
        hostname="127.0.0.1",
        port=found.port,
        authenticator=found.authenticate,
        auth_require_tls=False,
    )
    server.start()
    monkeypatch.setenv("CRM_SMTP_URL", f"smtp://127.0.0.1:{found.port}")
    monkeypatch.setenv("CRM_MAIL_FROM", "mallard@crm.example.com")
    monkeypatch.setenv("CRM_BASE_URL", "https://crm.example.com")
    yield found
    server.stop()


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


def work(store):
    while work_one(store):
        pass


def post(store, user_id, subject="Hello", body="Text\n"):
    with store.writing(SYSTEM) as tx:
        mail.post(tx, user_id, subject, body)


def test_the_end_of_an_import_is_mailed_with_counts_duration_and_links(store, team, postbox, bring):
    bring(team.marta, "contacts", "name,email\nAna,ana@x.com\nBob,nope\n")
    [told] = postbox.taken
    assert told["To"] == "marta@mallard.test.example.com"
    assert told["From"] == "mallard@crm.example.com"
    assert told["Subject"] == "The import of contacts.csv is done"
    text = told.get_content()
    assert "2 rows read, 1 created, 1 rejected." in text
    assert "https://crm.example.com/imports?import=1" in text
    assert "https://crm.example.com/imports/1/rejected.csv" in text
    assert "It took 1 s." in text


def test_the_undoing_of_an_import_is_mailed_to_who_asked(store, team, postbox, bring):
    done = bring(team.marta, "contacts", "name\nAna\n")
    with store.writing(team.ada) as tx:
        imports.undo(tx, done.id)
    work(store)
    assert [told["To"] for told in postbox.taken] == [f"{name}@mallard.test.example.com" for name in ("marta", "ada")]
    assert "1 created records deleted" in postbox.taken[1].get_content()


def test_without_a_server_nothing_is_written(store, team, bring, monkeypatch):
    monkeypatch.delenv("CRM_SMTP_URL", raising=False)
    bring(team.marta, "contacts", "name\nAna\n")
    assert rows(store, SYSTEM, "SELECT count(*) FROM base.mails") == [(0,)]


def test_once_it_is_sent_its_text_is_gone(store, team, postbox):
    post(store, team.ids.ana, body="Secret")
    work(store)
    assert rows(store, SYSTEM, "SELECT state, body FROM base.mails") == [("sent", "")]
    assert "Secret" in postbox.taken[0].get_content()


def test_what_the_server_cannot_take_now_is_tried_later(store, team, postbox, monkeypatch):
    postbox.answers = ["451 Busy"]
    post(store, team.ids.ana)
    work(store)
    assert rows(store, SYSTEM, "SELECT state, tries FROM base.mails") == [("queued", 1)]
    later = clock.now() + timedelta(minutes=2)
    monkeypatch.setattr(clock, "now", lambda: later)
    work(store)
    assert rows(store, SYSTEM, "SELECT state, error FROM base.mails") == [("sent", None)]
    assert len(postbox.taken) == 1


def test_what_the_server_never_takes_is_given_up_and_says_why(store, team, postbox):
    postbox.answers = ["550 No such mailbox"]
    post(store, team.ids.ana)
    work(store)
    [(state, error)] = rows(store, SYSTEM, "SELECT state, error FROM base.mails")
    assert state == "failed"
    assert "No such mailbox" in error
    with store.reading(SYSTEM) as tx:
        assert not jobs.any_due(tx)


def test_a_server_that_is_away_is_tried_again_and_in_the_end_given_up(store, team, monkeypatch):
    monkeypatch.setenv("CRM_SMTP_URL", "smtp://127.0.0.1:1")
    post(store, team.ids.ana)
    now = clock.now()
    for tried in range(mail.MOST_TRIES):
        monkeypatch.setattr(clock, "now", lambda tried=tried: now + timedelta(days=tried))
        work(store)
    assert rows(store, SYSTEM, "SELECT state, tries FROM base.mails") == [("failed", mail.MOST_TRIES)]


def test_it_signs_in_with_the_password_of_the_address(store, team, postbox, monkeypatch):
    monkeypatch.setenv("CRM_SMTP_URL", f"smtp://us%40er:p%40ss%2Fword@127.0.0.1:{postbox.port}")
    post(store, team.ids.ana)
    work(store)
    assert [given.login for given in postbox.signed_in] == [b"us@er"]
    assert len(postbox.taken) == 1


def test_a_password_never_travels_in_the_clear(monkeypatch):
    class Elsewhere(smtplib.SMTP):
        """A server that is reached, and offers no TLS."""

        def connect(self, *_: object, **__: object) -> tuple[int, bytes]:
            return 220, b"hello"

        def ehlo(self, name: str = "") -> tuple[int, bytes]:
            return 250, b"hello"

    monkeypatch.setattr(smtplib, "SMTP", Elsewhere)
    with pytest.raises(mail.NotSent, match="no TLS"):
        mail._connect(mail.urlsplit("smtp://user:secret@mail.example.com"))


def test_one_who_was_disabled_meanwhile_gets_none(store, team, postbox):
    post(store, team.ids.ana)
    with store.writing(SYSTEM) as tx:
        tx.run("UPDATE base.users SET active = false WHERE id = $id", id=team.ids.ana)
    work(store)
    assert postbox.taken == []


def test_a_file_name_breaks_no_head_of_a_mail(store, team, postbox):
    post(store, team.ids.ana, subject="The import of a\r\nBcc: eve@x.com is done")
    work(store)
    [told] = postbox.taken
    assert told["Subject"] == "The import of a Bcc: eve@x.com is done"
    assert told["Bcc"] is None


def test_a_change_that_is_not_kept_sends_no_mail(store, team, postbox):
    with pytest.raises(ZeroDivisionError), store.writing(SYSTEM) as tx:
        mail.post(tx, team.ids.ana, "Hello", "Text")
        raise ZeroDivisionError
    work(store)
    assert postbox.taken == []
