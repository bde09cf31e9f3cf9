// A dialog starts in its first field, where Streamlit leaves the focus on the dialog itself. Not in a box for a day, which
// would unfold its calendar, nor under a finger, where the keyboard would cover what one came to see.
const PATIENCE = 3000; // milliseconds in which a dialog's fields come
const FIELDS = "input:not([type=hidden], [type=checkbox], [type=radio], [type=file], :disabled), textarea:not(:disabled)";
const OTHERS = "[data-testid=stDateInput], [data-testid=stMultiSelect]";
const seen = new WeakSet();

function start(dialog) {
  seen.add(dialog);
  const until = performance.now() + PATIENCE;
  const look = () => {
    const inside = dialog.contains(document.activeElement) && document.activeElement.matches(FIELDS);
    if (!dialog.isConnected || inside || performance.now() > until) return;
    const field = [...dialog.querySelectorAll(FIELDS)].find((one) => !one.closest(OTHERS) && one.getClientRects().length);
    if (field) field.focus({ preventScroll: true });
    else setTimeout(look, 50);
  };
  look();
}

if (!matchMedia("(pointer: coarse)").matches) {
  new MutationObserver(() => {
    for (const dialog of document.querySelectorAll("[data-testid=stDialog]")) if (!seen.has(dialog)) start(dialog);
  }).observe(document.documentElement, { childList: true, subtree: true });
}
