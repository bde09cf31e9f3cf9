"""Pipelines and their stages. Every pipeline has open stages, then one Won stage (100 %) and one Lost stage (0 %)."""

from crm.pipelines.categories import Category
from crm.pipelines.model import COLOURS, RANK_STEP, Kind, NewStage, Pipeline, Stage, all_of, get, stage
from crm.pipelines.rules import Requirement
from crm.pipelines.ruling import choices, let_win, require_fields, rules_of, set_limit, winners
from crm.pipelines.stages import (
    add_stage,
    adopt_probability,
    recolour_stage,
    rename_stage,
    reorder_stages,
    set_category,
    set_probability,
)
from crm.pipelines.templates import Template, create_from_template, templates
from crm.pipelines.verbs import create, delete, may_shape, rename, require_shaping

__all__ = [
    "COLOURS",
    "RANK_STEP",
    "Category",
    "Kind",
    "NewStage",
    "Pipeline",
    "Requirement",
    "Stage",
    "Template",
    "add_stage",
    "adopt_probability",
    "all_of",
    "choices",
    "create",
    "create_from_template",
    "delete",
    "get",
    "let_win",
    "may_shape",
    "recolour_stage",
    "rename",
    "rename_stage",
    "reorder_stages",
    "require_fields",
    "require_shaping",
    "rules_of",
    "set_category",
    "set_limit",
    "set_probability",
    "stage",
    "templates",
    "winners",
]
