"""Exports everything that is stored about one person as one archive, readable for people and programs."""

import json
import zipfile
from typing import IO, Any

from crm.foundation.access import Actor, Permission
from crm.foundation.language import later, tr
from crm.privacy.erasing import mentions, places
from crm.privacy.erasing import person as who
from crm.privacy.erasing.person import Person
from crm.records import registry
from crm.records.declaration import RecordType
from crm.store import Reading, Row, Store

READ_ME = later("""Everything that {workspace} holds on {name}, as of {when}.

contact.json      who they are: fields, labels, custom attributes by name
records.json      what belongs to them, as it is kept, table by table
deals.json        deals with them
quotes.json       quotes that were made for them
orders.json       what they ordered, and the statuses of each
links.json        other records that they are linked to, by name
log.json          what was done with their record, by whom and when
mentions.json     texts of other records that name them
imports.json      rows of imported files that name them and were refused, and the files of imports that touched them
files/            what is attached to them
""")


def write(store: Store, actor: Actor, contact_id: int, target: IO[bytes]) -> None:
    """Write the archive and record the event. For those who manage settings with a confirmed identity; the contact may
    be in the bin."""
    with store.reading(actor) as tx:
        tx.require(Permission.MANAGE_SETTINGS)
        tx.require_confirmed()
        person = who.find(tx, contact_id)
        parts = _parts(tx, person)
        attached = _attached(tx, person)
        about = tr(
            READ_ME,
            workspace=tx.value("SELECT name FROM workspace"),
            name=parts["contact.json"]["contacts"][0]["name"] or tr("contact {number}", number=contact_id),
            when=tx.now.isoformat(timespec="minutes"),
        )
    # After the snapshot is closed: a slow reader of the file must not keep it open.
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("read me.txt", about)
        for name, content in parts.items():
            archive.writestr(name, json.dumps(content, ensure_ascii=False, indent=1, default=str))
        for row in attached:
            path = store.folder / "uploads" / row["sha256"]
            if path.is_file():
                archive.write(path, f"files/{row['id']} {row['file_name']}")
    with store.writing(actor) as tx:
        tx.record("contact.handed_out", "contact", contact_id)


def _parts(tx: Reading, person: Person) -> dict[str, Any]:
    ids = list(person.ids)
    return {
        "contact.json": {
            "contacts": tx.rows(f"SELECT * FROM base.contacts WHERE id {places.THEIRS} ORDER BY id", ids=ids),
            "labels": tx.rows(
                f"""
                SELECT DISTINCT label.name
                FROM base.contact_labels AS link
                JOIN base.labels AS label ON label.id = link.label_id
                WHERE link.contact_id {places.THEIRS}
                ORDER BY label.name
                """,
                ids=ids,
            ),
            "attributes": _attributes(tx, ids),
        },
        "records.json": {
            table: rows
            for table, condition in places.own(tx, "contact").items()
            if (rows := tx.rows(f"SELECT * FROM base.{table} WHERE {condition}", kind="contact", ids=ids))
        },
        "deals.json": _deals(tx, ids),
        "quotes.json": _quotes(tx, ids),
        "orders.json": _orders(tx, ids),
        **{f"{of.plural}.json": _naming(tx, of, column, ids) for of, column in _other_types()},
        "links.json": _links(tx, ids),
        "log.json": _log(tx, ids),
        "mentions.json": _mentions(tx, person),
        "imports.json": _imports(tx, person),
    }


def _attributes(tx: Reading, ids: list[int]) -> list[dict[str, object]]:
    """By the names that people gave them; what a deleted one held is in records.json until it goes."""
    names = {
        f"a_{row['key']}": row["name"]
        for row in tx.rows("SELECT key, name FROM base.attributes WHERE model = 'contact'")
    }
    rows = tx.rows(f"SELECT * FROM base.contact_attributes WHERE id {places.THEIRS} ORDER BY id", ids=ids)
    return [{names[column]: value for column, value in row.items() if column in names} for row in rows]


def _deals(tx: Reading, ids: list[int]) -> list[Row]:
    return tx.rows(
        f"""
        SELECT
            deal.* EXCLUDE (search, rank),
            pipeline.name AS pipeline_name,
            stage.name AS stage_name,
            (
                SELECT list(label.name ORDER BY label.name_key)
                FROM base.deal_labels AS link
                JOIN base.labels AS label ON label.id = link.label_id
                WHERE link.deal_id = deal.id
            ) AS labels
        FROM base.deals AS deal
        JOIN base.pipelines AS pipeline ON pipeline.id = deal.pipeline_id
        JOIN base.stages AS stage ON stage.id = deal.stage_id
        WHERE deal.contact_id {places.THEIRS}
        ORDER BY deal.id
        """,
        ids=ids,
    )


