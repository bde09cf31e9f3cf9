"""Outlook: People → Export, and the desktop's Export to a file, in the program's language."""

from crm.imports.presets.model import Preset

PRESETS = (
    Preset(
        product="Outlook",
        kind="contacts",
        language="English",
        signs=("first name", "last name", "e mail address", "business phone", "mobile phone"),
        columns={
            "first name": "first_name",
            "last name": "last_name",
            "e mail address": "email",
            "mobile phone": "phone",
            "company": "company",
            "categories": "labels",
            "business city": "city",
            "business country region": "country",
            "business country": "country",
        },
        spare={
            "email": ("e mail 2 address", "e mail 3 address"),
            "phone": ("business phone", "primary phone", "home phone"),
            "city": ("home city",),
            "country": ("home country region", "home country"),
        },
    ),
    Preset(
        product="Outlook",
        kind="contacts",
        language="Portuguese",
        signs=("nome", "sobrenome", "endereco de email", "telefone comercial"),
        columns={
            "nome": "first_name",
            "sobrenome": "last_name",
            "endereco de email": "email",
            "telefone celular": "phone",
            "empresa": "company",
            "categorias": "labels",
            "cidade do endereco comercial": "city",
            "pais regiao do endereco comercial": "country",
        },
        spare={
            "email": ("endereco de email 2", "endereco de email 3"),
            "phone": ("telefone comercial", "telefone principal", "telefone residencial"),
            "city": ("cidade do endereco residencial",),
            "country": ("pais regiao do endereco residencial",),
        },
    ),
    Preset(
        product="Outlook",
        kind="contacts",
        language="Portuguese",
        signs=("nome", "sobrenome", "endereco de e mail", "telefone comercial"),
        columns={
            "nome": "first_name",
            "sobrenome": "last_name",
            "endereco de e mail": "email",
            "celular": "phone",
            "telefone celular": "phone",
            "empresa": "company",
            "categorias": "labels",
            "cidade do endereco comercial": "city",
            "pais regiao do endereco comercial": "country",
        },
        spare={
            "email": ("endereco de e mail 2",),
            "phone": ("telefone comercial", "telefone residencial"),
            "city": ("cidade do endereco residencial",),
            "country": ("pais regiao do endereco residencial",),
        },
    ),
)
