"""Leaving the page: for an address outside of Streamlit's own, /login and /logout, or to load it anew."""

import streamlit as st

# By script: a page of Streamlit cannot redirect, and its links send a GET, which must not sign anybody out.
_go = st.components.v2.component(
    "mallard_go",
    js="""
const gone = new WeakSet();

// What was typed and not saved stays with nobody at this computer.
function forget(prefix) {
  try {
    Object.keys(localStorage).filter((key) => key.startsWith(prefix)).forEach((key) => localStorage.removeItem(key));
  } catch { /* a browser that keeps nothing */ }
}

export default function ({ parentElement, data }) {
  if (gone.has(parentElement)) return;
  gone.add(parentElement);
  if (data.anew) {
    location.reload();
  } else if (data.post) {
    forget(data.drafts);
    const form = document.createElement("form");
    form.method = "post";
    form.action = data.to;
    document.body.append(form);
    form.submit();
  } else {
    const here = location.pathname + location.search;
    location.assign(data.to + "?next=" + encodeURIComponent(here));
  }
}
""",
)


def sign_in() -> None:
    """Go to the sign-in, and back to this page afterwards."""
    _go(key="go-sign-in", data={"to": "/login", "post": False})


def reload() -> None:
    """Load the page anew, with nothing left of what it held."""
    _go(key="go-anew", data={"anew": True})


def sign_out(drafts: str) -> None:
    """Sign out. `drafts` is what the keys of this person's drafts in the browser begin with: they are removed first."""
    _go(key="go-sign-out", data={"to": "/logout", "post": True, "drafts": drafts})
