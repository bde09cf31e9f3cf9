"""The records that a file's rows point to: owner, company, contact, pipeline and stage, close reason.

Each is asked once for each different text. What is not known refuses its rows, is left empty or is made, as the
import's options say; in a dry run what would be made gets an id below zero.
"""

from dataclasses import dataclass, field

import polars as pl

from crm.foundation import identity
from crm.foundation.access import NOBODY, SEES_EVERYTHING
from crm.foundation.errors import Invalid
from crm.imports.applying.buyers import buyers
from crm.imports.applying.placing import place_in_stages
from crm.imports.model import Kind, Options
from crm.imports.planning import labelled
from crm.imports.planning.columns import first_of_each_line
from crm.imports.planning.contacts import email_keys
from crm.store import Reading, Writing

FOUND = {"text": pl.String(), "id": pl.Int64(), "reason": pl.String()}


@dataclass
class Resolved:
    rows: pl.DataFrame
    faults: list[pl.DataFrame] = field(default_factory=list)
    made: dict[str, int] = field(default_factory=dict)
    new_companies: list[int] = field(default_factory=list)
    new_contacts: list[int] = field(default_factory=list)
    """Those made on the way, once they are."""

    def point(self, key: str, found: pl.DataFrame, options: Options) -> None:
        """Put the ids in as `<key>_id`; `found` has text, id, reason."""
        joined = self.rows.join(found, left_on=key, right_on="text", how="left", maintain_order="left")
        if not options.leave_unknown:
            refused = joined.filter(pl.col("reason").is_not_null())
            self.faults.append(refused.select("line", field=pl.lit(key), reason="reason"))
            joined = joined.filter(pl.col("reason").is_null())
        kept = joined.rename({key: "named_company"}) if key == "company" else joined.drop(key)
        self.rows = kept.drop("reason").rename({"id": f"{key}_id"})


def resolve(tx: Reading, kind: Kind, rows: pl.DataFrame, options: Options) -> tuple[Resolved, pl.DataFrame]:
    """The rows whose references stand, with ids in place of texts; and the faults of the others."""
    resolved = Resolved(rows)
    if kind is Kind.ORDERS:
        _of_orders(tx, resolved, options)
        return resolved, first_of_each_line(resolved.faults)
    owners = _texts(rows, "owner")
    resolved.point("owner", _owners(tx, owners, options, resolved.made), options)
    resolved.point("team", _teams(tx, _texts(rows, "team")), options)
    resolved.rows = labelled.as_they_are_written(tx, resolved.rows)
    if kind is not Kind.COMPANIES:
        companies = _companies(tx, _texts(rows, "company"), options, resolved)
        resolved.point("company", companies, options)
    if kind is Kind.DEALS:
        resolved.point("contact", _contacts(tx, _texts(rows, "contact")), options)
        resolved.rows, faults = place_in_stages(tx, resolved.rows)
        resolved.faults.append(faults)
    return resolved, first_of_each_line(resolved.faults)


def _of_orders(tx: Reading, resolved: Resolved, options: Options) -> None:
    named = buyers(tx, resolved.rows, make=options.make_contacts, owner_id=default_owner(tx))
    resolved.rows = named.rows
    resolved.new_contacts = named.new
    if named.made:
        resolved.made["contacts"] = named.made
    resolved.point("contact", named.found, options)
    resolved.point("deal", _deals(tx, _texts(resolved.rows, "deal")), options)


def _texts(rows: pl.DataFrame, key: str) -> list[str]:
    return list(rows[key].drop_nulls().unique().sort())


def default_owner(tx: Reading) -> int | None:
    """Those whose view privacy can narrow own what they import, or they might not see it again."""
    return None if tx.actor.id == NOBODY or tx.actor.role in SEES_EVERYTHING else tx.actor.id


# Owners


def _owners(tx: Reading, texts: list[str], options: Options, made: dict[str, int]) -> pl.DataFrame:
    """By name or email, disabled users too; the same name twice is nobody's."""
    people = tx.rows("SELECT id, lower(name) AS name, lower(email) AS email FROM users")
    found: list[tuple[str, int | None, str | None]] = []
    for text in texts:
        ids = [person["id"] for person in people if text.lower() in (person["name"], person["email"])]
        if len(ids) == 1:
            found.append((text, ids[0], None))
        elif ids:
            found.append((text, None, f"{len(ids)} users are called “{text}”. Give the email."))
        elif options.make_owners:
            made["owners"] = made.get("owners", 0) + 1
            found.append((text, _make_owner(tx, text) if isinstance(tx, Writing) else -len(found) - 1, None))
        else:
            found.append((text, None, f"No user is called “{text}”."))
    return pl.DataFrame(found, schema=FOUND, orient="row")


def _make_owner(tx: Writing, name: str) -> int:
    """A disabled user of that name, so that history keeps who it was. The address is a placeholder that no mail
    reaches (RFC 2606 keeps .invalid free) and that nobody can sign in with."""
    slug = "-".join(word for word in identity.folded(name).split() if word) or "owner"
    number = tx.value("SELECT count(*) FROM base.users WHERE starts_with(email_key, $slug)", slug=slug)
    email = f"{slug}{'-' + str(number + 1) if number else ''}@imported.invalid"
    user_id = tx.insert(
        """
        INSERT INTO base.users (email, email_key, name, role, active, created_at)
        VALUES ($email, $email, $name, 'rep', false, $now)
        RETURNING id
        """,
        email=email,
        name=name,
        now=tx.now,
    )
    tx.record("user.added", "user", user_id, email=email, name=name, role="rep", active=False)
    return user_id


