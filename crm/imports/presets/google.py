"""Google Contacts → Export → Google CSV, in its layout since 2024 and in the one before. Its headers are English in
every language; a Portuguese one comes from spreadsheets that were made from it."""

from crm.imports.presets.model import Preset

SEVERAL = " ::: "
GROUPS = ("* mycontacts", "* my contacts", "* starred")

PRESETS = (
    Preset(
        product="Google",
        kind="contacts",
        language="English",
        signs=("first name", "last name", "e mail 1 value"),
        columns={
            "first name": "first_name",
            "last name": "last_name",
            "e mail 1 value": "email",
            "phone 1 value": "phone",
            "organization name": "company",
            "labels": "labels",
            "address 1 city": "city",
            "address 1 country": "country",
        },
        spare={
            "email": ("e mail 2 value",),
            "phone": ("phone 2 value",),
        },
        between_values=SEVERAL,
        own_labels=GROUPS,
    ),
    Preset(
        product="Google",
        kind="contacts",
        language="English",
        signs=("name", "given name", "family name", "e mail 1 value"),
        columns={
            "name": "name",
            "given name": "first_name",
            "family name": "last_name",
            "e mail 1 value": "email",
            "phone 1 value": "phone",
            "organization 1 name": "company",
            "group membership": "labels",
            "address 1 city": "city",
            "address 1 country": "country",
        },
        spare={"email": ("e mail 2 value",), "phone": ("phone 2 value",)},
        between_values=SEVERAL,
        own_labels=GROUPS,
    ),
    Preset(
        product="Google",
        kind="contacts",
        language="Portuguese",
        signs=("nome", "sobrenome", "e mail 1 valor"),
        columns={
            "nome": "first_name",
            "sobrenome": "last_name",
            "e mail 1 valor": "email",
            "telefone 1 valor": "phone",
            "nome da organizacao": "company",
            "marcadores": "labels",
            "endereco 1 cidade": "city",
            "endereco 1 pais": "country",
        },
        spare={"email": ("e mail 2 valor",), "phone": ("telefone 2 valor",)},
        between_values=SEVERAL,
        own_labels=GROUPS,
    ),
)
