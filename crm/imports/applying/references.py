"""The records that a file's rows point to, found by what each field points to: a user, a team, a record of any type.

Each different text is looked up once. What is not known refuses its rows, is left empty or is made, as the
import's options say; in a dry run what would be made gets an id below zero.
"""

from dataclasses import dataclass, field
from typing import Any

import polars as pl

from crm.foundation import identity
from crm.foundation.access import NOBODY, SEES_EVERYTHING
from crm.foundation.language import later, tr
from crm.imports.fields import MADE_BY_NAME, all_targets
from crm.imports.model import Options
from crm.imports.planning import labelled
from crm.imports.planning.cleaning import KEYS, unique_targets
from crm.imports.planning.columns import first_of_each_line, without
from crm.imports.planning.plan import Plan
from crm.imports.reading import normal_forms
from crm.records import registry
from crm.records.declaration import RecordType
from crm.records.fields import Field, FieldKind, Person, Reference
from crm.records.fields import Target as OtherEnd
from crm.store import Reading, Writing

OWNERS = later("owners")
"""Users who are made, among the counts of what is made on the way."""

FOUND = {"text": pl.String(), "id": pl.Int64(), "reason": pl.String()}


@dataclass
class Resolved:
    rows: pl.DataFrame
    faults: list[pl.DataFrame] = field(default_factory=list)
    unread: list[pl.DataFrame] = field(default_factory=list)
    """As `faults`, of references that are left empty."""
    made: dict[str, int] = field(default_factory=dict)
    new_companies: list[int] = field(default_factory=list)
    new_contacts: list[int] = field(default_factory=list)
    """Those made on the way, once they are."""

    def point(self, key: str, found: pl.DataFrame, options: Options, *, keep_text: bool = False) -> None:
        """Replace the column `key` of the rows by the ids, as `<key>_id`, and reject rows whose text names nothing.
        `found` has text, id, reason. With `keep_text` the text stays, as `named_<key>`."""
        # Most files fill few of a type's references: a join copies every column to find nothing.
        if found.is_empty():
            joined = self.rows.with_columns(id=pl.lit(None, pl.Int64), reason=pl.lit(None, pl.String))
        else:
            joined = self.rows.join(found, left_on=key, right_on="text", how="left", maintain_order="left")
        refused = joined.filter(pl.col("reason").is_not_null()).select("line", field=pl.lit(key), reason="reason")
        if options.leave_unknown or options.leaves_empty(key):
            self.unread.append(refused)
        else:
            self.faults.append(refused)
            joined = without(joined, refused["line"])
        kept = joined.rename({key: f"named_{key}"}) if keep_text else joined.drop(key)
        self.rows = kept.drop("reason").rename({"id": f"{key}_id"})

    def point_to_several(self, key: str, found: pl.DataFrame, options: Options) -> None:
        """As `point`, of a column of lists of texts, which becomes `<key>_ids`. Left empty are the texts that name
        nothing; the others of their cell are read."""
        named = self.rows.select("line", text=key).drop_nulls("text").explode("text")
        named = named.join(found, on="text", how="left", maintain_order="left")
        refused = named.filter(pl.col("reason").is_not_null()).select("line", field=pl.lit(key), reason="reason")
        rows = self.rows.drop(key)
        if options.leave_unknown or options.leaves_empty(key):
            self.unread.append(refused)
        else:
            self.faults.append(refused)
            rows = without(rows, refused["line"])
        ids = named.drop_nulls("id").group_by("line").agg(pl.col("id").unique(maintain_order=True).alias(f"{key}_ids"))
        self.rows = rows.join(ids, on="line", how="left", maintain_order="left")


def resolve(tx: Reading, plan: Plan) -> tuple[Resolved, pl.DataFrame]:
    """The rows whose references were found, with ids in place of texts; and the faults of the others."""
    resolved = Resolved(plan.rows)
    for target in all_targets(plan.of).values():
        if target.reference and target.several:
            _point_to_several(tx, target.reference, plan, resolved, target.key)
        elif target.reference and target.key not in plan.hooks.resolves:
            found = _found(tx, target.reference, plan.rows[target.key], plan.options, resolved, target.key)
            resolved.point(target.key, found, plan.options, keep_text=target.reference.to == MADE_BY_NAME)
    if plan.of.labels_field:
        resolved.rows = labelled.with_known_spelling(tx, resolved.rows)
    if plan.hooks.resolve:
        plan.hooks.resolve(tx, resolved, plan.options)
    return resolved, first_of_each_line(resolved.faults)


def _point_to_several(tx: Reading, of: Reference, plan: Plan, resolved: Resolved, key: str) -> None:
    if plan.rows[key].null_count() == plan.rows.height:  # most files: a join copies every column to find nothing
        resolved.rows = resolved.rows.drop(key)
        return
    named = plan.rows[key].drop_nulls().explode()
    resolved.point_to_several(key, _found(tx, of, named, plan.options, resolved, key), plan.options)


