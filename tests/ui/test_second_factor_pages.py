"""The second factor on its pages, Account and Settings; setting it up is in tests/browser/test_signing_in.py."""

from collections.abc import Callable
from datetime import timedelta

from streamlit.testing.v1 import AppTest

from crm.foundation import clock
from crm.foundation.access import SYSTEM, Actor, Role
from crm.platform import process
from crm.platform.people import second_factor, sessions
from crm.store import Store
from tests.pages import open_page
from tests.people import Team
from tests.platform.people.test_second_factor import enrolled, quick  # noqa: F401  # a fixture that is used by itself
from tests.ui.test_contact_pages import button, said


def drawn(store: Store, script: Callable[[], None], actor: Actor) -> AppTest:
    """A part of a page with its dialog open, whatever is pressed in it."""
    process.use(store)
    with store.writing(SYSTEM) as tx:
        session_id = sessions.begin(tx, actor.id)
    page = AppTest.from_function(script, default_timeout=30)
    page.user = {"session": sessions.hashed(session_id)}
    return page.run()


def turning_off() -> None:
    from crm.ui.account import second_factor

    second_factor.show()
    second_factor._turn_off()


def editing_ana() -> None:
    from crm.platform.people import users
    from crm.ui import session
    from crm.ui.settings import people

    with session.reading() as tx:
        ana = next(user for user in users.everyone(tx) if user.name == "Ana")
    people._edit(ana)


def test_who_turns_it_off_sees_that_it_is_off(store: Store, team: Team) -> None:
    totp, _ = enrolled(store, team.ana)
    page = drawn(store, turning_off, team.ana)
    assert "**Set up** on" in said(page)
    page.text_input[0].set_value("000000")
    page.button[-1].click().run()
    assert ["That code is not right" in error.value for error in page.error] == [True]
    page.text_input[0].set_value(totp.at(clock.now() + timedelta(seconds=30)))  # this half minute's is used
    page.button[-1].click().run()
    assert "**Not set up.**" in said(page)
    with store.reading(team.ana) as tx:
        assert second_factor.of_user(tx, team.ids.ana) is None


def test_an_administrator_resets_that_of_somebody_who_has_one(store: Store, team: Team) -> None:
    assert "Reset second factor" not in [one.label for one in drawn(store, editing_ana, team.ada).button]
    enrolled(store, team.ana)
    page = drawn(store, editing_ana, team.ada)
    button(page, "Reset second factor").click().run()
    assert not page.error
    assert "Reset second factor" not in [one.label for one in page.button]
    with store.reading(team.ada) as tx:
        assert second_factor.owners(tx) == frozenset()


def test_the_workspace_says_which_roles_must_have_one(store: Store, team: Team) -> None:
    page = open_page(store, "settings", team.ada, section="Workspace")
    roles = next(one for one in page.multiselect if one.label == "Required for")
    roles.set_value([Role.REP, Role.ADMINISTRATOR])
    page.button(key="save-second-factor").click().run()
    assert ["Set up your own second factor first" in error.value for error in page.error] == [True]
    next(one for one in page.multiselect if one.label == "Required for").set_value([Role.REP])
    page.button(key="save-second-factor").click().run()
    assert [one.value for one in page.success] == ["Saved."]
    with store.reading(team.ada) as tx:
        assert second_factor.roles(tx) == {Role.REP}
