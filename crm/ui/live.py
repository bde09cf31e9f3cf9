"""Reruns a page, or the fragment that calls it, when others change what it shows.

`live.on_change("deal", "stage", key="board")` mounts an invisible component whose EventSource listens to /events. A
message is a version and kinds, never a record: the rerun reads as the person it belongs to.
"""

import streamlit as st

from crm.platform import process

_feed = st.components.v2.component(
    "mallard_live",
    js="""
const WAIT_MS = 100;  // own changes come back in this time, and a burst of others' becomes one rerun
const APART_MS = 20;
const AGAIN_MS = 50;
const PRESSED_MS = 1000;

// One stream for the whole page, however many components listen, and none while nobody sees the page: browsers allow
// six connections to a host, over all tabs and over the pages that “back” keeps.
const page = (window.mallardLive ??= began());

function began() {
  const seenOrNot = () => (document.hidden ? window.mallardLive.source?.close() : listen());
  document.addEventListener("visibilitychange", seenOrNot);
  for (const press of ["pointerup", "keydown"])
    document.addEventListener(press, () => { window.mallardLive.pressedAt = performance.now(); }, true);
  return { listeners: new Set(), version: 0, turns: [], source: null, pressedAt: -Infinity };
}

// A run of the page that begins while another goes on ends that one where it stands, and with it what was pressed; and
// a page that is drawn anew closes the dialog somebody types in. So news waits: for the run, for a run that a press is
// about to begin, and for the dialog.
function mustWait(besideDialogs) {
  const app = document.querySelector("[data-testid=stApp]");
  if (["running", "rerunRequested"].includes(app?.dataset.testScriptState)) {
    page.pressedAt = -Infinity;  // the press has come to its run
    return true;
  }
  if (performance.now() - page.pressedAt < PRESSED_MS) return true;
  return !besideDialogs && document.querySelector("[data-testid=stDialog]") !== null;
}

function listen() {
  if (document.hidden || !page.listeners.size) return;
  if (page.source && page.source.readyState !== EventSource.CLOSED) return;
  page.source = new EventSource("/events");
  page.source.onmessage = (event) => {
    const message = JSON.parse(event.data);
    page.version = message.version;
    page.listeners.forEach((hear) => hear(message));
  };
  page.source.onerror = () => {
    if (page.source.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
    page.listeners.forEach((hear) => hear(null));  // refused: the session ended, or the server is starting
    setTimeout(listen, 5000);
  };
}

// Streamlit sends the triggers of one moment as one batch, and a batch reruns one fragment: so they take turns.
function takeTurn(trigger) {
  page.turns.push(trigger);
  if (page.turns.length === 1) setTimeout(nextTurn, 0);
}

function nextTurn() {
  page.turns[0]();
  setTimeout(() => {
    page.turns.shift();
    if (page.turns.length) nextTurn();
  }, APART_MS);
}

const instances = new WeakMap();

function begin() {
  const own = { heard: null, timer: null };
  const tell = () => {
    own.timer = null;
    const { version, greeting } = own.heard;  // by now this page may have shown its own change
    const news = greeting ? version !== own.shown : version > own.shown;
    if (!news) return;
    if (mustWait(own.besideDialogs)) own.timer = setTimeout(tell, AGAIN_MS);
    else takeTurn(() => own.trigger("changed", version));
  };
  own.hear = (message) => {
    const greeting = !message || !message.kinds.length;  // the stream has just opened, or was refused
    if (!greeting && !message.kinds.some((kind) => own.kinds.includes(kind))) return;
    own.heard = { version: message ? message.version : -1, greeting };
    own.timer ??= setTimeout(tell, WAIT_MS);
  };
  page.listeners.add(own.hear);
  listen();
  return own;
}

export default function ({ parentElement, data, setTriggerValue }) {
  const known = instances.get(parentElement);
  const own = known ?? begin();
  instances.set(parentElement, own);
  own.kinds = data.kinds;
  own.besideDialogs = data.besideDialogs;
  own.shown = data.version;
  own.trigger = setTriggerValue;
  if (!known && page.version > own.shown) own.hear({ version: page.version, kinds: own.kinds });  // mounted too late
  return () => {
    clearTimeout(own.timer);
    instances.delete(parentElement);
    page.listeners.delete(own.hear);
  };
}
""",
)


def on_change(*kinds: str, key: str, beside_dialogs: bool = False) -> None:
    """Rerun the caller once a record of one of the kinds was changed after what is shown was read, and no dialog is
    open. `beside_dialogs`: even while one is, for a fragment that no dialog belongs to.

    Call it before reading what is shown.
    """
    with st.container(key=f"unseen-{key}"):
        # Taken before the page reads, the version is never newer than the figures beside it.
        data = {"kinds": list(kinds), "version": process.store().version, "besideDialogs": beside_dialogs}
        _feed(key=key, data=data, on_changed_change=_rerun)


def _rerun() -> None:
    """A trigger alone reruns; the callback only gives it a name."""
