// Says the message, and hides the bar that it stands in after a while; not while somebody points at it or is in it.

const SPOKEN_MS = 100; // a status is read out where its text comes after it
const bars = new WeakMap();

function begin(parentElement) {
  const root = parentElement.getRootNode();
  const bar = (root.host ?? parentElement).closest(".st-key-undo-bar");
  const own = { bar, name: null, timer: null, inside: new Set() };
  const hold = (event) => {
    own.inside[event.type === "pointerenter" || event.type === "focusin" ? "add" : "delete"](event.type.slice(0, 5));
    if (own.inside.size) clearTimeout(own.timer);
    else if (own.name) wait(own, 3000);
  };
  own.listen = (verb) => {
    for (const type of ["pointerenter", "pointerleave", "focusin", "focusout"]) bar[verb](type, hold);
  };
  own.listen("addEventListener");
  bars.set(parentElement, own);
  return own;
}

function wait(own, left) {
  clearTimeout(own.timer);
  own.timer = setTimeout(() => { own.bar.style.display = "none"; }, left);
}

export default function ({ parentElement, data }) {
  const own = bars.get(parentElement) ?? begin(parentElement);
  if (own.name !== data.name) {
    own.name = data.name;
    own.bar.style.display = data.left ? "" : "none";
    parentElement.querySelector(".icon").textContent = data.icon;
    setTimeout(() => { parentElement.querySelector(".text").textContent = data.text; }, SPOKEN_MS);
    wait(own, data.left);
  }
  return ending(parentElement, () => {
    clearTimeout(own.timer);
    own.listen("removeEventListener");
    bars.delete(parentElement);
  });
}