def _found(
    tx: Reading, of: Reference, cells: pl.Series, options: Options, resolved: Resolved, key: str
) -> pl.DataFrame:
    """Look up the different texts of one reference: text, id, reason."""
    texts = cells.drop_nulls().unique()
    if texts.is_empty():
        return pl.DataFrame(schema=FOUND)
    if isinstance(of, Person):
        new = set(texts) if options.make_owners else set(options.new_values.get(key, []))
        return _people(tx, texts.sort().to_list(), new, resolved.made)
    if isinstance(of.to, OtherEnd):
        return _by_name(tx, of.to, texts.sort().to_list())
    found = _records(tx, registry.get(of.to), texts)
    if of.to != MADE_BY_NAME or not options.make_companies:
        return found.select(FOUND.keys())
    return _with_made(tx, found, resolved)


def default_owner(tx: Reading) -> int | None:
    """The owner of new records that name none: the importer, where privacy can narrow what they see."""
    # They might not see again what they imported for nobody.
    return None if tx.actor.id == NOBODY or tx.actor.role in SEES_EVERYTHING else tx.actor.id


# People, teams and what else is no record type


def _people(tx: Reading, texts: list[str], new: set[str], made: dict[str, int]) -> pl.DataFrame:
    """Users by name or email, disabled ones too; text, id, reason. A name that two users have finds neither; one of
    `new` that none has becomes a disabled user."""
    people = tx.rows("SELECT id, lower(name) AS name, lower(email) AS email FROM users")
    found: list[tuple[str, int | None, str | None]] = []
    for text in texts:
        ids = [person["id"] for person in people if text.lower() in (person["name"], person["email"])]
        if len(ids) == 1:
            found.append((text, ids[0], None))
        elif ids:
            found.append(
                (text, None, tr("{count} users are called “{name}”. Give the email.", count=len(ids), name=text))
            )
        elif text in new:
            made[OWNERS] = made.get(OWNERS, 0) + 1
            # A dry run gives each its own id below zero, so that two unknown owners stay two.
            found.append((text, _make_owner(tx, text) if isinstance(tx, Writing) else -len(found) - 1, None))
        else:
            found.append((text, None, tr("No user is called “{name}”.", name=text)))
    return pl.DataFrame(found, schema=FOUND, orient="row")


def _make_owner(tx: Writing, name: str) -> int:
    """Create a disabled user of that name, so that history keeps who it was; their id."""
    slug = "-".join(word for word in identity.folded(name).split() if word) or "owner"
    number = tx.value("SELECT count(*) FROM base.users WHERE starts_with(email_key, $slug)", slug=slug)
    # No mail reaches .invalid (RFC 2606 keeps it free), and nobody can sign in with it.
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


def _by_name(tx: Reading, to: OtherEnd, texts: list[str]) -> pl.DataFrame:
    ids = {row["name"]: row["id"] for row in tx.rows(f"SELECT id, lower({to.name}) AS name FROM {to.view}")}
    kind = tr(to.label)
    found = [
        (
            text,
            ids.get(text.lower()),
            None if text.lower() in ids else tr("No {kind} is called “{name}”.", kind=kind, name=text),
        )
        for text in texts
    ]
    return pl.DataFrame(found, schema=FOUND, orient="row")


# Records of a type


