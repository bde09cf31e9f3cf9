// A press by mouse, pen or finger that opens or drags. A finger scrolls; held still for a moment, it picks the item up.

const SLACK = 6;
const LONG_PRESS = 350;

// Calls `handlers` for each element that matches `item`: `lift` when it is picked up, `follow` once at the start of a drag,
// `moved` at each step of the pointer, `release` when it is let go, and `opened` when it is only clicked.
function watchPress(surface, handlers) {
  const element = surface.element;
  let press = null;

  function pickUp() {
    const { target } = press;
    clearTimeout(press.timer);
    const box = target.getBoundingClientRect();
    press.offset = { x: press.start.x - box.left, y: press.start.y - box.top };
    press.ghost = target.cloneNode(true);
    press.ghost.classList.add("ghost");
    press.ghost.style.width = `${box.width}px`;
    handlers.lift?.(press);
    element.append(press.ghost);
    target.classList.add("lifted");
    element.classList.add("dragging");
    element.setPointerCapture(press.pointer);
    press.dragging = true;
    surface.held = { element: target, abandon: () => finish(true) };
    handlers.follow(press);
  }

  function finish(cancelled) {
    if (!press) return;
    const ended = press;
    clearTimeout(ended.timer);
    press = null;
    if (!ended.dragging) return;
    ended.ghost.remove();
    ended.target.classList.remove("lifted");
    element.classList.remove("dragging");
    surface.held = null;
    handlers.release(ended, cancelled);
  }

  element.onpointerdown = (event) => {
    const target = event.target.closest(handlers.item);
    if (!target || event.button || press || event.target.closest(".menu-button")) return;
    const touch = event.pointerType === "touch";
    const at = { x: event.clientX, y: event.clientY };
    press = { target, touch, pointer: event.pointerId, start: at, at, dragging: false };
    if (touch && !surface.readonly) press.timer = setTimeout(pickUp, LONG_PRESS);
  };
  element.onpointermove = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    press.at = { x: event.clientX, y: event.clientY };
    if (press.dragging) return handlers.moved?.(press);
    if (Math.hypot(press.at.x - press.start.x, press.at.y - press.start.y) < SLACK) return;
    if (press.touch || surface.readonly) finish(true);
    else pickUp();
  };
  element.onpointerup = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    const { target, dragging } = press;
    press.at = { x: event.clientX, y: event.clientY }; // it falls where it is let go, also where no frame came since
    if (dragging) handlers.moved?.(press);
    finish(false);
    if (!dragging) handlers.opened(target);
  };
  element.onpointercancel = () => finish(true);
  element.addEventListener("touchmove", (event) => press && press.dragging && event.preventDefault(), {
    passive: false,
  });
  element.oncontextmenu = (event) => press && press.touch && event.preventDefault();
  element.addEventListener("keydown", (event) => event.key === "Escape" && press && finish(true));
}
