"""Targets from a CSV file `owner,team,pipeline,period,amount`: what would come of it, and doing it.

Owners are given by mail address or name, teams and pipelines by name; a line without any is everybody's. Periods are
written 2026-03 or 2026-Q1, amounts 1234.50, in the workspace's currency.
"""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from pydantic import BaseModel

from crm import pipelines
from crm.foundation import bounds
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.platform.people import teams, users
from crm.reports import targets
from crm.reports.targets import Span, Subject, Target
from crm.store import Reading, Writing

LARGEST_FILE = 2**20
"""Bytes: a hundred owners with ten years of months are half of it."""
COLUMNS = ("owner", "team", "pipeline", "period", "amount")


class Reject(BaseModel, frozen=True):
    line: int
    reason: str


class Outcome(BaseModel, frozen=True):
    """`new` + `changed` + `unchanged` + the rejects are the lines of the file."""

    new: int
    changed: int
    unchanged: int
    rejects: list[Reject]

    @property
    def rejected(self) -> int:
        return len(self.rejects)


@dataclass(frozen=True)
class _Line:
    subject: Subject
    span: Span
    amount: Decimal
    before: Target | None
    currency: str

    @property
    def fate(self) -> str:
        if self.before is None:
            return "new"
        # An amount in the workspace's former currency is changed by any amount.
        same = self.before.amount == self.amount and self.before.currency == self.currency
        return "unchanged" if same else "changed"


def plan(tx: Reading, content: bytes) -> Outcome:
    """What `apply` would do. Raises Invalid for what is no such file."""
    targets.require_setting(tx)
    return _outcome(*_read(tx, content))


def apply(tx: Writing, content: bytes) -> Outcome:
    """Set the targets of a file; rejected lines set nothing. The same file once more changes nothing."""
    targets.require_setting(tx)
    lines, rejects = _read(tx, content)
    for line in lines:
        if line.fate != "unchanged":
            targets.write(tx, line.subject, line.span, line.amount, line.before)
    return _outcome(lines, rejects)


def _outcome(lines: list[_Line], rejects: list[Reject]) -> Outcome:
    fates = [line.fate for line in lines]
    return Outcome(
        new=fates.count("new"), changed=fates.count("changed"), unchanged=fates.count("unchanged"), rejects=rejects
    )


def _read(tx: Reading, content: bytes) -> tuple[list[_Line], list[Reject]]:
    known = {(target.subject, target.span): target for target in targets.all_of(tx)}
    spans: dict[Subject, set[Span]] = {}
    for subject, span in known:
        spans.setdefault(subject, set()).add(span)
    names = _Names(tx)
    first_lines: dict[tuple[Subject, Span], int] = {}
    lines, rejects = [], []
    for number, cells in _cells(content):
        try:
            subject, span = names.subject(cells), Span.parse(cells["period"])
            amount = targets.checked_amount(cells["amount"], tx.actor.currency)
            earlier = first_lines.setdefault((subject, span), number)
            if earlier != number:
                raise Invalid(tr("Line {line} has a target for the same.", line=earlier), "period")
            targets.refuse_overlap(span, spans.setdefault(subject, set()))
        except Invalid as fault:
            rejects.append(Reject(line=number, reason=str(fault)))
            continue
        spans[subject].add(span)
        lines.append(_Line(subject, span, amount, known.get((subject, span)), tx.actor.currency))
    return lines, rejects


def _cells(content: bytes) -> Iterator[tuple[int, dict[str, str]]]:
    """Each line that is not empty, with its number in the file."""
    if len(content) > LARGEST_FILE:
        raise Invalid(tr("The file is larger than {size} MB.", size=LARGEST_FILE // 2**20), "file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(tr("The file is no text in UTF-8. Save it as CSV in UTF-8."), "file") from None
    head = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=";" if head.count(";") > head.count(",") else ",")
    try:
        header = [name.strip().lower() for name in next(reader, [])]
        if not {"period", "amount"} <= set(header) <= set(COLUMNS) or len(header) != len(set(header)):
            raise Invalid(
                tr("This is no file of targets: the first line is “{columns}”.", columns=",".join(COLUMNS)), "file"
            )
        for cells in reader:
            if any(cell.strip() for cell in cells):
                given = dict(zip(header, (cell.strip() for cell in cells), strict=False))
                yield reader.line_num, dict.fromkeys(COLUMNS, "") | given
    except csv.Error as error:
        raise Invalid(tr("The file cannot be read as CSV: {error}.", error=error), "file") from None


class _Names:
    """Finds owners, teams and pipelines by what people call them."""

    def __init__(self, tx: Reading) -> None:
        people = users.everyone(tx)
        self._owners = _by_name((name, user.id) for user in people for name in {user.email, user.name})
        self._teams = _by_name((team.name, team.id) for team in teams.everyone(tx))
        self._pipelines = _by_name((pipeline.name, pipeline.id) for pipeline in pipelines.all_of(tx))

    def subject(self, cells: dict[str, str]) -> Subject:
        found = Subject(
            owner_id=_one(self._owners, cells["owner"], later("owner")),
            team_id=_one(self._teams, cells["team"], later("team")),
            pipeline_id=_one(self._pipelines, cells["pipeline"], later("pipeline")),
        )
        if not found.is_one:
            raise Invalid(tr("A target is of one owner, one team or one pipeline: give one of them, or none."), "owner")
        return found


def _by_name(pairs: Iterator[tuple[str, int]]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for name, number in pairs:
        found.setdefault(name.casefold(), set()).add(number)
    return found


def _one(known: dict[str, set[int]], name: str, called: str) -> int | None:
    if not name:
        return None
    ids = known.get(name.casefold(), set())
    if not ids:
        raise Invalid(tr("There is no {called} “{name}”.", called=tr(called), name=bounds.shown(name)), called)
    if len(ids) > 1:
        message = tr("“{name}” is the name of {count} people: give the mail address.", name=name, count=len(ids))
        raise Invalid(message, called)
    return next(iter(ids))
