"""The way of a file: dropped, streamed, mapped, tried, repaired in the page, imported, taken back."""

import io
import re
from functools import partial

import httpx
import pytest
import xlsxwriter
from playwright.sync_api import Page, expect

from crm import contacts
from crm.foundation.access import SYSTEM
from crm.store import Store
from tests.browser.conftest import Serve, Server, SignIn, idle, insist
from tests.imports.spreadsheets import cell, ods, row, xls

PEOPLE = (
    "Nome;E-mail;Cidade;Plano\n"
    "Ana Souza;ana@x.example.com;São Paulo;pro\n"
    "Bob;nope;Recife;pro\n"
    "Eva;eva@x.example.com;;\n"
)


def seed(store: Store) -> None:
    with store.writing(SYSTEM) as tx:
        contacts.create(tx, name="Ana", email="ana@x.example.com", city="Porto")


@pytest.fixture(scope="module")
def server(serve: Serve) -> Server[None]:
    return serve(seed)


def choose(page: Page, name: str, content: bytes) -> None:
    page.goto("/imports?new=contacts")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    page.get_by_label("File to import").set_input_files(
        {"name": name, "mimeType": "application/octet-stream", "buffer": content}
    )


def mapped(page: Page) -> None:
    expect(page.get_by_role("button", name="Dry run")).to_be_enabled()
    idle(page)


def figure(page: Page, label: str, value: str) -> None:
    expect(page.get_by_test_id("stMetric").filter(has_text=label)).to_contain_text(value)


def test_a_file_goes_all_the_way_and_is_taken_back(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    choose(page, "people.csv", PEOPLE.encode("cp1252"))
    mapped(page)
    expect(page.get_by_text("Windows-1252, semicolon between cells")).to_be_visible()
    expect(page).to_have_url(re.compile(r"upload=\d+"))
    page.get_by_text("Overwrite it with the file").click()
    idle(page)
    page.get_by_role("button", name="Dry run").click()
    figure(page, "Rows read", "3")
    figure(page, "To update", "1")
    figure(page, "To reject", "1")
    page.get_by_role("button", name="Import 2 rows").click()
    figure(page, "Created", "1")
    page.get_by_role("button", name="Undo import").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("contact it created is deleted")).to_be_visible()
    expect(dialog.get_by_text("contact it updated is put back")).to_be_visible()
    dialog.get_by_role("button", name="Undo import").click()
    figure(page, "Put back", "1")
    figure(page, "Left as they are", "0")
    with httpx.Client(base_url=server.url, cookies={"mallard": server.cookies["marta"]}) as client:
        listed = client.get("/exports/contacts.csv").text
    assert '"Ana","ana@x.example.com",,,"Porto"' in listed
    assert "Eva" not in listed


def test_a_rejected_row_is_repaired_where_it_stands(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    choose(page, "people.csv", PEOPLE.encode())
    mapped(page)
    page.get_by_role("button", name="Dry run").click()
    figure(page, "To reject", "1")
    page.get_by_role("radio", name=re.compile("^Reject")).click()
    grid = page.get_by_test_id("stDataFrame")
    expect(grid).to_be_visible()
    idle(page)
    editor = page.locator("#portal textarea")
    insist(partial(grid.dblclick, position={"x": 660, "y": 52}), editor)
    expect(editor).to_have_value("nope")
    editor.fill("bob@x.example.com")
    editor.press("Enter")
    page.get_by_role("button", name="Try 1 row again").click()
    expect(page.get_by_role("heading", name="people (repaired).csv")).to_be_visible()
    figure(page, "Rows read", "1")
    figure(page, "To create", "1")


def test_an_excel_file_says_its_sheet_and_another_can_be_read(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    choose(page, "people.xlsx", _workbook())
    mapped(page)
    expect(page.get_by_text("Excel, sheet “North”")).to_be_visible()
    page.get_by_text("Reading options").click()
    page.get_by_role("combobox", name="Sheet").click()
    page.get_by_role("option", name="South").click()
    expect(page.get_by_text("Excel, sheet “South”")).to_be_visible()
    idle(page)
    page.get_by_role("button", name="Dry run").click()
    figure(page, "To create", "2")


def test_a_section_that_unfolds_is_not_scrolled_within(sign_in: SignIn, server: Server[None]) -> None:
    """Its growing would scroll it back, and a scroll closes the choices that were opened in it."""
    page = sign_in("marta", server)
    choose(page, "people.xlsx", _workbook())
    mapped(page)
    section = page.locator("details", has_text="Reading options")
    unfolding = section.evaluate(
        """section => {
            section.querySelector("summary").click();
            section.scrollTop = 20;
            return [section.open, section.style.overflow, section.scrollTop];
        }"""
    )
    assert unfolding == [True, "hidden", 0]
    page.get_by_role("combobox", name="Sheet").click()
    expect(page.get_by_role("option", name="South")).to_be_visible()


def _workbook() -> bytes:
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True})
    book.add_worksheet("North").write_column(0, 0, ["name", "Nora"])
    book.add_worksheet("South").write_column(0, 0, ["name", "Sofia", "Sara"])
    book.close()
    return target.getvalue()


