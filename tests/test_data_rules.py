"""Each fault that `crm verify` looks for in the rows is made, and named: of every reference, key and rule that it
derives from the record types and the schema, and of every rule that a room adds."""

from collections.abc import Iterator

import pytest

from crm import companies, contacts, deals, orders, pipelines
from crm.deals import quote
from crm.foundation.access import SYSTEM, Module
from crm.platform import rates, workspace
from crm.records import checklists, data_rules, merging, registry
from crm.records.declaration import Trait
from crm.reports import targets
from crm.store import Store, Writing
from crm.store.verify import columns, doubles, orphans, rule_breaks
from crm.verify import OF_ROOMS, verify
from tests.people import Team

NO_REFERENCES = {
    "absorbed_id": "of a merge: its record may be erased by now, as the three after it",
    "survivor_id": "",
    "left_id": "",
    "right_id": "",
    "actor_id": "0 is the product itself, and a person's events outlive the person; as the two after it",
    "author_id": "",
    "by_id": "",
    "subject_id": "of a record of the type beside it: rules watch those of notes and files",
    "object_id": "as subject_id, of a custom type",
    "message_id": "of another system, as the next",
    "external_id": "",
    "tax_id": "of the letterhead: a number that an authority gave",
}
"""Names of columns that lead to no row that has to be there, and why."""

LOST = 987_654


def types() -> data_rules.Types:
    return tuple(registry.types().values())


def loosen(tx: Writing, table: str) -> None:
    """The table without its constraints, as a damaged one may be: it takes what they would refuse."""
    tx.run(f"CREATE TABLE base.loose AS FROM base.{table}")
    tx.run(f"DROP TABLE base.{table}")
    tx.run(f"ALTER TABLE base.loose RENAME TO {table}")


def test_every_column_that_names_a_row_of_another_table_is_followed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        found = columns(tx, "_id")
        leading = {one for one in found if one not in data_rules.OUTLIVING and one[1] not in NO_REFERENCES}
        leading |= {(f"{one.key}_attributes", "id") for one in types() if one.has(Trait.ATTRIBUTES)}
        for table in {table for table, _ in leading}:
            loosen(tx, table)
        for table, column in leading:
            tx.run(f"INSERT INTO base.{table} ({column}) VALUES ({LOST})")
        said = list(orphans(tx, data_rules.references(tx, types())))
    assert len(leading) > 70
    assert {tuple(line.split(" rows of ")[1].split(" not held by ")[0].split(" name a ")) for line in said} == leading
    assert all(f"such as {LOST}." in line for line in said)


def test_every_name_without_a_row_behind_it_is_of_some_column(store: Store) -> None:
    with store.reading(SYSTEM) as tx:
        found = columns(tx, "_id")
    assert NO_REFERENCES.keys() <= {column for _, column in found}
    assert data_rules.OUTLIVING.keys() <= set(found)


