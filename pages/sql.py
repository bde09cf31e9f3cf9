"""SQL: queries over what the reader may see, in an editor, with their rows, chart, plan and files."""

from functools import partial

import streamlit as st

from crm.foundation.access import Permission
from crm.foundation.errors import CrmError
from crm.platform import process
from crm.ui import refusals, session
from crm.ui.workbench import draft as drafts
from crm.ui.workbench import editor, inputs, results, saved
from crm.ui.workbench.draft import Draft
from crm.ui.workbench.editor import Problem
from crm.workbench import background, running
from crm.workbench.limits import LONGEST
from crm.workbench.running import QueryRefused

EDITOR = "sql-editor"


@refusals.fragment
def work(draft: Draft) -> None:
    """Draw the editor, and below it what came of the last run."""
    job = draft.job
    editor.draw(
        key=EDITOR,
        text=draft.text,
        saved=draft.saved.sql if draft.saved else "",
        revision=draft.revision,
        place=draft.place,
        fresh=draft.fresh,
        forget=draft.forget,
        running=bool(job and job.at_work),
        problem=problem(draft),
        on_text=partial(take_text, draft),
        on_run=partial(run, draft),
    )
    inputs.draw(draft)
    saved.actions(draft)
    results.draw(draft)
    st.caption(results.limits(running.of(process.store()).limits))


def problem(draft: Draft) -> Problem | None:
    """Where the text was refused, while it is still the text that was."""
    job = draft.job
    refusal = job.refusal if job else None
    if job is None or job.query.sql != draft.text or not isinstance(refusal, QueryRefused):
        return None
    return Problem(str(refusal), refusal.line, refusal.column or 1) if refusal.line else None


def take_text(draft: Draft) -> None:
    typed(draft, "text")


def typed(draft: Draft, event: str) -> bool:
    """Take over what the browser sent. Of a text that was replaced since, it is too late."""
    sent = editor.sent(EDITOR, event)
    if not sent or sent.get("revision") != draft.revision:
        return False
    draft.text = sent["text"][: LONGEST + 1]  # one more is refused with the limit
    draft.fresh = False
    return True


def run(draft: Draft) -> None:
    if not typed(draft, "run"):
        return
    jobs = background.of(process.store())
    is_saved = draft.saved is not None and not draft.is_changed
    job = jobs.start(session.actor(), draft.query, saved_as=draft.saved.id if draft.saved and is_saved else None)
    draft.run_id = job.run_id
    job.done.wait(background.SOON)


def show() -> None:
    session.require(Permission.RUN_SQL)
    running.of(process.store()).pool.warm_up()
    draft = drafts.current()
    saved.title(draft)
    work(draft)
    saved.dialogs(draft)


try:
    show()
except CrmError as refusal:
    refusals.show(refusal)
