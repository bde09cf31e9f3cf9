"""What an editor knows of the language of queries: the names that it offers and colours."""

from crm.workbench.child.functions import CALLED, TABLE

KEYWORDS = """
all and any array as asc asof between by case cast collate cross current date desc distinct else end escape except
exclude exists extract false fetch filter first following for from full glob group grouping having ilike in inner
intersect interval is join last lateral left like limit natural not null nulls offset on or order outer over partition
pivot positional preceding qualify range recursive replace right rollup row rows sample select semi anti sets similar
some struct table then ties timestamp to true try_cast unbounded union unnest unpivot using values when where window
with within year month day
""".replace("\n", " ").strip()
TYPES = (
    "bigint boolean date decimal double float hugeint integer interval json smallint text time timestamp timestamptz "
    "tinyint uuid varchar"
)
FUNCTIONS = sorted(name for name in CALLED | TABLE if name.isidentifier())
