"""Who bought what a file of orders lists: by identifier, then email, then phone, else by name; created where the
options say so.

Each different buyer is looked up once, however many orders of theirs the file holds.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import polars as pl

from crm.foundation import identity
from crm.foundation.errors import Invalid
from crm.foundation.language import later, tr
from crm.imports.reading.normal_forms import email_keys
from crm.store import Reading, Writing

GIVEN = ("contact", "contact_identifier", "contact_email", "contact_phone")
FOUND = {"text": pl.String(), "id": pl.Int64(), "reason": pl.String()}
UNSEEN = later("It was bought by a contact that you may not see.")


@dataclass
class Buyers:
    rows: pl.DataFrame
    """The file's, with `contact` naming the buyer in `found`, and what named them gone."""
    found: pl.DataFrame
    """text, id (below zero: to be made), reason."""
    made: int = 0
    new: list[int] = field(default_factory=list)
    """Ids of those made, once they are."""


def buyers(tx: Reading, rows: pl.DataFrame, *, make: bool, owner_id: int | None) -> Buyers:
    """Find the buyers of the rows. With `make` unknown ones become contacts of `owner_id`; in a Reading they are only
    counted, with ids below zero."""
    each = _each(rows, tx.actor.region)
    named = rows.join(each.select("buyer", *GIVEN), on=GIVEN, how="left", nulls_equal=True, maintain_order="left")
    named = named.drop(GIVEN).rename({"buyer": "contact"})
    found = _find(tx, each)
    # A buyer known by a name alone is never created: two people are called so sooner or later, and no key would tell
    # them apart.
    missing = found.filter(pl.col("missing") & pl.any_horizontal(pl.col("identifier", "email", "phone").is_not_null()))
    answer = Buyers(named, found.select(FOUND.keys()))
    if make and missing.height:
        people, of = _people(missing)
        ids = _make(tx, people, owner_id) if isinstance(tx, Writing) else [-n - 1 for n in range(people.height)]
        made = pl.DataFrame({"text": missing["text"], "id": [ids[n] for n in of]}, schema=["text", "id"])
        made = made.with_columns(reason=pl.lit(None, pl.String)).cast(FOUND)  # type: ignore[arg-type]
        answer.found = pl.concat([answer.found.join(made, on="text", how="anti"), made])
        answer.made = people.height
        answer.new = ids if isinstance(tx, Writing) else []
    return answer


def _each(rows: pl.DataFrame, region: str) -> pl.DataFrame:
    """Every different buyer under a number, with the keys by which they are looked up."""
    each = rows.select(GIVEN).unique(maintain_order=True)
    each = each.filter(~pl.all_horizontal(pl.all().is_null())).with_row_index("buyer")
    texts = each["contact"].drop_nulls().unique()
    read = pl.DataFrame(
        [
            (text, _normal(identity.email, text), _normal(lambda one: identity.phone(one, region), text))
            for text in texts
        ],
        schema={"contact": pl.String, "its_email": pl.String, "its_phone": pl.String},
        orient="row",
    )
    each = each.join(read, on="contact", how="left", maintain_order="left").with_columns(
        pl.col("buyer").cast(pl.String),
        # The cell that names a buyer may hold an email or a phone instead; then there is no name.
        email=pl.coalesce("contact_email", "its_email"),
        phone=pl.coalesce("contact_phone", "its_phone"),
        identifier=pl.col("contact_identifier"),
        name=pl.when(pl.col("its_email").is_null() & pl.col("its_phone").is_null()).then("contact"),
    )
    return each.with_columns(email_key=email_keys(each["email"]))


