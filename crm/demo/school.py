"""Records of a team's own: the courses of a school and who is enrolled in them, of the template, linked to contacts and
deals."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from crm import objects
from crm.demo.calendar import office_hour
from crm.demo.customers import NewContact
from crm.demo.opportunities import NewDeal
from crm.demo.people import Rep
from crm.demo.phrases import COURSES
from crm.foundation import identity
from crm.foundation.access import Module
from crm.foundation.language import tr
from crm.objects import ObjectType
from crm.platform import workspace
from crm.records import attributes, links, registry
from crm.store import Writing

CURRENCY = "BRL"
ENROLMENTS, INTERESTED, LONGEST_AGO = 72, 15, 240
"""Records; open deals about a course; the most days that somebody is enrolled."""

ENROLLED, ON_HOLD, FINISHED, DROPPED_OUT = range(4)
STUDENT, GUARDIAN, OF_INTEREST = range(3)
"""Places in the lists of the template."""


def write_school(
    tx: Writing,
    seed: int,
    contacts: Sequence[NewContact],
    deals: Sequence[NewDeal],
    reps: Sequence[Rep],
    midnight: datetime,
) -> None:
    """Switch custom objects on, and write the school. A random generator of its own keeps all other records the same
    with and without it."""
    chance = random.Random(seed + 3)  # noqa: S311 — looks, not secrets
    workspace.switch(tx, Module.OBJECTS, True)
    template = next(one for one in objects.TEMPLATES if one.key == "school")
    course, enrolment = objects.from_template(tx, template)
    course_ids = _write_courses(tx, chance, course, reps, midnight)
    students = _write_enrolments(tx, chance, enrolment, contacts, midnight)
    _write_links(tx, course, "contact", [(course_ids[at], person, STUDENT, day) for at, person, day in students])
    wanted = chance.sample([deal for deal in deals if not deal.closed_on], k=INTERESTED)
    interest = [(chance.choice(course_ids), deal.id, OF_INTEREST, deal.created_at) for deal in wanted]
    _write_links(tx, course, "deal", interest)


def _write_courses(
    tx: Writing, chance: random.Random, of: ObjectType, reps: Sequence[Rep], midnight: datetime
) -> list[int]:
    rows = []
    for lesson in COURSES:
        teacher = chance.choice(reps)
        starts = midnight.date() + timedelta(days=lesson.starts_in)
        level = _values(tx, of, 0)[lesson.level]
        told = office_hour(chance, midnight - timedelta(days=LONGEST_AGO + chance.randrange(90)))
        fields = (tr(lesson.name), level, lesson.price, starts, lesson.places, teacher.id)
        rows.append((fields, (teacher.id, teacher.team_id, told)))
    return _write(tx, of, rows)


def _write_enrolments(
    tx: Writing, chance: random.Random, of: ObjectType, contacts: Sequence[NewContact], midnight: datetime
) -> list[tuple[int, int, datetime]]:
    """Write the enrolments with their students, and a guardian of some; (place of the course, student, moment) of
    each."""
    enrolled = []
    for person in chance.sample([contact for contact in contacts if contact.owner_id], k=ENROLMENTS):
        longest = min((midnight - person.created_at).days, LONGEST_AGO)
        day = office_hour(chance, midnight - timedelta(days=chance.randrange(longest + 1)) - timedelta(days=1))
        at = chance.choices(range(len(COURSES)), weights=[lesson.places**2 for lesson in COURSES])[0]
        enrolled.append((max(day, person.created_at), person, at))
    enrolled.sort(key=lambda each: (each[0], each[1].id))
    situations = _values(tx, of, 1)
    rows = [
        (
            (
                f"{moment.year}-{number:03}",
                tr(COURSES[at].name),
                situations[_situation(chance, (midnight - moment).days)],
                moment.date(),
                COURSES[at].price,
            ),
            (person.owner_id, person.team_id, moment),
        )
        for number, (moment, person, at) in enumerate(enrolled, 1)
    ]
    ids = _write(tx, of, rows)
    people = [person.id for _, person, _ in enrolled]
    linked = [(ids[n], person.id, STUDENT, moment) for n, (moment, person, _) in enumerate(enrolled)]
    # The guardian of every sixth is the student of the next.
    linked += [(ids[n], people[n + 1], GUARDIAN, enrolled[n][0]) for n in range(0, len(ids) - 1, 6)]
    _write_links(tx, of, "contact", linked)
    return [(at, person.id, moment) for moment, person, at in enrolled]


def _situation(chance: random.Random, days: int) -> int:
    """How an enrolment stands that is so many days old."""
    if days > LONGEST_AGO / 2 and chance.random() < 0.6:
        return FINISHED
    return chance.choices((ENROLLED, ON_HOLD, DROPPED_OUT), weights=(8, 1, 1))[0]


def _values(tx: Writing, of: ObjectType, place: int) -> Sequence[str]:
    """The values of the type's list that is the `place`th of its fields after the first."""
    return attributes.definitions(tx, of.kind)[1 + place].values


def _write(
    tx: Writing, of: ObjectType, rows: Sequence[tuple[tuple[Any, ...], tuple[int | None, int | None, datetime]]]
) -> list[int]:
    """Write records of the type, each as the values of its fields in their order, and (owner, team, when made); their
    ids."""
    keys = [definition.key for definition in attributes.definitions(tx, of.kind)]
    records = [
        {**dict(zip(keys, fields, strict=True)), "owner_id": owner, "team_id": team, "created_at": made}
        for fields, (owner, team, made) in rows
    ]
    searched = registry.get(of.kind).searched_fields
    search = [identity.search_text(*(record.get(key) for key in searched)) for record in records]
    ids = [
        row["id"] for row in tx.rows(f"SELECT nextval('base.{of.kind}_ids') AS id FROM range($many)", many=len(rows))
    ]
    frame = pl.DataFrame(records).with_columns(id=pl.Series(ids), search=pl.Series(search))
    tx.insert_frame(
        frame,
        f"""
        INSERT INTO base.{registry.get(of.kind).plural} (
            id, {", ".join(keys)}, currency, owner_id, team_id, search, created_at, updated_at
        )
        SELECT id, {", ".join(keys)}, $currency, owner_id, team_id, search, created_at, created_at
        FROM frame
        ORDER BY id
        """,
        currency=CURRENCY,
    )
    return ids


def _write_links(tx: Writing, of: ObjectType, subject: str, linked: Sequence[tuple[int, int, int, datetime]]) -> None:
    """Write links of records of the type: (record, contact or deal, place of the label, when linked)."""
    labels = [label.id for label in links.labels(tx, of.kind)]
    rows = [(record_id, other_id, labels[label], at) for record_id, other_id, label, at in linked]
    columns = ("record_id", "other_id", "label_id", "linked_at")
    tx.insert_frame(
        pl.DataFrame(rows, schema=columns, orient="row").with_columns(day=pl.Series([at.date() for *_, at in rows])),
        """
        INSERT INTO base.links (
            object_kind, object_id, subject_kind, subject_id, link_label_id, linked_on, created_by, created_at,
            updated_at
        )
        SELECT $kind, record_id, $subject, other_id, label_id, day, $me, linked_at, linked_at
        FROM frame
        ORDER BY linked_at, record_id, other_id
        """,
        kind=of.kind,
        subject=subject,
        me=tx.actor.id,
    )
