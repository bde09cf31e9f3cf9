"""The three-way merge of a draft, and moves that a board sends again."""

from hypothesis import given
from hypothesis import strategies as st

from crm.ui.forms.draft import merge

SIDES = st.fixed_dictionaries({"title": st.sampled_from("abc"), "value": st.sampled_from([None, 1, 2])})


@given(base=SIDES, mine=SIDES, theirs=SIDES)
def test_a_merge_loses_nothing_that_either_side_typed(
    base: dict[str, object], mine: dict[str, object], theirs: dict[str, object]
) -> None:
    merged = merge(base, mine, theirs)
    for field, began in base.items():
        i_changed, they_changed = mine[field] != began, theirs[field] != began
        assert merged.values[field] == (mine[field] if i_changed else theirs[field])
        assert (field in merged.conflicts) == (i_changed and they_changed and mine[field] != theirs[field])
