"""Ready-made types for some trades, as a starting point: types, fields, and labels of their links."""

from collections.abc import Sequence
from dataclasses import dataclass

from crm.foundation.language import later, tr
from crm.objects import field_verbs, verbs
from crm.objects.model import ObjectType
from crm.records import links
from crm.records.attributes import AttributeType
from crm.store import Writing


@dataclass(frozen=True)
class FieldOf:
    name: str
    type: AttributeType
    values: Sequence[str] = ()
    required: bool = False
    unique: bool = False


@dataclass(frozen=True)
class TypeOf:
    singular: str
    plural: str
    icon: str
    primary: str
    fields: Sequence[FieldOf]
    labels: Sequence[str] = ()
    shared: bool = False
    """Whether everybody sees its records, like a catalog's, under owner-based privacy."""


@dataclass(frozen=True)
class Template:
    key: str
    name: str
    about: str
    types: Sequence[TypeOf]


_TEXT, _NUMBER, _MONEY, _DATE = AttributeType.TEXT, AttributeType.NUMBER, AttributeType.CURRENCY, AttributeType.DATE
_LIST, _PERSON, _LINK, _LONG = AttributeType.LIST, AttributeType.PERSON, AttributeType.LINK, AttributeType.LONG_TEXT

TEMPLATES = (
    Template(
        "school",
        later("School"),
        later("Courses, and who is enrolled in them"),
        (
            TypeOf(
                later("Course"),
                later("Courses"),
                ":material/school:",
                later("Name"),
                (
                    FieldOf(later("Level"), _LIST, (later("Beginner"), later("Intermediate"), later("Advanced"))),
                    FieldOf(later("Price"), _MONEY),
                    FieldOf(later("Starts on"), _DATE),
                    FieldOf(later("Places"), _NUMBER),
                    FieldOf(later("Teacher"), _PERSON),
                ),
                (later("student"), later("guardian"), later("interested")),
                shared=True,
            ),
            TypeOf(
                later("Enrolment"),
                later("Enrolments"),
                ":material/assignment_ind:",
                later("Number"),
                (
                    FieldOf(later("Class"), _TEXT),
                    FieldOf(
                        later("Situation"),
                        _LIST,
                        (later("Enrolled"), later("On hold"), later("Finished"), later("Dropped out")),
                    ),
                    FieldOf(later("Enrolled on"), _DATE),
                    FieldOf(later("Monthly fee"), _MONEY),
                ),
                (later("student"), later("guardian")),
            ),
        ),
    ),
    Template(
        "real_estate",
        later("Real estate"),
        later("Properties, and visits to them"),
        (
            TypeOf(
                later("Property"),
                later("Properties"),
                ":material/home_work:",
                later("Address"),
                (
                    FieldOf(later("Reference"), _TEXT, unique=True),
                    FieldOf(later("Sort"), _LIST, (later("House"), later("Flat"), later("Land"), later("Office"))),
                    FieldOf(later("Price"), _MONEY),
                    FieldOf(later("Bedrooms"), _NUMBER),
                    FieldOf(later("Area in m²"), _NUMBER),
                    FieldOf(
                        later("Situation"),
                        _LIST,
                        (later("For sale"), later("To let"), later("Reserved"), later("Sold")),
                    ),
                    FieldOf(later("Photos"), _LINK),
                ),
                (later("owner"), later("interested"), later("tenant")),
                shared=True,
            ),
            TypeOf(
                later("Visit"),
                later("Visits"),
                ":material/tour:",
                later("Title"),
                (
                    FieldOf(later("Day"), _DATE),
                    FieldOf(later("Shown by"), _PERSON),
                    FieldOf(later("Impression"), _LIST, (later("Good"), later("Undecided"), later("Bad"))),
                    FieldOf(later("Comments"), _LONG),
                ),
                (later("visitor"),),
            ),
        ),
    ),
    Template(
        "software",
        later("Software"),
        later("Licences of customers, and when they end"),
        (
            TypeOf(
                later("Licence"),
                later("Licences"),
                ":material/key:",
                later("Name"),
                (
                    FieldOf(later("Licence number"), _TEXT, unique=True),
                    FieldOf(later("Plan"), _LIST, (later("Basic"), later("Professional"), later("Enterprise"))),
                    FieldOf(later("Seats"), _NUMBER),
                    FieldOf(later("Yearly price"), _MONEY),
                    FieldOf(later("Begins on"), _DATE),
                    FieldOf(later("Ends on"), _DATE),
                ),
                (later("administrator"), later("user")),
            ),
        ),
    ),
    Template(
        "insurance",
        later("Insurance"),
        later("Policies, and the people they insure"),
        (
            TypeOf(
                later("Policy"),
                later("Policies"),
                ":material/shield:",
                later("Policy number"),
                (
                    FieldOf(
                        later("Kind of insurance"), _LIST, (later("Car"), later("Home"), later("Life"), later("Health"))
                    ),
                    FieldOf(later("Insurer"), _TEXT),
                    FieldOf(later("Premium"), _MONEY),
                    FieldOf(later("Begins on"), _DATE),
                    FieldOf(later("Ends on"), _DATE),
                ),
                (later("holder"), later("insured"), later("beneficiary")),
            ),
        ),
    ),
    Template(
        "garage",
        later("Garage"),
        later("Vehicles of customers"),
        (
            TypeOf(
                later("Vehicle"),
                later("Vehicles"),
                ":material/directions_car:",
                later("Number plate"),
                (
                    FieldOf(later("Make"), _TEXT),
                    FieldOf(later("Model"), _TEXT),
                    FieldOf(later("Year"), _NUMBER),
                    FieldOf(later("Chassis number"), _TEXT, unique=True),
                    FieldOf(later("Kilometres"), _NUMBER),
                    FieldOf(later("Next service"), _DATE),
                ),
                (later("owner"), later("driver")),
            ),
        ),
    ),
    Template(
        "clinic",
        later("Clinic"),
        later("Procedures, and the patients who have them"),
        (
            TypeOf(
                later("Procedure"),
                later("Procedures"),
                ":material/medical_services:",
                later("Name"),
                (
                    FieldOf(later("Code"), _TEXT, unique=True),
                    FieldOf(later("Price"), _MONEY),
                    FieldOf(later("Minutes"), _NUMBER),
                    FieldOf(later("Performed by"), _PERSON),
                    FieldOf(later("Instructions"), _LONG),
                ),
                (later("patient"), later("companion")),
                shared=True,
            ),
        ),
    ),
)


def from_template(tx: Writing, template: Template) -> list[ObjectType]:
    """Make the types of a template, named in the language of who makes them. Raises Duplicate where there is one of the
    same name."""
    return [_make(tx, one) for one in template.types]


def _make(tx: Writing, one: TypeOf) -> ObjectType:
    made = verbs.create(
        tx, singular=tr(one.singular), plural=tr(one.plural), icon=one.icon, primary=tr(one.primary), shared=one.shared
    )
    for field in one.fields:
        field_verbs.add_field(
            tx,
            made.id,
            name=tr(field.name),
            type=field.type,
            values=[tr(value) for value in field.values],
            required=field.required,
            unique=field.unique,
        )
    for label in one.labels:
        links.add_label(tx, made.kind, tr(label))
    return made
