"""The frame around every page: navigation, notifications, the user's menu, and refusals that no page caught."""

from functools import partial
from pathlib import Path

import streamlit as st

from crm.foundation.access import Actor
from crm.foundation.errors import CrmError
from crm.foundation.language import later, tr
from crm.foundation.settings import ROOT
from crm.platform import notices
from crm.records import registry, segments
from crm.reports import first_steps
from crm.store import Reading
from crm.ui import live, redirects, refusals, session, words
from crm.ui.app import places
from crm.ui.components import lazy, styles, unsaved
from crm.ui.lists import sidebar

STATIC = ROOT / "static"
NAME = "Mallard"
_PAGES = "pages"
_WAITING = (Path(__file__).parent / "waiting.css").read_text()
_SET_UP = "set-up"

STYLE = """
  /* White is too faint on the dark theme's buttons. */
  [data-testid^="stBaseButton-primary"]:not(:disabled) { color: light-dark(#fff, #0d0f16); }
  /* A caption is faint, and what stands in it in a colour would be too faint to read. */
  [data-testid="stCaptionContainer"] :is(a, code) { color: inherit !important; }
  /* Components that only listen take no room. */
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-unseen-"]), [class*="st-key-unseen-"] {
    position: absolute; width: 0; height: 0; overflow: hidden; }
  /* A list's toolbar would search and download the one page that is shown as if it were the list. */
  [class*="st-key-records-"] [data-testid="stElementToolbar"] { display: none; }
  /* What a grid would write to a file by itself is not made harmless for spreadsheets, and asks no permission. */
  [data-testid="stElementToolbarButton"]:has([aria-label^="Download as CSV"]) { display: none; }
  /* What stands above a list's rows keeps its height when a button joins it. */
  [class*="st-key-above-"] { min-height: 2.5rem; }
  /* What can be done with picked rows stays in sight at the window's foot, in one line, and moves no row. */
  [data-testid="stLayoutWrapper"]:has(> [class*="st-key-picked-"]) { position: sticky; bottom: .75rem; z-index: 10; }
  [class*="st-key-picked-"] { flex-wrap: nowrap; overflow-x: auto; padding: .5rem .75rem; border-radius: .5rem;
    background: Canvas; border: 1px solid color-mix(in srgb, currentColor 20%, transparent);
    box-shadow: 0 .25rem 1rem rgb(0 0 0 / .18); }
  [class*="st-key-picked-"] > * { flex-shrink: 0; }
  /* Lists and boards use the width that there is. */
  @media (min-width: 768px) { [data-testid="stMainBlockContainer"] { padding-inline: 2rem; } }
  /* Streamlit's captions fall short of a contrast of 4.5. */
  [data-testid="stCaptionContainer"] { color: inherit; opacity: .75; }
  /* What was just done and its undo stand above everything at the window's foot, and move nothing. */
  [data-testid="stLayoutWrapper"]:has(> .st-key-undo-place) { position: absolute; width: 0; height: 0; }
  .st-key-undo-bar { position: fixed; bottom: 1.25rem; left: 50%; z-index: 1000; width: max-content; min-width: 15rem;
    max-width: min(36rem, calc(100vw - 2rem)); min-height: 3.25rem; padding: .4rem .5rem .4rem 1rem; translate: -50% 0;
    flex-wrap: nowrap; border-radius: .5rem; background: Canvas;
    border: 1px solid color-mix(in srgb, currentColor 20%, transparent); box-shadow: 0 .5rem 1.5rem rgb(0 0 0 / .24); }
  /* A section that is unfolding is not scrolled within: a scroll closes the choices that were opened in it. */
  [data-testid="stExpander"] details[style*="overflow: hidden"] { overflow: clip !important; }
  /* What a popover holds comes a moment after it opens: where there is no room below for it, it opens upwards. */
  [data-testid="stPopoverBody"] { min-height: 9rem; }
  /* The arrow in its button is drawn anew as it opens: a press on it, 50 ms later, counts as one beside the popover and
     closes it. So the button itself takes the press. */
  [data-testid="stPopoverButton"] > * { pointer-events: none; }
  /* Of the segments beside a list, the one that is open stands out. */
  [class*="st-key-here-"] button { font-weight: 600; }
  /* What was chosen of several is white on the colour of buttons, which a dark page makes too light for it. */
  [data-testid="stMultiSelectTagsContainer"] > span > span { background: #3346d3; }
  /* Notices and the user's menu stand at the sidebar's foot, in line with the pages above. */
  [data-testid="stSidebarContent"] { display: flex; flex-direction: column; }
  [data-testid="stSidebarNavSeparator"] { display: none; }
  /* A page that was chosen shows it before it has come. */
  [data-testid="stSidebarNavLink"]:active { background: color-mix(in srgb, currentColor 18%, transparent); }
  [data-testid="stSidebarNavLink"]:focus-visible { outline: 2px solid currentColor; outline-offset: -2px; }
  [data-testid="stSidebarUserContent"] { flex: 1; display: flex; padding-top: .75rem; padding-bottom: .75rem; }
  [data-testid="stSidebarUserContent"] [data-testid="stVerticalBlock"] { gap: .25rem; }
  [data-testid="stSidebarUserContent"] > div { flex: 1; display: flex; flex-direction: column; }
  [data-testid="stLayoutWrapper"]:has(> .st-key-sidebar-foot) { margin-top: auto; }
  [data-testid="stSidebarUserContent"] button { justify-content: flex-start; }
"""


