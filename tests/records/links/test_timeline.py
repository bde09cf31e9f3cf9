"""Both sides of a link tell of it, by the name of the other where the reader may see that."""

from datetime import date

from crm.foundation.language import speaking
from crm.records import feed, links
from crm.records.history import history
from crm.store import Store
from crm.ui.components.sentences import differences, group, sentence
from tests.owner_privacy import owner_privacy
from tests.people import Team
from tests.records.links.building import School


def told(store: Store, team: Team, who: str, kind: str, record_id: int) -> list[str]:
    with store.reading(getattr(team, who)) as tx:
        return [sentence(event) for event in history(tx, kind, record_id) if group(event) == "Links"]


def test_linking_changing_and_unlinking_are_told_on_both_sides(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        made = links.link(tx, school.kind, school.english, "contact", school.lia, label="student")
        links.change(tx, made.id, label="guardian", linked_on=date(2026, 3, 2))
        links.link(tx, school.kind, school.english, "deal", school.deal)
        links.unlink(tx, made.id)
    assert told(store, team, "ana", "contact", school.lia) == [
        "Ana removed the link to “English”",
        "Ana changed the link to “English”",
        "Ana added a link to “English” as student",
    ]
    assert told(store, team, "ana", "deal", school.deal) == ["Ana added a link to “English”"]
    assert told(store, team, "ana", school.kind, school.english)[0] == "Ana removed the link to “Lia”"
    with store.reading(team.ana) as tx:
        changed = next(one for one in history(tx, "contact", school.lia) if one.name == "link.changed")
    assert differences(changed) == [("Label", "student", "guardian"), ("Linked on", "–", "2026-03-02")]
    with speaking("pt_BR"):
        assert differences(changed)[0][0] == "Etiqueta"
        assert "vínculo com “English” como student" in told(store, team, "ana", "contact", school.lia)[-1]


def test_a_name_that_the_reader_may_not_see_is_left_out(store: Store, team: Team, school: School) -> None:
    with store.writing(team.marta) as tx:
        links.link(tx, school.kind, school.chess, "contact", school.lia)
        made = links.link(tx, school.kind, school.chess, "contact", school.ivo)
        links.unlink(tx, made.id)
    owner_privacy(store, team)
    assert told(store, team, "ana", school.kind, school.chess) == [
        "Marta removed the link to “another record”",
        "Marta added a link to “another record”",
        "Marta added a link to “Lia”",
    ]
    with store.reading(team.ana) as tx:
        named = [change.payload.get("linked_name") for change in feed.changes(tx) if change.event == "link.added"]
    assert sorted(map(str, named)) == ["Chess", "Lia", "None"]


def test_the_kinds_of_both_sides_changed(store: Store, team: Team, school: School) -> None:
    with store.writing(team.ana) as tx:
        links.link(tx, school.kind, school.english, "contact", school.lia)
        recorded = list(tx.recorded)
    assert feed.kinds_changed(store, recorded) == {school.kind, "contact"}
