"""Lines and quotes on the page of a deal. Typing into the grid is in tests/browser/test_lines.py."""

from streamlit.testing.v1 import AppTest

from crm import deals
from crm.catalog import Product
from crm.deals import Deal, quote
from crm.store import Store
from tests.pages import open_page, pick, unfold
from tests.people import Team

LINES = ("deal-tabs", "Lines and quotes")


def shown(page: AppTest) -> str:
    return "\n".join(element.value for element in [*page.markdown, *page.caption])


def test_a_deal_with_lines_shows_their_sum_and_offers_no_value_to_type(store: Store, team: Team, chairs: Deal) -> None:
    without = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id), edit="1"), *LINES)
    assert "Value" in [box.label for box in without.number_input]
    assert [box.label for box in without.selectbox if box.key == f"deal-{chairs.id}-lines-currency"]
    with store.writing(team.ana) as tx:
        quote.add(tx, chairs.id, name="Chair", quantity=2, unit_price=10, discount_kind="percent", discount=5)
    page = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id), edit="1"), *LINES)
    assert "Value" not in [box.label for box in page.number_input]
    assert "Currency" not in [box.label for box in page.selectbox]
    assert "less R\\$1\\.00" in shown(page)
    assert "Total **R\\$19\\.00**" in shown(page)
    assert page.button(key=f"deal-{chairs.id}-lines-save").disabled


def test_a_quote_is_made_on_the_page_and_linked(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        quote.add(tx, chairs.id, name="Chair", quantity=2, unit_price=10)
    page = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id)), f"deal-{chairs.id}-quote")
    page.text_area(key=f"deal-{chairs.id}-quote-0-note").set_value("Thanks").run()
    page.button(key=f"deal-{chairs.id}-quote-issue").click().run()
    assert not page.exception
    with store.reading(team.ana) as tx:
        [made] = quote.issued(tx, chairs.id)
    assert (made.note, made.number) == ("Thanks", 1)
    assert any("valid until" in caption.value for caption in unfold(page, *LINES).caption)


def test_a_second_press_makes_no_second_quote_and_another_one_is_asked_for(
    store: Store, team: Team, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        quote.add(tx, chairs.id, name="Chair", quantity=2, unit_price=10)
    page = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id)), f"deal-{chairs.id}-quote")
    press = page.button(key=f"deal-{chairs.id}-quote-issue")
    press.click().run()
    press.click()
    page.run()
    with store.reading(team.ana) as tx:
        assert [one.number for one in quote.issued(tx, chairs.id)] == [1]
    page.button(key=f"deal-{chairs.id}-quote-another").click().run()
    page.button(key=f"deal-{chairs.id}-quote-issue").click().run()
    with store.reading(team.ana) as tx:
        assert [one.number for one in quote.issued(tx, chairs.id)] == [2, 1]


def test_a_product_that_is_picked_goes_into_the_grid(store: Store, team: Team, chairs: Deal, lamp: Product) -> None:
    page = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id)), *LINES)
    pick(page, f"deal-{chairs.id}-product", lamp.id)
    assert "Total **R\\$199\\.90**" in shown(page)
    page.button(key=f"deal-{chairs.id}-lines-save").click().run()
    with store.reading(team.ana) as tx:
        [line] = quote.of(tx, chairs.id).items
        assert (line.sku, line.product_id, line.total) == ("LAMP-1", lamp.id, lamp.prices["BRL"])
        assert deals.get(tx, chairs.id).value == lamp.prices["BRL"]


def test_a_viewer_sees_lines_and_quotes_and_has_nothing_to_change_them_with(
    store: Store, team: Team, chairs: Deal
) -> None:
    with store.writing(team.ana) as tx:
        quote.add(tx, chairs.id, name="Chair", quantity=2, unit_price=10)
        quote.issue(tx, chairs.id)
    page = unfold(open_page(store, "deal", team.vera, deal=str(chairs.id)), *LINES)
    assert "Chair" in [name for table in page.dataframe if "Item" in table.value for name in table.value["Item"]]
    assert not [button for button in page.button if "lines" in (button.key or "") or "quote" in (button.key or "")]


def test_the_timeline_tells_of_lines(store: Store, team: Team, chairs: Deal) -> None:
    with store.writing(team.ana) as tx:
        line = quote.add(tx, chairs.id, name="Chair", quantity=2, unit_price=10)
        quote.remove(tx, chairs.id, line.id)
        quote.add(tx, chairs.id, name="Desk", unit_price=10)
        quote.issue(tx, chairs.id)
    page = unfold(open_page(store, "deal", team.ana, deal=str(chairs.id)), "deal-tabs", "Activity")
    told = "\n".join(element.body for element in page.get("html"))
    for said in ("added the line “Chair”, 2 × 10", "removed the line “Chair”", "made quote 1"):
        assert said in told
