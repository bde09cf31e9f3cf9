// A dialog starts in the first field that has to be filled in, else in its first, where Streamlit leaves the focus on the
// dialog itself. Not in a box for a day, which would unfold its calendar, nor under a finger, where the keyboard would
// cover what one came to see.
// A popover that is opened by a key starts in itself too: Streamlit draws it behind everything else on the page, as many
// stops away. Tab leaves it where its button stands.
const PATIENCE = 3000; // milliseconds in which a dialog's fields come
const FIELDS = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file], :disabled), textarea:not(:disabled)";
const OTHERS = "[data-testid=stDateInput], [data-testid=stMultiSelect]";
const STOPS = "input:not([type=hidden], :disabled), textarea:not(:disabled), button:not(:disabled), a[href]";
const DIALOG = "[data-testid=stDialog]";
const POPOVER = "[data-testid=stPopoverBody]";
const BUTTON = "[data-testid=stPopoverButton][aria-expanded=true]";
const seen = new WeakSet();
const buttons = new WeakMap(); // of the popovers that a key has opened

// What stands first may be drawn before what has to be filled in, whose script may have to come: then the focus goes on to
// that, unless one has begun.
function start(opened, fields, waits) {
  const until = performance.now() + PATIENCE;
  let [chosen, hasBegun] = [null, false];
  for (const kind of ["keydown", "pointerdown"]) {
    opened.addEventListener(kind, () => (hasBegun = true), { once: true, capture: true });
  }
  const look = () => {
    const isWaiting = chosen ? document.activeElement === chosen : waits();
    if (!opened.isConnected || hasBegun || !isWaiting || performance.now() > until) return;
    const found = stops(opened, fields).filter((one) => !one.closest(OTHERS));
    const needed = found.find((one) => one.ariaRequired === "true" && !one.value);
    const next = needed ?? chosen ?? found[0];
    if (next && next !== chosen) next.focus({ preventScroll: true });
    chosen = next ?? null;
    if (!needed) setTimeout(look, 50);
  };
  look();
}

function stops(opened, kinds) {
  return [...opened.querySelectorAll(kinds)].filter((one) => one.getClientRects().length);
}

function startDialog(dialog) {
  start(dialog, FIELDS, () => !(dialog.contains(document.activeElement) && document.activeElement.matches(FIELDS)));
}

function startPopover(popover) {
  const button = document.activeElement;
  if (!button?.matches(BUTTON) || !button.matches(":focus-visible")) return;
  buttons.set(popover, button);
  start(popover, STOPS, () => document.activeElement === button);
}

function leave(event) {
  const popover = event.key === "Tab" && event.target.closest?.(POPOVER);
  const button = popover && buttons.get(popover);
  if (!button?.isConnected) return;
  const all = stops(popover, STOPS);
  if (event.target !== (event.shiftKey ? all[0] : all.at(-1))) return;
  button.focus();
  if (event.shiftKey) event.preventDefault(); // else the browser goes on from the button
}

if (!matchMedia("(pointer: coarse)").matches) {
  new MutationObserver(() => {
    for (const opened of document.querySelectorAll(`${DIALOG}, ${POPOVER}`)) {
      if (seen.has(opened)) continue;
      seen.add(opened);
      (opened.matches(DIALOG) ? startDialog : startPopover)(opened);
    }
  }).observe(document.documentElement, { childList: true, subtree: true });
  addEventListener("keydown", leave, true);
}