def _quotes(tx: Reading, ids: list[int]) -> list[Row]:
    rows = tx.rows(f"SELECT * FROM base.quotes WHERE contact_id {places.THEIRS} ORDER BY number", ids=ids)
    return [{**row, "lines": json.loads(row["lines"])} for row in rows]


def _orders(tx: Reading, ids: list[int]) -> list[Row]:
    return tx.rows(
        f"""
        SELECT
            purchase.* EXCLUDE (search, external_key),
            (
                SELECT list(label.name ORDER BY label.name_key)
                FROM base.order_labels AS link
                JOIN base.labels AS label ON label.id = link.label_id
                WHERE link.order_id = purchase.id
            ) AS labels,
            (
                SELECT list({{'status': step.to_status, 'at': step.happened_at}} ORDER BY step.id)
                FROM base.order_statuses AS step
                WHERE step.order_id = purchase.id
            ) AS statuses
        FROM base.orders AS purchase
        WHERE purchase.contact_id {places.THEIRS}
        ORDER BY purchase.id
        """,
        ids=ids,
    )


def _other_types() -> list[tuple[RecordType[Any], str]]:
    """The types whose records name a contact, and their column that does, beside those with a shape of their own."""
    columns = places.unlinked("contact")
    return [
        (of, columns[of.plural])
        for of in registry.types().values()
        if of.plural in columns and of.plural not in ("deals", "orders")
    ]


def _naming(tx: Reading, of: RecordType[Any], column: str, ids: list[int]) -> list[Row]:
    # Derived from the other columns: it says nothing more about the person.
    hidden = ", ".join(("search", *of.key_columns))
    return tx.rows(
        f"SELECT * EXCLUDE ({hidden}) FROM base.{of.plural} WHERE {column} {places.THEIRS} ORDER BY id", ids=ids
    )


def _links(tx: Reading, ids: list[int]) -> list[Row]:
    found: list[Row] = []
    for of in registry.custom().values():
        rows = tx.rows(
            f"""
            SELECT record.id, {of.title_sql("record")} AS name, label.name AS label, link.linked_on
            FROM base.links AS link
            JOIN base.{of.plural} AS record ON record.id = link.object_id
            LEFT JOIN base.link_labels AS label ON label.id = link.link_label_id
            WHERE link.object_kind = $kind AND link.subject_kind = 'contact' AND link.subject_id {places.THEIRS}
            ORDER BY link.id
            """,
            kind=of.key,
            ids=ids,
        )
        found += [{"type": of.singular_name, **row} for row in rows]
    return found


def _log(tx: Reading, ids: list[int]) -> list[Row]:
    rows = tx.rows(
        f"""
        SELECT happened_at, actor_name, door, name, particulars
        FROM base.events
        WHERE subject_kind = 'contact' AND subject_id {places.THEIRS}
        ORDER BY seq
        """,
        ids=ids,
    )
    return [{**row, "particulars": json.loads(row["particulars"])} for row in rows]


def _mentions(tx: Reading, person: Person) -> list[Row]:
    own = places.own(tx, "contact")
    found: list[Row] = []
    for text in mentions.columns(tx, person.terms):
        if text.table in own:
            continue
        rows = tx.rows(
            f"SELECT {text.column} AS text FROM base.{text.table} WHERE {person.terms.holding(text.value)}",
            **person.terms.params,
        )
        found += [{"table": text.table, "column": text.column, **row} for row in rows]
    return found


def _imports(tx: Reading, person: Person) -> dict[str, list[Row]]:
    rejected = tx.rows(
        f"""
        SELECT import_id, line, reason, cells
        FROM base.import_rejects
        WHERE {person.terms.holding("cells")}
        ORDER BY import_id, line
        """,
        **person.terms.params,
    )
    files = tx.rows(
        f"""
        SELECT DISTINCT import.id AS import_id, upload.file_name, import.created_at
        FROM base.import_changes AS change
        JOIN base.imports AS import ON import.id = change.import_id
        JOIN base.uploads AS upload ON upload.id = import.upload_id
        WHERE change.subject_kind = 'contact' AND change.subject_id {places.THEIRS}
        ORDER BY import.id
        """,
        ids=list(person.ids),
    )
    return {"rejected_rows": rejected, "files": files}


def _attached(tx: Reading, person: Person) -> list[Row]:
    return tx.rows(
        f"""
        SELECT attachment.id, upload.sha256, upload.file_name
        FROM base.attachments AS attachment
        JOIN base.uploads AS upload ON upload.id = attachment.upload_id
        WHERE attachment.subject_kind = 'contact' AND attachment.subject_id {places.THEIRS}
        ORDER BY attachment.id
        """,
        ids=list(person.ids),
    )