def test_a_large_file_is_streamed_with_its_progress(sign_in: SignIn, server: Server[None]) -> None:
    """Slowed down as a line would, so that the progress is there to be seen."""
    page = sign_in("marta", server)
    cdp = page.context.new_cdp_session(page)
    cdp.send("Network.enable")
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 4 * 2**20}
    line = b"Person,person@x.example.com," + b"x" * 970 + b"\n"
    content = b"name,email,note\n" + line * 12_000
    page.goto("/imports?new=contacts")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    cdp.send("Network.emulateNetworkConditions", slow)
    page.get_by_label("File to import").set_input_files({"name": "big.csv", "mimeType": "text/csv", "buffer": content})
    bar = page.get_by_role("progressbar", name="Uploading big.csv")
    expect(bar).to_be_visible()
    expect(page.get_by_text(re.compile(r"^\d+\.\d MB of 11\.\d MB"))).to_be_visible()
    mapped(page)
    expect(page.get_by_text("11.4 MB")).to_be_visible()
    stored = [path for path in (server.folder / "uploads").iterdir() if path.stat().st_size == len(content)]
    assert len(stored) == 1


def test_an_upload_is_called_off(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto("/imports?new=contacts")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    page.route("**/uploads?*", lambda route: None)
    page.get_by_label("File to import").set_input_files(
        {"name": "a.csv", "mimeType": "text/csv", "buffer": b"name\nAna\n"}
    )
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()


@pytest.mark.parametrize(("name", "said"), [("notes.docx", "is not one of .csv"), ("PHOTO.PNG", "is not one of .csv")])
def test_a_file_of_another_kind_is_refused_before_it_is_sent(
    sign_in: SignIn, server: Server[None], name: str, said: str
) -> None:
    page = sign_in("marta", server)
    choose(page, name, b"x")
    expect(page.get_by_role("alert").filter(has_text=said)).to_be_visible()


def test_a_file_that_is_dropped_is_taken(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("marta", server)
    page.goto("/imports?new=contacts")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    held = page.evaluate_handle(
        """() => {
            const held = new DataTransfer();
            held.items.add(new File(["name\\nAna\\n"], "dropped.csv"));
            return held;
        }"""
    )
    page.locator(".zone").dispatch_event("drop", {"dataTransfer": held})
    mapped(page)
    expect(page.get_by_text("dropped.csv")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content", "read_as"),
    [
        (
            "dropped.ods",
            ods(row(cell("name"), cell("code")), row(cell("Oda"), cell("007", "float", "7"))),
            "OpenDocument",
        ),
        ("dropped.xls", xls(["name", "code"], ["Xena", 8], ["Xavier", 9]), "Excel"),
    ],
)
def test_a_spreadsheet_that_is_dropped_is_read(
    sign_in: SignIn, server: Server[None], name: str, content: bytes, read_as: str
) -> None:
    page = sign_in("marta", server)
    page.goto("/imports?new=contacts")
    expect(page.get_by_role("button", name="Choose a file")).to_be_visible()
    held = page.evaluate_handle(
        """([name, bytes]) => {
            const held = new DataTransfer();
            held.items.add(new File([new Uint8Array(bytes)], name));
            return held;
        }""",
        [name, list(content)],
    )
    page.locator(".zone").dispatch_event("drop", {"dataTransfer": held})
    mapped(page)
    expect(page.get_by_text(f"{read_as}, sheet “People”")).to_be_visible()
    page.get_by_role("button", name="Dry run").click()
    rows = "1" if name.endswith("ods") else "2"
    figure(page, "Rows read", rows)
    figure(page, "To create", rows)


def test_values_are_mapped_in_the_page_and_a_bad_cell_is_left_empty(sign_in: SignIn, server: Server[None]) -> None:
    page = sign_in("ada", server)
    choose(page, "owners.csv", b"name,email,owner\nZoe,nope,M. Old\nYan,yan@x.example.com,marta\n")
    mapped(page)
    expect(page.get_by_text("Values of owner: 2, 1 not known to Owner")).to_be_visible()
    page.get_by_label("Value of M. Old").click()
    page.get_by_role("option", name="Marta").click()
    idle(page)
    box = page.get_by_role("combobox", name="Where a cell cannot be read")
    box.scroll_into_view_if_needed()  # choices close when the page scrolls
    idle(page)
    box.click()
    page.get_by_role("option", name="Email").click()
    page.keyboard.press("Escape")
    idle(page)
    page.get_by_role("button", name="Dry run").click()
    figure(page, "To create", "2")
    expect(page.get_by_text("1 cell left empty, or read in part")).to_be_visible()
