// Dragging by mouse, pen or finger. A finger scrolls; held still for a moment, it picks the card up.

const SLACK = 6;
const LONG_PRESS = 350;
const EDGE = 56;

function watchPointer(board) {
  const element = board.element;
  let press = null;

  function pickUp() {
    const { target } = press;
    clearTimeout(press.timer);
    press.from = home(target);
    press.version = target.card.version;
    const box = target.getBoundingClientRect();
    press.offset = { x: press.start.x - box.left, y: press.start.y - box.top };
    press.ghost = target.cloneNode(true);
    press.ghost.classList.add("ghost");
    press.ghost.style.width = `${box.width}px`;
    press.ghost.style.setProperty("--stage", getComputedStyle(target).getPropertyValue("--stage"));
    element.append(press.ghost);
    target.classList.add("lifted");
    element.classList.add("dragging");
    element.setPointerCapture(press.pointer);
    press.dragging = true;
    board.held = { element: target, abandon: () => finish(true) };
    if (press.touch && navigator.vibrate) navigator.vibrate(15);
    follow();
  }

  function follow() {
    if (!press || !press.dragging) return;
    const { at, offset, ghost, target } = press;
    ghost.style.transform = `translate(${at.x - offset.x}px, ${at.y - offset.y}px) rotate(1.5deg)`;
    scrollAtEdges(element, at, "x");
    for (const column of board.columns.values()) {
      const box = column.root.getBoundingClientRect();
      const over = at.x >= box.left && at.x <= box.right;
      column.root.classList.toggle("over", over);
      if (!over) continue;
      scrollAtEdges(column.list, at, "y");
      const next = below(column.list, at.y, target);
      if (target.parentNode !== column.list || target.nextSibling !== next) column.list.insertBefore(target, next);
    }
    press.frame = requestAnimationFrame(follow);
  }

  function finish(cancelled) {
    if (!press) return;
    const { target, from, version, dragging, ghost, timer, frame } = press;
    clearTimeout(timer);
    press = null;
    if (!dragging) return;
    cancelAnimationFrame(frame);
    ghost.remove();
    target.classList.remove("lifted");
    element.classList.remove("dragging");
    for (const column of board.columns.values()) column.root.classList.remove("over");
    board.held = null;
    const stayed = target.parentNode === from.parent && target.nextSibling === from.next;
    if (cancelled) putBack(target, from);
    else if (!stayed) board.drop(target, from, version);
  }

  element.onpointerdown = (event) => {
    const target = event.target.closest(".card");
    if (!target || event.button || press || event.target.closest(".menu-button")) return;
    const touch = event.pointerType === "touch";
    const at = { x: event.clientX, y: event.clientY };
    press = { target, touch, pointer: event.pointerId, start: at, at, dragging: false };
    if (touch && !board.readonly) press.timer = setTimeout(pickUp, LONG_PRESS);
  };
  element.onpointermove = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    press.at = { x: event.clientX, y: event.clientY };
    if (press.dragging) return;
    if (Math.hypot(press.at.x - press.start.x, press.at.y - press.start.y) < SLACK) return;
    if (press.touch || board.readonly) finish(true);
    else pickUp();
  };
  element.onpointerup = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    const { target, dragging } = press;
    finish(false);
    if (!dragging) board.open(target);
  };
  element.onpointercancel = () => finish(true);
  element.addEventListener("touchmove", (event) => press && press.dragging && event.preventDefault(), {
    passive: false,
  });
  element.oncontextmenu = (event) => press && press.touch && event.preventDefault();
  element.addEventListener("keydown", (event) => event.key === "Escape" && press && finish(true));
}

function below(list, y, moved) {
  for (const card of list.children) {
    if (card === moved) continue;
    const box = card.getBoundingClientRect();
    if (y < box.top + box.height / 2) return card;
  }
  return null;
}

function scrollAtEdges(scroller, at, axis) {
  const box = scroller.getBoundingClientRect();
  const [start, end, property] = axis === "x" ? [box.left, box.right, "scrollLeft"] : [box.top, box.bottom, "scrollTop"];
  if (at[axis] > end - EDGE) scroller[property] += 12;
  else if (at[axis] < start + EDGE) scroller[property] -= 12;
}
