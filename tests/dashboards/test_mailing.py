"""Dashboards by mail: on time, once, to each what they may see."""

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from crm.dashboards import mailing, printing, saved, schedules
from crm.dashboards.model import Tile
from crm.dashboards.recurrence import Every
from crm.dashboards.tiles import Width
from crm.foundation.access import SYSTEM
from crm.pipelines import Pipeline
from crm.platform import jobs, notices, workspace
from crm.platform.people import users
from crm.store import Store
from crm.verify import verify
from crm.worker import requeue_interrupted, work_one
from tests.notifications.conftest import at
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.platform.test_mail import Postbox, postbox

__all__ = ["at", "postbox"]

At = Callable[[str], None]
MONDAY = "2030-05-06"


def work(store: Store) -> None:
    while work_one(store):
        pass


@pytest.fixture
def board(store: Store, team: Team, sales: Pipeline, postbox: Postbox, at: At) -> int:
    """Marta's, shared with everybody, of the open pipeline alone. It is Sunday noon."""
    at("2030-05-05 12:00")
    with store.writing(team.marta) as tx:
        tiles = (Tile(kind="open_pipeline", width=Width.HALF, title="What is open"),)
        return saved.create(tx, name="Board", tiles=tiles, shared=True).id


@pytest.fixture
def weekly(store: Store, team: Team, board: int) -> int:
    """On Mondays at 8, to Marta, Bob and Vera."""
    return schedule(store, team, board, team.ids.marta, team.ids.bob, team.ids.vera)


def schedule(store: Store, team: Team, board: int | None, *recipients: int, **fields: Any) -> int:
    given = {"every": Every.WEEK, "weekday": 1, "hour": 8, **fields}
    with store.writing(team.marta) as tx:
        return schedules.create(tx, dashboard_id=board, recipient_ids=recipients, **given).id


def to(postbox: Postbox) -> list[str]:
    return [told["To"].split("@")[0] for told in postbox.taken]


def paper(told: EmailMessage) -> str:
    [attached] = told.iter_attachments()
    assert attached.get_content_type() == "application/pdf"
    assert (attached.get_filename() or "").endswith(".pdf")
    pages = PdfReader(BytesIO(attached.get_content())).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def test_each_gets_their_own_figures_on_time_in_their_language(
    store: Store, team: Team, weekly: int, postbox: Postbox, at: At
) -> None:
    owner_privacy(store, team)
    with store.writing(team.bob) as tx:
        users.choose_language(tx, "pt_BR")
    at(f"{MONDAY} 07:59")
    work(store)
    assert postbox.taken == []
    at(f"{MONDAY} 08:00")
    work(store)
    assert to(postbox) == ["marta", "bob", "vera"]
    marta, bob, vera = postbox.taken
    assert marta["Subject"] == "Board, May 6, 2030"
    assert bob["Subject"] == "Board, 6 de maio de 2030"
    for told, amount in ((marta, "R$23K"), (bob, "R$ 16 mil"), (vera, "R$0")):
        assert amount in paper(told)
    said = marta.get_body().get_content()  # type: ignore[union-attr]
    assert "- What is open: R$23K" in said
    assert "https://crm.example.com/dashboards?dashboard=1" in said
    assert "Marta has it mailed to you: Every week on Monday, at 8:00" in said
    with store.reading(SYSTEM) as tx:
        assert tx.value("SELECT count(*) FROM base.mail_attachments") == 0  # sent is gone
    work(store)
    assert len(postbox.taken) == 3
    at("2030-05-13 08:00")
    work(store)
    assert len(postbox.taken) == 6
    assert verify(store) == []


def test_who_is_disabled_or_sees_it_no_more_gets_none(
    store: Store, team: Team, board: int, weekly: int, postbox: Postbox, at: At
) -> None:
    with store.writing(team.ada) as tx:
        users.disable(tx, team.ids.vera)
    at(f"{MONDAY} 08:00")
    work(store)
    assert to(postbox) == ["marta", "bob"]
    with store.writing(team.marta) as tx:
        saved.edit(tx, board, shared=False)
    at("2030-05-13 08:00")
    work(store)
    assert to(postbox)[2:] == ["marta"]
    with store.writing(team.ada) as tx:
        users.enable(tx, team.ids.vera)
    with store.writing(team.marta) as tx:
        saved.edit(tx, board, shared=True)
    at("2030-05-20 08:00")
    work(store)
    assert to(postbox)[3:] == ["marta", "bob", "vera"]


def test_times_that_were_missed_are_mailed_once(store: Store, team: Team, board: int, postbox: Postbox, at: At) -> None:
    schedule(store, team, board, team.ids.marta, every=Every.DAY, weekday=None)
    at("2030-05-20 19:00")
    work(store)
    assert len(postbox.taken) == 1
    at("2030-05-20 20:00")
    work(store)
    assert len(postbox.taken) == 1
    at("2030-05-21 08:00")
    work(store)
    assert len(postbox.taken) == 2