def _find(tx: Reading, each: pl.DataFrame) -> pl.DataFrame:
    """Look up each buyer: text, id, reason, missing, and the keys."""
    keys = each.select("buyer", "identifier", "email", "email_key", "phone", "name")
    tx.bulk("buyers", keys)
    # Keys are looked up in `base`, past all privacy: one that an unseen contact holds is taken, and a second contact
    # with it cannot be created.
    found = tx.frame(
        """
        WITH held AS (
            SELECT
                buyer.*,
                coalesce(by_identifier.id, by_email.id, by_phone.id, by_text.id) AS holder
            FROM buyers AS buyer
            LEFT JOIN base.contacts AS by_identifier ON by_identifier.identifier_key = buyer.identifier
            LEFT JOIN base.contacts AS by_email ON by_email.email_key = buyer.email_key
            LEFT JOIN base.contacts AS by_phone ON by_phone.phone_key = buyer.phone
            LEFT JOIN base.contacts AS by_text
                ON by_text.identifier_key = buyer.name
                AND buyer.identifier IS NULL AND buyer.email IS NULL AND buyer.phone IS NULL
        )
        SELECT
            held.buyer AS text,
            coalesce(seen.id, CASE WHEN keyless AND named.many = 1 THEN named.id END) AS id,
            CASE
                WHEN held.holder IS NOT NULL AND seen.id IS NULL THEN $unseen
                WHEN seen.id IS NOT NULL OR (keyless AND named.many = 1) THEN NULL
                WHEN keyless AND named.many > 1
                    THEN format($several, named.many, held.name)
                ELSE format($nobody, coalesce(held.identifier, held.email, held.phone, held.name))
            END AS reason,
            held.holder IS NULL AND reason IS NOT NULL AS missing,
            held.identifier, held.email, held.email_key, held.phone, held.name
        FROM (SELECT *, identifier IS NULL AND email IS NULL AND phone IS NULL AS keyless FROM held) AS held
        LEFT JOIN contacts AS seen ON seen.id = held.holder
        LEFT JOIN (
            SELECT lower(name) AS key, min(id) AS id, count(*) AS many FROM contacts GROUP BY key
        ) AS named ON named.key = lower(held.name)
        ORDER BY CAST(held.buyer AS BIGINT)
        """,
        unseen=tr(UNSEEN),
        several=tr("{count} contacts are called “{name}”. Give the email.", count="{0}", name="{1}"),
        nobody=tr("No contact has the name, identifier, email or phone “{text}”.", text="{0}"),
    )
    tx.drop("buyers")
    return found


def _people(missing: pl.DataFrame) -> tuple[pl.DataFrame, list[int]]:
    """The contacts to create, and for each of `missing` the index of its contact: two that share a key are one."""
    keys = ("identifier", "email_key", "phone")
    holders: dict[tuple[str, str], int] = {}
    firsts: list[int] = []
    of: list[int] = []
    for place, values in enumerate(missing.select(keys).iter_rows()):
        own = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
        person = next((holders[key] for key in own if key in holders), None)
        if person is None:
            person = len(firsts)
            firsts.append(place)
            holders |= dict.fromkeys(own, person)
        of.append(person)
    return missing[firsts].select("identifier", "email", "email_key", "phone", "name"), of


def _make(tx: Writing, people: pl.DataFrame, owner_id: int | None) -> list[int]:
    """Insert contacts; their ids."""
    ids = tx.frame("SELECT nextval('base.contact_ids') AS id FROM range($many)", many=people.height)["id"]
    # A contact needs a name, an email or a phone: where there is none, the identifier stands in as the name.
    lone = pl.all_horizontal(pl.col("name", "email", "phone").is_null())
    rows = people.with_columns(ids.alias("id"), name=pl.when(lone).then("identifier").otherwise("name"))
    texts = [identity.search_text(*row) for row in rows.select("name", "email", "phone", "identifier").iter_rows()]
    tx.insert_frame(
        rows.with_columns(pl.Series("search", texts, pl.String)),
        """
        INSERT INTO base.contacts (
            id, name, email, email_key, phone, phone_key, identifier, identifier_key, owner_id, search, created_at,
            updated_at
        )
        SELECT id, name, email, email_key, phone, phone, identifier, identifier, $owner_id, search, $now, $now
        FROM frame
        """,
        owner_id=owner_id,
        now=tx.now,
    )
    return ids.to_list()


def _normal(form: Callable[[str], str | None], text: str) -> str | None:
    try:
        return form(text)
    except Invalid:
        return None
