"""Records of any type from files: read, mapped, planned, then looked at or applied, whole or not at all."""

from crm.imports.applying.outcomes import outcome_fields, outcomes
from crm.imports.applying.repair import begin_repaired
from crm.imports.applying.unread import unread, unread_csv
from crm.imports.interruption import interrupt
from crm.imports.mapping.preview import Preview, first_rows, preview
from crm.imports.mapping.saved_mappings import (
    delete_mapping,
    fitting,
    keep_values,
    mappings,
    may_change,
    rename_mapping,
    save_mapping,
)
from crm.imports.model import (
    Fate,
    Fates,
    Import,
    LeftPage,
    OnDuplicate,
    Options,
    Outcome,
    UndoPreview,
    Unread,
    UnreadPage,
    kinds,
    type_of,
    types,
)
from crm.imports.offers import found_by, makes
from crm.imports.template import template_csv, template_xlsx
from crm.imports.undoing.undo_job import undo, undo_left, undo_preview
from crm.imports.values.column_values import ColumnValues, FoundValue, column_values
from crm.imports.values.value_fields import ValueField, value_fields
from crm.imports.verbs import (
    apply,
    begin,
    cancel,
    count,
    get,
    latest,
    map_values,
    rejected,
    rejected_csv,
    require,
)

__all__ = [
    "ColumnValues",
    "Fate",
    "Fates",
    "FoundValue",
    "Import",
    "LeftPage",
    "OnDuplicate",
    "Options",
    "Outcome",
    "Preview",
    "UndoPreview",
    "Unread",
    "UnreadPage",
    "ValueField",
    "apply",
    "begin",
    "begin_repaired",
    "cancel",
    "column_values",
    "count",
    "delete_mapping",
    "first_rows",
    "fitting",
    "found_by",
    "get",
    "interrupt",
    "keep_values",
    "kinds",
    "latest",
    "makes",
    "map_values",
    "mappings",
    "may_change",
    "outcome_fields",
    "outcomes",
    "preview",
    "rejected",
    "rejected_csv",
    "rename_mapping",
    "require",
    "save_mapping",
    "template_csv",
    "template_xlsx",
    "type_of",
    "types",
    "undo",
    "undo_left",
    "undo_preview",
    "unread",
    "unread_csv",
    "value_fields",
]