def test_a_clock_that_goes_back_mails_nothing_twice(store: Store, weekly: int, postbox: Postbox, at: At) -> None:
    at(f"{MONDAY} 08:00")
    work(store)
    at(f"{MONDAY} 07:30")
    with store.writing(SYSTEM) as tx:
        schedules.queue(tx)
    for moment in (f"{MONDAY} 08:00", f"{MONDAY} 09:00"):
        at(moment)
        work(store)
    assert len(postbox.taken) == 3


@pytest.mark.parametrize("job", [schedules.JOB, mailing.JOB])
def test_a_process_that_ended_at_work_mails_once_at_its_next_start(
    store: Store, team: Team, board: int, postbox: Postbox, at: At, job: str
) -> None:
    """Whether it ended before the job wrote anything, or after."""
    schedule(store, team, board, team.ids.marta)
    at(f"{MONDAY} 08:00")
    while True:
        with store.writing(SYSTEM) as tx:
            claimed = jobs.claim(tx)
        assert claimed
        if claimed.kind == job:
            break
        mailing.run_due(store, claimed.subject_id)
        with store.writing(SYSTEM) as tx:
            jobs.finish(tx, claimed.id, "done")
    run = {schedules.JOB: mailing.run_due, mailing.JOB: mailing.run}[job]
    run(store, claimed.subject_id)  # and then the process ends, with the job marked as running
    requeue_interrupted(store)
    with store.writing(SYSTEM) as tx:
        schedules.queue(tx)
    work(store)
    assert len(postbox.taken) == 1


def test_a_job_that_is_lost_is_queued_at_the_start(store: Store, weekly: int, postbox: Postbox, at: At) -> None:
    with store.writing(SYSTEM) as tx:
        tx.run("DELETE FROM base.jobs")
        schedules.queue(tx)
    at(f"{MONDAY} 08:00")
    work(store)
    assert len(postbox.taken) == 3


def test_the_hour_is_that_of_the_workspace_as_it_is_then(
    store: Store, team: Team, weekly: int, postbox: Postbox, at: At
) -> None:
    with store.writing(team.ada) as tx:
        workspace.change(tx, time_zone="UTC")
    at(f"{MONDAY} 05:01")  # 08:01 in UTC
    work(store)
    assert len(postbox.taken) == 3


def test_what_is_changed_makes_up_for_nothing(store: Store, team: Team, weekly: int, postbox: Postbox, at: At) -> None:
    at(f"{MONDAY} 08:30")
    with store.writing(team.marta) as tx:
        schedules.edit(tx, weekly, hour=7)
    work(store)
    assert postbox.taken == []
    with store.writing(team.marta) as tx:
        schedules.edit(tx, weekly, hour=9)
    at(f"{MONDAY} 09:00")
    work(store)
    assert len(postbox.taken) == 3


def test_without_a_server_times_pass_and_are_not_made_up_for(
    store: Store, weekly: int, postbox: Postbox, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    at(f"{MONDAY} 08:00")
    with monkeypatch.context() as patched:
        patched.delenv("CRM_SMTP_URL")
        work(store)
    at(f"{MONDAY} 12:00")
    work(store)
    assert postbox.taken == []


def test_one_that_cannot_be_printed_is_told_to_its_owner_and_the_rest_is_mailed(
    store: Store, team: Team, weekly: int, postbox: Postbox, at: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = printing.printed

    def broken(printout: printing.Printout) -> bytes:
        if printout.reader == "Bob":
            raise ZeroDivisionError
        return printed(printout)

    monkeypatch.setattr(printing, "printed", broken)
    at(f"{MONDAY} 08:00")
    work(store)
    assert to(postbox) == ["marta", "vera"]
    with store.reading(team.marta) as tx:
        [told] = notices.of_actor(tx)
    assert told.text.startswith("“Board” could not be mailed to Bob.")
    assert told.link == "/dashboards?dashboard=1"


def test_the_sales_overview_is_mailed_too(store: Store, team: Team, board: int, postbox: Postbox, at: At) -> None:
    schedule(store, team, None, team.ids.bob, every=Every.MONTH, weekday=None, month_day=31)
    at("2030-05-31 08:00")
    work(store)
    [told] = postbox.taken
    assert told["Subject"] == "Sales overview, May 31, 2030"
    assert "What changed in a week" in paper(told)
    at("2030-06-30 08:00")
    work(store)
    assert len(postbox.taken) == 2


def test_a_mail_that_the_server_takes_later_has_its_paper(store: Store, weekly: int, postbox: Postbox, at: At) -> None:
    postbox.answers = ["451 Busy"]
    at(f"{MONDAY} 08:00")
    work(store)
    assert to(postbox) == ["bob", "vera"]
    at(f"{MONDAY} 08:02")
    work(store)
    assert to(postbox) == ["bob", "vera", "marta"]
    assert "What is open" in paper(postbox.taken[2])


def test_the_job_looks_again_within_the_hour(store: Store, weekly: int) -> None:
    with store.reading(SYSTEM) as tx:
        [row] = tx.rows("SELECT not_before FROM base.jobs WHERE kind = $kind", kind=schedules.JOB)
        assert row["not_before"] == tx.now + timedelta(hours=1)
