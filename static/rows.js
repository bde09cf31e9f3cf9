// The rows of a list by keyboard: arrows, Home, End and the page keys go from row to row, Enter opens one, Space picks it,
// Tab goes on. By itself Streamlit's table marks a cell as soon as the focus comes to it, and a marked cell is a record that
// opens: so of keys it hears nothing, and of the focus only what a pointer brings.

const TABLES = '[class*="st-key-records-"] [data-testid=stDataFrame]';
const PAGE = 10; // rows
const STEPS = { ArrowDown: 1, ArrowUp: -1, PageDown: PAGE, PageUp: -PAGE, Home: -Infinity, End: Infinity };
const ASIDE = { ArrowRight: 80, ArrowLeft: -80 }; // pixels
const [CELL, BOX] = [60, 16]; // pixels from the left: within the first cell, and on the box that picks a row

const STYLE = `
  .mallard-row { position: absolute; pointer-events: none; box-sizing: border-box; border: 2px solid currentColor;
    border-radius: 4px; scroll-margin: 5rem 0; z-index: 2; }
  .mallard-rows { position: fixed; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
`;

const frame = Object.assign(document.createElement("div"), { className: "mallard-row" });
const live = Object.assign(document.createElement("div"), { className: "mallard-rows", ariaLive: "polite" });
const places = new WeakMap(); // of each table: the row that one is on, from 0
let byKey = false; // whether the focus moves by keys: the table gives it to itself after a click, too

document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
document.body.append(live);
addEventListener("keydown", press, true);
addEventListener("focusin", (event) => {
  const canvas = tableAt(event.target);
  if (!canvas || !byKey) return frame.remove();
  event.stopImmediatePropagation();
  show(canvas);
}, true);
addEventListener("focusout", () => frame.remove());
addEventListener("pointerdown", (event) => {
  if (!event.isTrusted) return;
  byKey = false;
  frame.remove();
}, true);

// The canvas around an element, where it is that of rows that open; a table that is typed into has keys of its own.
function tableAt(element) {
  const canvas = element.closest?.(`${TABLES} canvas`);
  return canvas?.querySelector("[role=grid]") && !canvas.querySelector('[aria-readonly="false"]') ? canvas : null;
}

function press(event) {
  byKey = true;
  const canvas = tableAt(event.target);
  if (!canvas || !isHeard(event)) return;
  event.stopImmediatePropagation();
  if (event.key === "Tab" || event.altKey) return; // the browser's own
  event.preventDefault();
  if (event.key in STEPS) go(canvas, STEPS[event.key]);
  else if (event.key in ASIDE) canvas.closest(TABLES).querySelector(".dvn-scroller")?.scrollBy(ASIDE[event.key], 0);
  else if (event.key === "Enter") click(canvas, CELL);
  else if (isPicked(canvas)) click(canvas, BOX);
}

function isHeard({ key, ctrlKey, metaKey }) {
  return key in STEPS || key in ASIDE || key === "Tab" || ((key === "Enter" || key === " ") && !ctrlKey && !metaKey);
}

function go(canvas, step) {
  places.set(canvas, Math.max(0, Math.min(rowsOf(canvas) - 1, placeOf(canvas) + step)));
  show(canvas);
}

function placeOf(canvas) {
  return Math.min(places.get(canvas) ?? 0, rowsOf(canvas) - 1);
}

function rowsOf(canvas) {
  return Number(canvas.querySelector("[role=grid]").getAttribute("aria-rowcount")) - 1;
}

// All of them, with the header, are of one height, and none is hidden: such tables are as high as what they hold.
function heightOf(canvas) {
  return Math.floor(canvas.clientHeight / (rowsOf(canvas) + 1));
}

function isPicked(canvas) {
  return !canvas.querySelector('[id^="glide-cell-0-"]'); // its first column is one of boxes
}

function show(canvas) {
  const [table, row, height] = [canvas.closest(TABLES), placeOf(canvas), heightOf(canvas)];
  table.append(frame);
  const [inner, outer] = [canvas.getBoundingClientRect(), frame.offsetParent.getBoundingClientRect()];
  Object.assign(frame.style, {
    left: `${inner.left - outer.left}px`,
    top: `${inner.top - outer.top + height * (row + 1)}px`,
    width: `${inner.width}px`,
    height: `${height + 1}px`,
  });
  frame.scrollIntoView({ block: "nearest" });
  const cells = [...canvas.querySelectorAll(`tr[aria-rowindex="${row + 2}"] td`)].map((cell) => cell.textContent.trim());
  live.textContent = cells.filter(Boolean).join(", ");
}

// As a pointer would: the table hears nothing else.
function click(canvas, x) {
  const { left, top } = canvas.getBoundingClientRect();
  const height = heightOf(canvas);
  const at = { bubbles: true, cancelable: true, composed: true, clientX: left + x, clientY: top + height * (placeOf(canvas) + 1.5) };
  const pointer = { ...at, pointerId: 1, pointerType: "mouse", isPrimary: true };
  canvas.dispatchEvent(new PointerEvent("pointermove", pointer));
  canvas.dispatchEvent(new MouseEvent("mousemove", at));
  canvas.dispatchEvent(new PointerEvent("pointerdown", { ...pointer, buttons: 1 }));
  canvas.dispatchEvent(new MouseEvent("mousedown", { ...at, buttons: 1 }));
  canvas.dispatchEvent(new PointerEvent("pointerup", pointer));
  canvas.dispatchEvent(new MouseEvent("mouseup", at));
  canvas.dispatchEvent(new MouseEvent("click", at));
}
