"""Ending the product while people have pages open."""

from tests.browser.conftest import Serve, SignIn, idle


def test_open_pages_do_not_hold_the_server_up_and_leave_no_trace_in_its_log(serve: Serve, sign_in: SignIn) -> None:
    server = serve(lambda _: None)
    page = sign_in("ana", server)
    with page.expect_request("**/events*"):
        page.goto("/")
    idle(page)
    page.wait_for_function("() => window.mallardLive?.source?.readyState === EventSource.OPEN")
    server.stop()
    assert "Traceback" not in server.said
