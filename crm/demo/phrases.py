"""The words of the demo data that are in the language of whoever makes it: translated where they are written."""

from decimal import Decimal

from pydantic import BaseModel

from crm.foundation.language import later


class Ware(BaseModel, frozen=True):
    sku: str
    name: str
    price: str
    """In BRL."""
    description: str | None = None
    active: bool = True


class Lesson(BaseModel, frozen=True):
    """A course: the more places it has, the more are enrolled in it."""

    name: str
    level: int
    """Its place among the levels of the template."""
    price: Decimal
    """A month, in BRL."""
    starts_in: int
    """Days from today."""
    places: int


class Step(BaseModel, frozen=True):
    text: str
    due_days: int


LABELS = {
    later("Customer"): "green",
    later("Partner"): "blue",
    later("Newsletter"): "gray",
    later("VIP"): "orange",
    later("Event 2025"): "violet",
    later("Do not call"): "red",
}
"""{name: colour}."""


SOURCES = {
    later("Website"): 28,
    later("Referral"): 22,
    later("Outbound call"): 16,
    later("Event"): 12,
    later("Instagram"): 12,
    later("Partner"): 10,
}
"""{name: its weight}."""


INDUSTRIES = {
    later("Retail"): 18,
    later("Construction"): 12,
    later("Logistics"): 11,
    later("Food"): 14,
    later("Health"): 12,
    later("Education"): 9,
    later("Software"): 12,
    later("Agriculture"): 7,
    later("Energy"): 5,
}
"""{name: its weight}."""


JOB_TITLES = (
    later("Owner"),
    later("Purchasing manager"),
    later("Finance director"),
    later("Operations manager"),
    later("IT manager"),
    later("Marketing analyst"),
    later("Sales director"),
    later("Administrative assistant"),
    later("Chief executive"),
    later("Store manager"),
)


TEAMS = (later("International"),)
"""Of the teams of data/vocabulary.toml those that are called by a word."""

EXTRAS = (
    later("Delivery"),
    later("Travel"),
    later("Work to measure"),
    later("Adjustment as agreed"),
    later("Set-up"),
)
"""Names of lines that are not in the catalog."""


WARES = (
    Ware(sku="LAMP-READ", name=later("Reading lamp"), price="249.90", description=later("Oak and brass, dimmable.")),
    Ware(sku="LAMP-DESK", name=later("Desk lamp"), price="189.50"),
    Ware(
        sku="CHAIR-ERGO",
        name=later("Ergonomic chair"),
        price="1290.00",
        description=later("Adjustable back, arms and headrest; five years of warranty."),
    ),
    Ware(sku="DESK-STAND", name=later("Standing desk, 160 × 80 cm"), price="2390.00"),
    Ware(sku="SHELF-4", name=later("Shelf with four boards"), price="640.00"),
    Ware(sku="ROOM-ACOUSTIC", name=later("Acoustic panel, m²"), price="87.35"),
    Ware(sku="SOLAR-550", name=later("Solar panel 550 W"), price="899.00"),
    Ware(sku="SOLAR-INV", name=later("Inverter 5 kW"), price="4150.00"),
    Ware(sku="SRV-INSTALL", name=later("Installation on site, day"), price="1100.00"),
    Ware(sku="SRV-TRAIN", name=later("Training, day"), price="1850.00"),
    Ware(
        sku="SRV-SUPPORT",
        name=later("Support plan, year"),
        price="3600.00",
        description=later("Answers within four hours on working days."),
    ),
    Ware(sku="LIC-SEAT", name=later("Licence per seat, month"), price="59.90"),
    Ware(sku="LIC-API", name=later("API access, month"), price="490.00"),
    Ware(sku="SRV-PROJECT", name=later("Project management, hour"), price="220.00"),
    Ware(sku="LAMP-CLASSIC", name=later("Classic lamp (until 2025)"), price="210.00", active=False),
)


COURSES = (
    Lesson(name=later("English, mornings"), level=0, price=Decimal("420.00"), starts_in=-70, places=40),
    Lesson(name=later("English, evenings"), level=1, price=Decimal("460.00"), starts_in=-42, places=24),
    Lesson(name=later("English for business"), level=2, price=Decimal("690.00"), starts_in=20, places=12),
    Lesson(name=later("Spanish for beginners"), level=0, price=Decimal("390.00"), starts_in=-30, places=20),
    Lesson(name=later("Spanish conversation"), level=1, price=Decimal("450.00"), starts_in=10, places=12),
    Lesson(name=later("French for beginners"), level=0, price=Decimal("480.00"), starts_in=-21, places=16),
    Lesson(name=later("French for travellers"), level=1, price=Decimal("520.00"), starts_in=33, places=10),
    Lesson(name=later("Public speaking"), level=1, price=Decimal("640.00"), starts_in=25, places=10),
    Lesson(name=later("Spreadsheets in two days"), level=0, price=Decimal("350.00"), starts_in=-7, places=15),
    Lesson(name=later("Accounting for owners"), level=0, price=Decimal("880.00"), starts_in=45, places=18),
    Lesson(name=later("Project management"), level=1, price=Decimal("1250.00"), starts_in=14, places=18),
    Lesson(name=later("Data analysis"), level=2, price=Decimal("1480.00"), starts_in=60, places=14),
)


CHECKLISTS = {
    later("Before the offer"): (
        Step(text=later("Call and ask what they need"), due_days=1),
        Step(text=later("Find out who decides"), due_days=3),
        Step(text=later("Visit or video tour"), due_days=7),
        Step(text=later("Agree on quantities"), due_days=10),
        Step(text=later("Send the quote"), due_days=14),
    ),
    later("After the offer"): (
        Step(text=later("Ask whether it arrived"), due_days=2),
        Step(text=later("Answer open questions"), due_days=5),
        Step(text=later("Agree on price and terms"), due_days=10),
        Step(text=later("Have the contract checked"), due_days=15),
    ),
    later("Renewal"): (
        Step(text=later("Look at their use of the last year"), due_days=2),
        Step(text=later("Meet and hear what is missing"), due_days=7),
        Step(text=later("Send the renewed terms"), due_days=14),
    ),
}
"""{name of a template: its items}."""
