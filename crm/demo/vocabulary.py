"""The words that demo data is made of, from data/vocabulary.toml; and drawing from them."""

import random
import tomllib
from functools import cache

from pydantic import BaseModel

from crm.foundation.access import Role
from crm.foundation.settings import ROOT

FILE = ROOT / "data" / "vocabulary.toml"


class Country(BaseModel, frozen=True):
    share: int
    country: str
    cities: dict[str, str]
    """City → telephone area."""
    first: list[str]
    last: list[str]
    surnames: int = 1
    """How many a person may have, a mother's before a father's."""


class CompanyWords(BaseModel, frozen=True):
    first: list[str]
    second: list[str]


class Ware(BaseModel, frozen=True):
    sku: str
    name: str
    price: str
    """In BRL."""
    description: str | None = None
    active: bool = True


class Step(BaseModel, frozen=True):
    text: str
    due_days: int


class Vocabulary(BaseModel, frozen=True):
    labels: dict[str, str]
    """Name → colour."""
    sources: dict[str, int]
    industries: dict[str, int]
    job_titles: list[str]
    mail_hosts: list[str]
    teams: dict[str, list[str]]
    """Team → its reps."""
    others: dict[Role, str]
    """One person for each role but rep."""
    companies: CompanyWords
    wares: list[Ware]
    extras: list[str]
    """Lines of a deal's own."""
    checklists: dict[str, list[Step]]
    """Name of a template → its items."""
    people: dict[str, Country]
    """By ISO 3166 code."""


@cache
def vocabulary() -> Vocabulary:
    return Vocabulary(**tomllib.loads(FILE.read_text("utf-8")))


def weighted(chance: random.Random, shares: dict[str, int]) -> str:
    """One of the keys, as often as its share says."""
    return chance.choices(list(shares), weights=list(shares.values()))[0]
