"""Reruns a page, or the fragment that calls it, when others change what it shows.

`live.on_change("deal", "stage", key="board")` is an invisible component whose EventSource listens to /events. What
it hears is a version and kinds, never a record: the rerun reads as the person it belongs to.
"""

import streamlit as st

from crm import process

_feed = st.components.v2.component(
    "mallard_live",
    js="""
const WAIT_MS = 150;
const APART_MS = 250;  // triggers of two fragments in one batch would rerun only one of them

// One stream for the whole page, however many components listen: browsers allow six connections to a host.
function stream() {
  if (window.mallardStream && window.mallardStream.source.readyState !== EventSource.CLOSED) {
    return window.mallardStream;
  }
  const listeners = window.mallardStream ? window.mallardStream.listeners : new Set();
  const source = new EventSource("/events");
  source.onmessage = (event) => listeners.forEach((hear) => hear(JSON.parse(event.data)));
  source.onerror = () => {
    if (source.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
    listeners.forEach((hear) => hear(null));  // refused: the session ended, or the server is starting
    setTimeout(stream, 5000);
  };
  window.mallardStream = { source, listeners };
  return window.mallardStream;
}

const instances = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let own = instances.get(parentElement);
  if (!own) {
    own = { heard: null, timer: null };
    own.hear = (message) => {
      const greeting = !message || !message.kinds.length;  // the stream has just opened, or was refused
      if (!greeting && !message.kinds.some((kind) => own.kinds.includes(kind))) return;
      own.heard = { version: message ? message.version : -1, greeting };
      if (own.timer) return;
      own.timer = setTimeout(() => {
        own.timer = null;
        const { version, greeting } = own.heard;  // by now this page may have shown its own change
        if (greeting ? version !== own.shown : version > own.shown) own.trigger("changed", version);
      }, WAIT_MS + APART_MS * [...window.mallardStream.listeners].indexOf(own.hear));
    };
    instances.set(parentElement, own);
    stream().listeners.add(own.hear);
  }
  own.kinds = data.kinds;
  own.shown = data.version;
  own.trigger = setTriggerValue;
  return () => {
    clearTimeout(own.timer);
    instances.delete(parentElement);
    if (window.mallardStream) window.mallardStream.listeners.delete(own.hear);
  };
}
""",
)


def on_change(*kinds: str, key: str) -> None:
    """Rerun where this stands once a record of one of the kinds was changed after what is shown now was read.

    Call it before reading what is shown: `version` then is never newer than the figures beside it.
    """
    with st.container(key=f"unseen-{key}"):
        _feed(key=key, data={"kinds": list(kinds), "version": process.store().version}, on_changed_change=_rerun)


def _rerun() -> None:
    """A trigger alone reruns; the callback only gives it a name."""
