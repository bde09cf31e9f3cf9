"""Made-up companies and the people who work there."""

import random
import re
from datetime import date, datetime, timedelta

from babel import Locale
from pydantic import BaseModel

from crm.demo.calendar import DAYS, office_hour
from crm.demo.people import Rep
from crm.demo.phrases import INDUSTRIES, JOB_TITLES
from crm.demo.telephones import Telephones
from crm.demo.vocabulary import Country, vocabulary, weighted
from crm.foundation import identity
from crm.foundation.language import current, tr


class NewCompany(BaseModel, frozen=True):
    id: int
    name: str
    domain: str
    description: str | None
    owner_id: int
    team_id: int
    created_at: datetime
    industry: str
    employees: int


class NewContact(BaseModel, frozen=True):
    id: int
    name: str
    email: str | None
    phone: str | None
    identifier: str | None
    city: str
    country: str
    company_id: int | None
    blocked: bool
    owner_id: int | None
    team_id: int | None
    created_at: datetime
    job_title: str | None
    birthday: date | None
    newsletter: bool


class Crowd:
    """Generates companies and contacts without repeating a domain, address or phone number."""

    def __init__(self, chance: random.Random, reps: list[Rep], midnight: datetime) -> None:
        self._chance = chance
        self._reps = reps
        self._midnight = midnight
        self._telephones = Telephones(chance)
        self._taken: dict[str, int] = {}

    def companies(self, ids: list[int]) -> list[NewCompany]:
        return [self._company(company_id) for company_id in ids]

    def contacts(self, ids: list[int], companies: list[NewCompany]) -> list[NewContact]:
        """Three in four work for a company; a few companies have many of them."""
        sizes = [self._chance.paretovariate(1.2) for _ in companies]
        employers = self._chance.choices(companies, weights=sizes, k=len(ids))
        return [
            self._contact(contact_id, employer if self._chance.random() < 0.75 else None)
            for contact_id, employer in zip(ids, employers, strict=True)
        ]

    def _company(self, company_id: int) -> NewCompany:
        words = vocabulary().companies
        name = f"{self._chance.choice(words.first)} {self._chance.choice(words.second)}"
        again = self._times_taken(name)
        name = name if again == 1 else f"{name} {_roman(again)}"
        rep = self._chance.choice(self._reps)
        industry = tr(weighted(self._chance, INDUSTRIES))
        return NewCompany(
            id=company_id,
            name=name,
            domain=f"{_slug(name)}.example",
            description=tr("{industry} company, met through a colleague.", industry=industry)
            if self._chance.random() < 0.3
            else None,
            owner_id=rep.id,
            team_id=rep.team_id,
            created_at=self._some_day(),
            industry=industry,
            employees=int(self._chance.lognormvariate(3.8, 1.2)) + 1,
        )

    def _contact(self, contact_id: int, company: NewCompany | None) -> NewContact:
        chance = self._chance
        code = weighted(chance, {code: country.share for code, country in vocabulary().people.items()})
        country = vocabulary().people[code]
        first, last = self._names(country)
        city, area = chance.choice(list(country.cities.items()))
        rep = chance.choice(self._reps)
        owner_id, team_id = (company.owner_id, company.team_id) if company else (rep.id, rep.team_id)
        owned = chance.random() < 0.95
        return NewContact(
            id=contact_id,
            # The family name comes first.
            name=f"{last} {first}" if code == "JP" else f"{first} {last}",
            email=self._email(first, last, company) if chance.random() < 0.92 else None,
            phone=self._telephones.next(code, area) if chance.random() < 0.8 else None,
            identifier=f"C-{contact_id:06d}" if chance.random() < 0.4 else None,
            city=city,
            country=Locale.parse(current()).territories[code],
            company_id=company.id if company else None,
            blocked=chance.random() < 0.01,
            owner_id=owner_id if owned else None,
            team_id=team_id if owned else None,
            # Nobody of a company is known before the company is.
            created_at=max(self._some_day(), company.created_at) if company else self._some_day(),
            job_title=tr(chance.choice(JOB_TITLES)) if company and chance.random() < 0.7 else None,
            birthday=self._birthday() if chance.random() < 0.35 else None,
            newsletter=chance.random() < 0.45,
        )

    def _names(self, country: Country) -> tuple[str, str]:
        surnames = self._chance.sample(country.last, self._chance.randint(1, country.surnames))
        return self._chance.choice(country.first), " ".join(surnames)

    def _email(self, first: str, last: str, company: NewCompany | None) -> str:
        host = company.domain if company else self._chance.choice(vocabulary().mail_hosts)
        local = f"{_slug(first)}.{_slug(last.rsplit(maxsplit=1)[-1])}"
        again = self._times_taken(f"{local}@{host}")
        return f"{local}@{host}" if again == 1 else f"{local}{again}@{host}"

    def _times_taken(self, key: str) -> int:
        self._taken[key] = self._taken.get(key, 0) + 1
        return self._taken[key]

    def _some_day(self) -> datetime:
        """Some day of the two years; a third of the records were there when they began."""
        ago = DAYS + self._chance.randrange(30) if self._chance.random() < 0.33 else self._chance.randrange(1, DAYS)
        return office_hour(self._chance, self._midnight - timedelta(days=ago))

    def _birthday(self) -> date:
        return self._midnight.date() - timedelta(days=self._chance.randrange(20 * 365, 70 * 365))


ROMAJI = {
    "陽菜": "hina", "蓮": "ren", "結衣": "yui", "大翔": "haruto", "美咲": "misaki", "健太": "kenta",
    "佐藤": "sato", "鈴木": "suzuki", "高橋": "takahashi", "田中": "tanaka",
    "伊藤": "ito", "渡辺": "watanabe", "山本": "yamamoto", "中村": "nakamura",
}  # fmt: skip


def _slug(name: str) -> str:
    """A name as part of an email address: ß and Japanese names are transliterated as their owners would."""
    spelt = ROMAJI.get(name, name).replace("ß", "ss")
    return re.sub(r"[^a-z0-9]+", "-", re.sub("['’]", "", identity.folded(spelt))).strip("-")


def _roman(number: int) -> str:
    numerals = {10: "X", 9: "IX", 5: "V", 4: "IV", 1: "I"}
    written = ""
    for value, letters in numerals.items():
        written += letters * (number // value)
        number %= value
    return written