def _records(tx: Reading, of: RecordType[Any], texts: pl.Series) -> pl.DataFrame:
    """Look up records by the unique fields that name them, else by their title: text, id, reason, missing. Only those
    that the actor sees are found."""
    keys = [one.field for one in unique_targets(of) if one.field.unique and one.field.unique.form is None]
    given = pl.DataFrame({"text": texts}).with_columns(
        _keys(tx, one, texts).alias(f"key_{place}") for place, one in enumerate(keys)
    )
    tx.bulk("named", given)
    joins, holders = [], []
    for place, one in enumerate(keys):
        # None of the texts is such a key, as no email is a phone: a join would read all records to find nothing.
        if given[f"key_{place}"].null_count() == given.height:
            continue
        column = one.unique.column if one.unique else ""
        # One join a key, each a hash join: an OR of them would compare every text with every record. On the base
        # table, since a key that somebody unseen holds is taken all the same.
        joins.append(f"LEFT JOIN base.{of.plural} AS by_{place} ON by_{place}.{column} = given.key_{place}")
        holders.append(f"by_{place}.id")
    holder = f"coalesce({', '.join(holders)}, NULL::BIGINT)" if holders else "NULL::BIGINT"
    # Whoever sees everything sees every holder: a key is freed when its record goes to the bin.
    seen = "" if tx.actor.sees_everything else f"LEFT JOIN {of.plural} AS seen ON seen.id = {holder}"
    # Names of companies are made records of: spellings that differ in signs or spaces alone must not make two.
    key_of = identity.name_key_sql if of.key == MADE_BY_NAME else "lower({})".format
    # Titles are looked for only where no key was found: the names of all records take longer to fold than to join.
    found = tx.frame(
        f"""
        WITH
        held AS MATERIALIZED (
            SELECT given.text, {"seen.id" if seen else holder} AS id
            FROM named AS given
            {" ".join(joins)}
            {seen}
        ),
        asked AS MATERIALIZED (
            SELECT text, {key_of("text")} AS key FROM held WHERE id IS NULL
        ),
        titled AS (
            SELECT {key_of(of.title[0])} AS key, min(id) AS id, count(*) AS many
            FROM {of.plural}
            WHERE {of.found_by_name is not False} AND EXISTS (FROM asked)
            GROUP BY key
        )
        SELECT
            held.text,
            coalesce(held.id, CASE WHEN titled.many = 1 THEN titled.id END) AS id,
            CASE
                WHEN held.id IS NOT NULL OR titled.many = 1 THEN NULL
                WHEN titled.many > 1 THEN format($several, titled.many, held.text)
                ELSE format($none, held.text)
            END AS reason,
            held.id IS NULL AND titled.many IS NULL AS missing
        FROM held
        LEFT JOIN asked ON asked.text = held.text
        LEFT JOIN titled ON titled.key = asked.key
        """,
        several=_several(of, keys),
        none=_unknown(of, keys),
    )
    tx.drop("named")
    return found


def _keys(tx: Reading, of: Field, texts: pl.Series) -> pl.Series:
    """The normal forms of the texts that are values of this field."""
    if of.kind is FieldKind.PHONE:
        # An email is no phone, whatever digits it has; to try would take a second for 20,000 of them.
        named = texts.to_frame("text")
        texts = named.select(pl.when(~pl.col("text").str.contains("@", literal=True)).then("text"))["text"]
    values = normal_forms.of_kind(of.kind, texts, tx.actor.region)
    return KEYS[of.kind](values) if of.kind in KEYS else values


def _several(of: RecordType[Any], keys: list[Field]) -> str:
    """The reason, for SQL's `format`, where {0} records are called {1}."""
    if not keys:
        return tr("{count} {kinds} are called “{name}”.", count="{0}", kinds=of.many, name="{1}")
    # The key that distinguishes namesakes best: the email, where the type has one.
    surest = next((key for key in keys if key.kind is FieldKind.EMAIL), keys[0])
    return tr(
        "{count} {kinds} are called “{name}”. Give the {field}.",
        count="{0}",
        kinds=of.many,
        name="{1}",
        field=tr(surest.label).lower(),
    )


def _unknown(of: RecordType[Any], keys: list[Field]) -> str:
    """The reason, for SQL's `format`, where nothing is called {0}."""
    if of.found_by_name or not keys:
        return tr("No {kind} is called “{name}”.", kind=of.one, name="{0}")
    title = [of.fields[of.title[0]]] if of.found_by_name is None else []
    labels = [tr(one.label).lower() for one in (*title, *keys)]
    fields = tr("{first} or {last}", first=", ".join(labels[:-1]), last=labels[-1]) if len(labels) > 1 else labels[0]
    return tr("No {kind} has the {fields} “{text}”.", kind=of.one, fields=fields, text="{0}")


# Companies that are made


def _with_made(tx: Reading, found: pl.DataFrame, resolved: Resolved) -> pl.DataFrame:
    missing = found.filter("missing")["text"].sort()
    if missing.is_empty():
        return found.select(FOUND.keys())
    resolved.made["companies"] = resolved.made.get("companies", 0) + _name_keys(missing).n_unique()
    new = _placeholders(missing)
    if isinstance(tx, Writing):
        new = _make_companies(tx, missing)
        resolved.new_companies += new["id"].unique().to_list()
    return pl.concat([found.filter(~pl.col("missing")).select(FOUND.keys()), new])


def _placeholders(texts: pl.Series) -> pl.DataFrame:
    return pl.DataFrame({"text": texts}).with_columns(
        id=-pl.int_range(1, pl.len() + 1, dtype=pl.Int64), reason=pl.lit(None, pl.String)
    )


def _name_keys(names: pl.Series) -> pl.Series:
    return pl.DataFrame({"name": names}).select(normal_forms.name_keys(pl.col("name"))).to_series()


def _make_companies(tx: Writing, names: pl.Series) -> pl.DataFrame:
    """Create a company for each name; text, id, reason of every spelling."""
    keys = pl.DataFrame({"text": names, "key": _name_keys(names)})
    # Spellings that differ in case, signs or spaces alone are one company, called as the first of them.
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
