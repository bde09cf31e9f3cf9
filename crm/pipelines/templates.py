"""Pipeline templates by niche: one TOML file each in data/templates, with texts for people in English."""

import tomllib
from functools import cache

from pydantic import BaseModel

from crm.foundation.errors import NotFound
from crm.foundation.language import tr
from crm.foundation.settings import ROOT
from crm.pipelines.model import NewStage, Pipeline
from crm.pipelines.verbs import create
from crm.store import Writing

FOLDER = ROOT / "data" / "templates"


class Template(BaseModel, frozen=True):
    key: str
    name: str
    niche: str
    description: str
    icon: str
    """The name of a Material symbol."""
    won: str
    lost: str
    stages: tuple[NewStage, ...]


@cache
def templates() -> tuple[Template, ...]:
    """All templates, sorted by niche."""
    found = [Template(key=path.stem, **tomllib.loads(path.read_text("utf-8"))) for path in FOLDER.glob("*.toml")]
    return tuple(sorted(found, key=lambda template: template.niche))


def create_from_template(tx: Writing, key: str, *, name: str | None = None) -> Pipeline:
    """Create a pipeline from a template, under its name or another. What the template names is named in the language
    of who creates it."""
    template = next((template for template in templates() if template.key == key), None)
    if template is None:
        raise NotFound(tr("template"))
    stages = [stage.model_copy(update={"name": tr(stage.name)}) for stage in template.stages]
    return create(tx, name or tr(template.name), stages, won=tr(template.won), lost=tr(template.lost))
