"""Clients that take their time, over real sockets: what ends them, what does not, and whom they hold up."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import uvicorn

from crm.foundation.access import SYSTEM
from crm.foundation.settings import Settings
from crm.platform import process
from crm.platform.connections import Limits, limited
from crm.platform.people import sessions
from crm.store import Store
from crm.ui.auth.auth_middleware import AuthMiddleware, Site
from tests.people import Team

SOON = 0.2
LATE = 30.0
PATIENCE = 20.0
HEAD = "Host: 127.0.0.1\r\n"
QUICK = f"GET /healthz HTTP/1.1\r\n{HEAD}\r\n"


class Behind:
    """Says how much it was sent, streams for ever at /events, accepts sockets, and keeps what ended how."""

    def __init__(self) -> None:
        self.ended: list[str] = []
        self.go_on = threading.Event()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": "still here"})
            while (await receive())["type"] != "websocket.disconnect":
                pass
            return
        size, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.ended.append("disconnected")
                return
            size, more = size + len(message.get("body", b"")), message.get("more_body", False)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        if scope["path"] == "/events":
            with suppress(OSError):
                for _ in range(20000):
                    await send({"type": "http.response.body", "body": b"x" * 65536, "more_body": True})
            self.ended.append("streamed")
            return
        await send({"type": "http.response.body", "body": f"took {size}".encode()})


@pytest.fixture
def behind() -> Behind:
    return Behind()


@contextmanager
def served(app: Any, **limits: Any) -> Iterator[int]:
    """The port at which an application is served under these limits, all others far away."""
    wide = {"in_all": 100, "from_one": None, "head_seconds": LATE, "body_seconds": LATE, "read_seconds": LATE}
    config = uvicorn.Config(
        app,
        http=limited(Limits(**{**wide, **limits})),
        ws="websockets-sansio",
        lifespan="off",
        log_level="critical",
        timeout_keep_alive=30,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            listening.listen()
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            thread.join(PATIENCE)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def rest(client: socket.socket) -> str:
    """What comes until the server hangs up."""
    told = b""
    with suppress(ConnectionResetError):
        while piece := client.recv(65536):
            told += piece
    return told.decode()


def answered(client: socket.socket, request: str) -> str:
    client.sendall(request.encode())
    return client.recv(65536).decode()


@pytest.mark.parametrize(
    "half", ["", "GET / HT", f"GET /healthz HTTP/1.1\r\n{HEAD}X-More: ", "POST /login HTTP/1.1\r\n"]
)
def test_headers_that_do_not_end_are_ended(behind: Behind, half: str) -> None:
    with served(behind, head_seconds=SOON) as port, connect(port) as client:
        client.sendall(half.encode())
        assert rest(client).startswith("HTTP/1.1 408 Request Timeout\r\n")


def test_bytes_that_drip_do_not_make_the_headers_last_longer(behind: Behind) -> None:
    with served(behind, head_seconds=SOON) as port, connect(port) as client:
        client.sendall(f"GET /healthz HTTP/1.1\r\n{HEAD}X-More: ".encode())
        client.settimeout(SOON / 10)
        told = b""
        for _ in range(1000):
            with suppress(TimeoutError):
                told = client.recv(100)
                break
            with suppress(OSError):
                client.sendall(b"x")
        assert told.startswith(b"HTTP/1.1 408")


def test_a_half_sent_second_request_is_ended_too(behind: Behind) -> None:
    with served(behind, head_seconds=SOON) as port, connect(port) as client:
        assert answered(client, QUICK).startswith("HTTP/1.1 200")
        client.sendall(b"GET /healthz HTTP/1.1\r\n")
        assert "408 Request Timeout" in rest(client)


def test_a_body_that_drips_is_ended_and_the_application_told(behind: Behind) -> None:
    with served(behind, body_seconds=SOON, body_bytes=100) as port, connect(port) as client:
        client.sendall(f"PUT /uploads HTTP/1.1\r\n{HEAD}Content-Length: 1000\r\n\r\nxx".encode())
        assert "408 Request Timeout" in rest(client)
    assert behind.ended == ["disconnected"]


def test_a_body_that_keeps_coming_may_take_as_long_as_it_takes(behind: Behind) -> None:
    """Ten times the span in which some of it must come."""
    with served(behind, body_seconds=SOON, body_bytes=1) as port, connect(port) as client:
        client.sendall(f"PUT /uploads HTTP/1.1\r\n{HEAD}Connection: close\r\nContent-Length: 400\r\n\r\n".encode())
        pause = threading.Event()
        for _ in range(40):
            client.sendall(b"x" * 10)
            pause.wait(SOON / 4)
        assert "took 400" in rest(client)


def test_who_waits_to_be_asked_for_the_body_is_not_slow(store: Store, behind: Behind) -> None:
    held = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        import anyio

        while not held.is_set():
            await anyio.sleep(SOON / 10)
        await behind(scope, receive, send)

    with served(app, body_seconds=SOON * 4, body_bytes=1) as port, connect(port) as client:
        client.sendall(f"PUT /x HTTP/1.1\r\n{HEAD}Content-Length: 2\r\nExpect: 100-continue\r\n\r\n".encode())
        threading.Timer(SOON * 8, held.set).start()
        assert client.recv(65536).startswith(b"HTTP/1.1 100")
        assert "200 OK" in answered(client, "xx")


def test_an_answer_that_nobody_reads_is_given_up(behind: Behind) -> None:
    with served(behind, read_seconds=SOON) as port, connect(port) as client:
        client.sendall(f"GET /events HTTP/1.1\r\n{HEAD}\r\n".encode())
        for _ in range(100):
            if behind.ended:
                break
            threading.Event().wait(SOON / 2)
        assert behind.ended == ["streamed"]


def test_an_open_page_is_under_no_clock(behind: Behind) -> None:
    upgrade = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    with served(behind, head_seconds=SOON, body_seconds=SOON) as port, connect(port) as client:
        client.sendall(f"GET /_stcore/stream HTTP/1.1\r\n{HEAD}{upgrade}{key}".encode())
        told = client.recv(65536)
        while b"still here" not in told:
            told += client.recv(65536)
        assert told.startswith(b"HTTP/1.1 101")
        client.settimeout(SOON * 5)
        with pytest.raises(TimeoutError):
            client.recv(1)


def test_a_client_has_so_many_connections_and_no_more(behind: Behind) -> None:
    with served(behind, from_one=3) as port:
        held = [connect(port) for _ in range(3)]
        assert answered(held[-1], QUICK).startswith("HTTP/1.1 200")
        with connect(port) as fourth:
            assert rest(fourth).startswith("HTTP/1.1 503 Service Unavailable\r\n")
        held.pop().close()
        for _ in range(100):  # the server hears of it a moment later
            with connect(port) as again, suppress(OSError):
                if answered(again, QUICK).startswith("HTTP/1.1 200"):
                    break
        else:
            pytest.fail("the place that was given back was not free again")
        for client in held:
            client.close()


def test_all_clients_together_have_so_many_connections(behind: Behind) -> None:
    with served(behind, in_all=2) as port, connect(port) as first, connect(port) as second, connect(port) as third:
        assert rest(third).startswith("HTTP/1.1 503")
        assert answered(first, QUICK).startswith("HTTP/1.1 200")
        assert answered(second, QUICK).startswith("HTTP/1.1 200")


def test_four_hundred_half_sent_requests_hold_nobody_up_for_long(store: Store, team: Team, behind: Behind) -> None:
    process.use(store)
    with store.writing(SYSTEM) as tx:
        cookie = f"Cookie: mallard={sessions.begin(tx, team.ids.ana)}\r\n"
    gate = AuthMiddleware(behind, Site.of(Settings(base_url=None)))
    with served(gate, in_all=1000, from_one=1000, head_seconds=SOON) as port:
        half = [connect(port) for _ in range(400)]
        for client in half:
            client.sendall(f"GET / HTTP/1.1\r\n{HEAD}{cookie}".encode())
        assert all("408" in rest(client) for client in half)
        with connect(port) as client:
            assert answered(client, f"GET /contacts HTTP/1.1\r\n{HEAD}{cookie}\r\n").startswith("HTTP/1.1 200")
        for client in half:
            client.close()


def test_behind_a_proxy_only_all_together_are_counted() -> None:
    assert Limits.of(Settings(behind_proxy=True)).from_one is None
    assert Limits.of(Settings(connections=50, connections_per_address=9)) == Limits(in_all=50, from_one=9)