ACCOUNT, SIGN_OUT = later("Account"), later("Sign out")
MENU = (ACCOUNT, later("Theme"), later("Keyboard shortcuts"), SIGN_OUT)
"""Under the user's name. static/help.js opens the two in the middle."""


def show() -> None:
    # Before the navigation: a page's icon would else be asked of another server, for the browser's tab.
    st.set_page_config(page_title=NAME, page_icon=str(STATIC / "icon.svg"), layout="wide")
    actor = session.actor()
    other_language = session.speak(actor.language)
    with session.reading() as tx:
        starting = places.START.open_to(actor) and not _is_set_up(tx)
    page = st.navigation(_pages(actor, starting=starting), expanded=True)
    if other_language:
        # Chosen in this window or another. Boxes hold the words of their choices, by which Streamlit knows what was
        # chosen, and the browser's scripts their texts: all of them in the language before.
        redirects.reload()
        st.stop()
    if places.is_entrance(page):
        page.run()  # it sends on: what would be drawn around it would be drawn twice
    st.set_page_config(page_title=f"{page.title} · {NAME}")
    logo = STATIC / f"logo-{st.context.theme.type or 'light'}.svg"
    st.logo(str(logo), icon_image=str(STATIC / "icon.svg"), size="large")
    with st.sidebar:
        _style()
        # static/search.js opens its box in the place of what Streamlit would do.
        st.button(tr("Search"), icon=":material/search:", key="search-everywhere", shortcut="Ctrl+K", width="stretch")
        if page.url_path in segments.kinds():
            sidebar.show(page.url_path)
        with st.container(key="sidebar-foot"):
            _bell()
            _user_menu(actor)
    unsaved.sweep()  # before the page, which may end the run early
    try:
        page.run()
    # The shell's edge: what no page caught is shown as a sentence.
    except CrmError as refusal:
        refusals.show(refusal)


def _is_set_up(tx: Reading) -> bool:
    """Whether the set-up is complete. Asked until it is, and then not again in this session."""
    done: bool = st.session_state.get(_SET_UP) or first_steps.read(tx).done
    st.session_state[_SET_UP] = done
    return done


def _pages(actor: Actor, *, starting: bool) -> dict[str, list[st.Page]]:
    """The pages of this session, made anew where the actor's rights or language, the types or the first steps are
    others."""
    # Of a session and not of the process: Streamlit notes in a page that it may run.
    made_for = (actor.permissions, actor.modules, tuple(registry.types().values()), starting, actor.language)
    kept: tuple[object, dict[str, list[st.Page]]] | None = st.session_state.get(_PAGES)
    if kept is None or kept[0] != made_for:
        kept = st.session_state[_PAGES] = made_for, places.of_actor(actor, starting=starting)
    return kept[1]


def _style() -> None:
    """Add the product's own styles to the page."""
    # In the sidebar, where no callback writes: in a page, a message that a callback raises could take its place.
    styles.add(f"{STYLE}{_WAITING}", key="style")


@refusals.fragment
def _bell() -> None:
    live.on_change("notice", key="bell")
    with session.reading() as tx:
        unread = notices.unread(tx)
    with st.container(key="notices", horizontal=True, vertical_alignment="center", gap=None):
        lazy.popover(
            tr("Notifications"),
            partial(_notices, unread),
            key="notices-open",
            icon=":material/notifications:",
            type="tertiary",
            width="stretch",
        )
        if unread:
            st.badge(words.number(unread), color="primary")


def _notices(unread: int) -> None:
    with session.reading() as tx:
        waiting = notices.of_actor(tx)
        actor, now = tx.actor, tx.now
    if not waiting:
        st.caption(tr("You are all caught up."))
    for notice in waiting[:20]:
        if notice.link:
            places.link(actor, notice.link, notice.text)
        else:
            st.markdown(words.plain(notice.text))
        st.caption(words.ago(notice.created_at, now, actor.language))
    if unread and st.button(tr("Mark all as read"), icon=":material/done_all:", width="stretch"):
        session.attempt(notices.mark_read)
        # The count stands above the button that has just changed it.
        st.rerun(scope="fragment")


def _user_menu(actor: Actor) -> None:
    chosen = st.menu_button(
        words.plain(actor.name),
        MENU,
        format_func=tr,
        key="user-menu",
        icon=":material/account_circle:",
        type="tertiary",
        width="stretch",
        help=tr(actor.role.value).capitalize(),
    )
    if chosen == ACCOUNT:
        st.switch_page("pages/account.py")
    if chosen == SIGN_OUT:
        redirects.sign_out(unsaved.places_of(actor.id))
