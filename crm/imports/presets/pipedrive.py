"""Pipedrive: People, Organizations and Deals → Export filter results. Each header names its record first.

A won deal stands there in the stage where it was won, with the status “Won”: here Won is the stage, and the other one
the last open stage.
"""

from crm.imports.model import Kind
from crm.imports.presets.model import Preset

PRESETS = (
    Preset(
        product="Pipedrive",
        kind=Kind.CONTACTS,
        language="English",
        signs=("person name",),
        columns={
            "person id": "identifier",
            "person name": "name",
            "person email work": "email",
            "person email": "email",
            "person phone work": "phone",
            "person phone": "phone",
            "person organization": "company",
            "person owner": "owner",
            "person city": "city",
            "person country": "country",
        },
        spare={
            "email": ("person email home", "person email other"),
            "phone": ("person phone mobile", "person phone home", "person phone other"),
        },
        between_values=", ",
    ),
    Preset(
        product="Pipedrive",
        kind=Kind.CONTACTS,
        language="Portuguese",
        signs=("pessoa nome",),
        columns={
            "pessoa id": "identifier",
            "pessoa nome": "name",
            "pessoa e mail trabalho": "email",
            "pessoa e mail": "email",
            "pessoa telefone trabalho": "phone",
            "pessoa telefone": "phone",
            "pessoa organizacao": "company",
            "pessoa proprietario": "owner",
            "pessoa cidade": "city",
            "pessoa pais": "country",
        },
        spare={
            "email": ("pessoa e mail residencial", "pessoa e mail outros"),
            "phone": ("pessoa telefone celular", "pessoa telefone residencial", "pessoa telefone outros"),
        },
        between_values=", ",
    ),
    Preset(
        product="Pipedrive",
        kind=Kind.COMPANIES,
        language="English",
        signs=("organization name",),
        columns={
            "organization name": "name",
            "organization website": "domain",
            "organization owner": "owner",
        },
    ),
    Preset(
        product="Pipedrive",
        kind=Kind.COMPANIES,
        language="Portuguese",
        signs=("organizacao nome",),
        columns={
            "organizacao nome": "name",
            "organizacao site": "domain",
            "organizacao website": "domain",
            "organizacao proprietario": "owner",
        },
    ),
    Preset(
        product="Pipedrive",
        kind=Kind.DEALS,
        language="English",
        signs=("deal title", "deal stage"),
        columns={
            "deal id": "identifier",
            "deal title": "title",
            "deal value": "value",
            "deal currency of value": "currency",
            "deal pipeline": "pipeline",
            "deal status": "stage",
            "deal stage": "last_open_stage",
            "deal owner": "owner",
            "deal organization": "company",
            "deal contact person": "contact",
            "deal deal created": "created",
            "deal won time": "closed",
            "deal expected close date": "expected_close",
            "deal lost reason": "close_reason",
            "deal source channel": "source",
        },
        spare={"stage": ("deal stage",), "closed": ("deal lost time", "deal deal closed on")},
        blanks={"deal status": ("open",)},
    ),
    Preset(
        product="Pipedrive",
        kind=Kind.DEALS,
        language="Portuguese",
        signs=("negocio titulo", "negocio etapa"),
        columns={
            "negocio id": "identifier",
            "negocio titulo": "title",
            "negocio valor": "value",
            "negocio moeda de valor": "currency",
            "negocio moeda do valor": "currency",
            "negocio funil": "pipeline",
            "negocio status": "stage",
            "negocio etapa": "last_open_stage",
            "negocio proprietario": "owner",
            "negocio organizacao": "company",
            "negocio pessoa de contato": "contact",
            "negocio negocio criado em": "created",
            "negocio data de ganho": "closed",
            "negocio ganho em": "closed",
            "negocio data de fechamento esperada": "expected_close",
            "negocio motivo da perda": "close_reason",
        },
        spare={
            "stage": ("negocio etapa",),
            "closed": ("negocio data de perda", "negocio perdido em", "negocio negocio fechado em"),
        },
        blanks={"negocio status": ("aberto", "em aberto")},
    ),
)