def test_every_key_is_held_once(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        watched = set(data_rules.keys(tx, types()))
        assert watched >= set(columns(tx, "_key"))
        for table in {table for table, _ in watched}:
            loosen(tx, table)
        for table, key in watched:
            tx.run(f"INSERT INTO base.{table} ({key}) VALUES ('x'), ('x'), ('y')")
        said = set(doubles(tx, data_rules.keys(tx, types())))
    assert said == {f"1 values of {key} are held by more than one row of {table}." for table, key in watched}


@pytest.fixture
def world(store: Store, team: Team) -> Store:
    """A row of everything that a rule is about; each rule holds."""
    with store.writing(SYSTEM) as tx:
        for module in (Module.ORDERS, Module.CATALOG):
            workspace.switch(tx, module, True)
    with store.writing(team.ada) as tx:
        rates.set_rate(tx, "USD", tx.today, 5)
        sales = pipelines.create(tx, "Sales", ["Lead", "Talk"])
        pipelines.create(tx, "Partners", ["Lead"])
        lia, other = (contacts.create(tx, name="Lia", email=f"lia{n}@x.example").id for n in (1, 2))
        aurora, ltda = (companies.create(tx, name="Aurora", domain=f"aurora{n}.example").id for n in (1, 2))
        deal = deals.create(tx, title="Chairs", pipeline_id=sales.id, value=1, contact_id=lia, identifier="D-1").id
    with store.writing(team.ada) as tx:
        deals.move(tx, deal, to_stage=sales.open_stages[1].id)
        quote.add(tx, deal, name="Chair", quantity=2, unit_price=5)
        lists = [checklists.add(tx, deal, name).id for name in ("Offer", "Visit")]
        checklists.add_item(tx, lists[0], "Measure")
        orders.create(tx, title="Lamp", value=3, contact_id=lia, source="api", external_id="A-1")
    with store.writing(team.ada) as tx:
        targets.set_target(tx, targets.Subject(), targets.Span.parse("2026-02"), 1000)
        deals.win(tx, deal)
        merging.merge(tx, "contact", lia, other)
        merging.merge(tx, "company", aurora, ltda)
        tx.run(
            """
            INSERT INTO base.uploads (sha256, file_name, size, created_by, created_at) VALUES ('x', 'x', 1, 0, $now);
            """,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.imports (kind, upload_id, state, options, total, created, created_by, created_at)
            SELECT 'contacts', id, 'done', '{}', 1, 1, 0, $now FROM base.uploads
            """,
            now=tx.now,
        )
        tx.run(
            """
            INSERT INTO base.dashboard_schedules
                (id, every, hour, weekday, user_id, settled_at, created_at, updated_at)
            VALUES (1, 'week', 8, 1, $ada, $now, $now, $now);
            """,
            ada=team.ids.ada,
            now=tx.now,
        )
        tx.run(
            "INSERT INTO base.dashboard_recipients (dashboard_schedule_id, user_id) VALUES (1, $ada)", ada=team.ids.ada
        )
    assert verify(store) == []
    return store


BROKEN = {
    "a target of more than one owner, team and pipeline": "UPDATE base.targets SET owner_id = 1, team_id = 1",
    "a target that does not begin with its month or quarter": "UPDATE base.targets SET first_day = first_day + 1",
    "two targets of one subject for the same days": """
        INSERT INTO base.targets BY NAME
        SELECT * REPLACE (id + 1 AS id, 'quarter' AS grain, date_trunc('quarter', first_day)::DATE AS first_day)
        FROM base.targets
    """,
    "a rate that is not above zero, or of the currency that it counts in": "UPDATE base.currency_rates SET rate = 0",
    "a currency with two rates for one day": """
        CREATE TABLE base.loose_rates AS FROM base.currency_rates UNION ALL FROM base.currency_rates;
        DROP TABLE base.currency_rates;
        ALTER TABLE base.loose_rates RENAME TO currency_rates
    """,
    "a rate of unknown source": "UPDATE base.currency_rates SET source = 'dream'",
    "a pipeline without exactly one Won and one Lost stage": "UPDATE base.stages SET kind = 'won' WHERE kind = 'lost'",
    "a stage that is another than its last version says": "UPDATE base.stages SET name = 'x' WHERE id = 1",
    "a version of a stage that is out of order or still to come": """
        UPDATE base.stage_versions SET happened_at = now() + INTERVAL 1 DAY
    """,
    "a deal in a stage of another pipeline": "UPDATE base.deals SET pipeline_id = 2",
    "a deal whose closing day and stage disagree": "UPDATE base.deals SET closed_on = NULL",
    "a deal that stands elsewhere than its movement history says": "UPDATE base.deals SET stage_id = 1",
    "a movement that happened before one that was recorded earlier": """
        UPDATE base.stage_events SET happened_at = happened_at - INTERVAL 9 DAY WHERE kind = 'move'
    """,
    "a movement out of a stage in which the deal did not stand": """
        UPDATE base.stage_events SET from_stage_id = 2 WHERE kind = 'move'
    """,
    "a movement that is still to come, or was known before it happened": """
        UPDATE base.stage_events SET known_at = NULL WHERE kind = 'move'
    """,
    "a closing that does not say how the deal closed": """
        UPDATE base.stage_events SET currency = NULL WHERE kind = 'won'
    """,
    "a closing that happened on another day than its own": """
        UPDATE base.stage_events SET closed_on = closed_on - 3 WHERE kind = 'won'
    """,
    "a closed deal whose day or reason is not that of its last closing": """
        UPDATE base.deals SET closed_on = closed_on - 1
    """,
    "a deal of another value, date, owner, team or place in the forecast than its last version says": """
        UPDATE base.deals SET owner_id = 2
    """,
    "a version of a deal that is out of order, still to come, or was known before it was true": """
        UPDATE base.deal_versions SET known_at = known_at - INTERVAL 1 DAY
    """,
    "a deal whose value is not the sum of its lines": "UPDATE base.deals SET quoted_value = 11",
    "a deal whose activity is not what its history says": "UPDATE base.deal_activity SET pushes = 1",
    "a deal of other visits to stages than those of its history until it was won": """
        UPDATE base.won_visits SET stood = stood + 1
    """,
    "a line that comes to something else than quantity × price less discount": "UPDATE base.deal_lines SET total = 11",
    "an item of a checklist of another deal": "UPDATE base.checklist_items SET deal_id = 2",
    "an item that is done by nobody, or by somebody at no time": "UPDATE base.checklist_items SET done_by = 1",
    "an order whose external id and key disagree": "UPDATE base.orders SET external_key = 'x:A-1'",
    "an order in another status than its history says": "UPDATE base.orders SET status = 'paid'",
    "an import whose counts do not add up to its rows": "UPDATE base.imports SET skipped = 1",
    "a schedule without the day that it is for": "UPDATE base.dashboard_schedules SET weekday = NULL",
    "a schedule by which a dashboard is mailed to nobody": "DELETE FROM base.dashboard_recipients",
}
"""What breaks each rule that a room adds."""


def derived() -> Iterator[tuple[str, str]]:
    """Each rule that comes from the record types, and what breaks it: of each type, and each key, by itself."""
    for one in types():
        for field in one.uniques.values():
            key = field.unique.column if field.unique else ""
            other = f"UPDATE base.{one.plural} SET {key} = CASE WHEN {key} IS NULL THEN 'x' END"
            yield f"{one.an} whose keys and values disagree", other
            if one.has(Trait.BIN):
                held = f"UPDATE base.{one.plural} SET deleted_at = now(), {key} = 'x'"
                yield "a record in the bin that still holds a key", held
        if one.has(Trait.NOTES):
            yield "a note on a record that is not there", note_on(one.key)
        if one.has(Trait.FILES):
            yield "a file of a record that is not there", file_of(one.key)
        if one.has(Trait.MERGE):
            awake = f"UPDATE base.{one.plural} SET deleted_at = NULL"
            yield "a merge that stands, though what it absorbed is awake", awake
    yield "a note on a record that is not there", note_on("course")
    yield "a file of a record that is not there", file_of("course")
    yield "a link of a record that is not there", link_of("contact")
    for kind in ("contact", "deal", "company"):
        yield "a link to a contact or deal that is not there", link_of(kind)
    yield "a link with a label of another type", link_of("contact", label="7")


def note_on(kind: str) -> str:
    return f"""
        INSERT INTO base.notes (subject_kind, subject_id, text, author_id, created_at, updated_at)
        VALUES ('{kind}', {LOST}, 'x', 0, now(), now())
    """


def link_of(kind: str, label: str = "NULL") -> str:
    return f"""
        INSERT INTO base.links (
            object_kind, object_id, subject_kind, subject_id, link_label_id, created_by, created_at, updated_at
        )
        VALUES ('object_1', {LOST}, '{kind}', {LOST}, {label}, 0, now(), now())
    """


def file_of(kind: str) -> str:
    return f"""
        INSERT INTO base.attachments (subject_kind, subject_id, upload_id, media_type, created_by, created_at)
        VALUES ('{kind}', {LOST}, 1, 'x', 0, now())
    """


def test_every_rule_is_broken_once(store: Store) -> None:
    assert BROKEN.keys() == OF_ROOMS.keys()
    assert {rule for rule, _ in derived()} == data_rules.rules(types()).keys()


def test_each_break_of_a_rule_is_named(world: Store) -> None:
    named = {**OF_ROOMS, **data_rules.rules(types())}
    for rule, damage in (*BROKEN.items(), *derived()):
        with pytest.raises(Undone), world.writing(SYSTEM) as tx:
            for table in (one.plural for one in types()):
                loosen(tx, table)
                tx.run(f"INSERT INTO base.{table} (id) SELECT {LOST - 1} WHERE NOT EXISTS (FROM base.{table})")
            tx.run(damage)
            said = list(rule_breaks(tx, {rule: named[rule]}))
            assert [line.split(" × ", 1)[1].split(", such as")[0] for line in said] == [rule], damage
            raise Undone
    assert verify(world) == []


class Undone(Exception):
    """Rolls a change back."""
