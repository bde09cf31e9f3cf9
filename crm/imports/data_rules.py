"""What must hold of imports, for `crm verify`: each rule is a query of the ids that break it."""

from crm.foundation.language import later

RULES = {
    later("an import whose counts do not add up to its rows"): """
        SELECT id
        FROM base.imports
        WHERE state = 'done' AND total <> created + updated + unchanged + skipped + rejected
    """,
}