def _teams(tx: Reading, texts: list[str]) -> pl.DataFrame:
    ids = {row["name"]: row["id"] for row in tx.rows("SELECT id, lower(name) AS name FROM teams")}
    found = [
        (text, ids.get(text.lower()), None if text.lower() in ids else f"No team is called “{text}”.") for text in texts
    ]
    return pl.DataFrame(found, schema=FOUND, orient="row")


# Companies


def _companies(tx: Reading, texts: list[str], options: Options, resolved: Resolved) -> pl.DataFrame:
    """By name or domain, among those that the actor sees."""
    if not texts:
        return pl.DataFrame(schema=FOUND)
    keys = pl.DataFrame({"text": texts}).with_columns(key=pl.col("text").str.to_lowercase())
    tx.bulk("company_texts", keys)
    found = tx.frame(
        """
        SELECT given.text, min(company.id) AS id, count(company.id) AS many
        FROM company_texts AS given
        LEFT JOIN (
            SELECT id, lower(name) AS key FROM companies
            UNION
            SELECT id, domain FROM companies WHERE domain IS NOT NULL
        ) AS company ON company.key = given.key
        GROUP BY given.text
        """
    )
    tx.drop("company_texts")
    several = pl.format("{} companies are called “{}”. Give the domain.", "many", "text")
    unknown = pl.format("No company is called “{}”.", "text")
    found = found.with_columns(
        id=pl.when(pl.col("many") == 1).then("id"),
        reason=pl.when(pl.col("many") > 1).then(several).when(pl.col("many") == 0).then(unknown),
    )
    missing = found.filter(pl.col("many") == 0)["text"].sort()
    if not options.make_companies or missing.is_empty():
        return found.select(FOUND.keys())
    resolved.made["companies"] = missing.str.to_lowercase().n_unique()
    new = _placeholders(missing)
    if isinstance(tx, Writing):
        new = _make_companies(tx, missing)
        resolved.new_companies = new["id"].unique().to_list()
    return pl.concat([found.filter(pl.col("many") > 0).select(FOUND.keys()), new])


def _placeholders(texts: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"text": texts}).with_columns(
        id=-pl.int_range(1, pl.len() + 1, dtype=pl.Int64), reason=pl.lit(None, pl.String)
    )


def _make_companies(tx: Writing, names: pl.Series) -> pl.DataFrame:
    """Names that differ in case only are one company."""
    keys = pl.DataFrame({"text": names}).with_columns(key=pl.col("text").str.to_lowercase())
    firsts = keys.unique("key", keep="first", maintain_order=True)
    search = [identity.search_text(name) for name in firsts["text"]]
    tx.bulk("new_companies", firsts.with_columns(pl.Series("search", search)))
    tx.create_temp_table(
        "made_companies", "SELECT nextval('base.company_ids') AS id, key, text, search FROM new_companies"
    )
    tx.run(
        """
        INSERT INTO base.companies (id, name, owner_id, search, created_at, updated_at)
        SELECT id, text, $owner_id, search, $now, $now FROM made_companies
        """,
        owner_id=default_owner(tx),
        now=tx.now,
    )
    made = tx.frame("SELECT id, key FROM made_companies")
    tx.drop("new_companies", "made_companies")
    return keys.join(made, on="key").select("text", "id", reason=pl.lit(None, pl.String))


# Contacts


def _contacts(tx: Reading, texts: list[str]) -> pl.DataFrame:
    """By identifier, email or phone, else by name, among those that the actor sees."""
    if not texts:
        return pl.DataFrame(schema=FOUND)
    given = pl.DataFrame(
        {
            "text": texts,
            "email": [_normal_email(text) for text in texts],
            "phone": [_normal_phone(text, tx.actor.region) for text in texts],
        }
    ).with_columns(pl.col("email", "phone").cast(pl.String))
    tx.bulk("contact_texts", given.with_columns(email=email_keys(given["email"])))
    found = tx.frame(
        """
        SELECT
            given.text,
            coalesce(seen.id, CASE WHEN named.many = 1 THEN named.id END) AS id,
            CASE
                WHEN seen.id IS NOT NULL OR named.many = 1 THEN NULL
                WHEN named.many > 1 THEN named.many || ' contacts are called “' || given.text || '”. Give the email.'
                ELSE 'No contact has the name, identifier, email or phone “' || given.text || '”.'
            END AS reason
        FROM contact_texts AS given
        LEFT JOIN base.contacts AS by_identifier ON by_identifier.identifier_key = given.text
        LEFT JOIN base.contacts AS by_email ON by_email.email_key = given.email
        LEFT JOIN base.contacts AS by_phone ON by_phone.phone_key = given.phone
        LEFT JOIN contacts AS seen ON seen.id = coalesce(by_identifier.id, by_email.id, by_phone.id)
        LEFT JOIN (
            SELECT lower(name) AS key, min(id) AS id, count(*) AS many FROM contacts GROUP BY key
        ) AS named ON named.key = lower(given.text)
        """
    )
    tx.drop("contact_texts")
    return found


def _deals(tx: Reading, texts: list[str]) -> pl.DataFrame:
    """By identifier, among those that the actor sees."""
    if not texts:
        return pl.DataFrame(schema=FOUND)
    tx.bulk("deal_texts", pl.DataFrame({"text": texts}))
    found = tx.frame(
        """
        SELECT
            given.text,
            seen.id,
            CASE WHEN seen.id IS NULL THEN 'No deal has the identifier “' || given.text || '”.' END AS reason
        FROM deal_texts AS given
        LEFT JOIN deals AS seen ON seen.identifier = given.text
        """
    )
    tx.drop("deal_texts")
    return found


def _normal_email(text: str) -> str | None:
    try:
        return identity.email(text)
    except Invalid:
        return None


def _normal_phone(text: str, region: str) -> str | None:
    try:
        return identity.phone(text, region)
    except Invalid:
        return None
