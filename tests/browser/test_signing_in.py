"""The ways in, in a real browser."""

from tests.browser.conftest import Server, SignIn, idle


def test_a_page_leads_to_the_sign_in_and_back(sign_in: SignIn, server: Server) -> None:
    page = sign_in(None, server)
    page.goto("/contacts?q=ann")
    assert page.url.endswith("/login?next=/contacts%3Fq%3Dann")


def test_one_who_is_signed_in_is_let_in(sign_in: SignIn, server: Server) -> None:
    page = sign_in("ada", server)
    page.goto("/")
    idle(page)
    page.get_by_text("Hello Ada").wait_for()
