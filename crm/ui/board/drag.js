// Dragging a card by the pointer, within its column and to others: the card itself moves along in the lists, dimmed, and
// a ghost of it follows the pointer.

const EDGE = 56;

function watchPointer(board) {
  const element = board.element;

  function lift(press) {
    const { target, ghost } = press;
    press.from = home(target);
    press.version = target.card.version;
    ghost.style.setProperty("--colour", getComputedStyle(target).getPropertyValue("--colour"));
    board.zones.show(target);
    if (press.touch && navigator.vibrate) navigator.vibrate(15);
  }

  // At each frame, not only when the pointer moves: held at an edge, the board scrolls on.
  function follow(press) {
    const { at, offset, ghost } = press;
    ghost.style.transform = `translate(${at.x - offset.x}px, ${at.y - offset.y}px) rotate(1.5deg)`;
    const column = lay(press);
    if (board.zones.at(at) === null) scrollAtEdges(element, at, "x");
    if (column) scrollAtEdges(column.list, at, "y");
    press.frame = requestAnimationFrame(() => follow(press));
  }

  // Puts the card among those under the pointer, or back where it was while it is over a zone; the column that it is
  // over.
  function lay({ at, target, from }) {
    let found = null;
    if (board.zones.at(at) !== null) {
      for (const column of board.columns.values()) column.root.classList.remove("over");
      putBack(target, from);
      return null;
    }
    for (const column of board.columns.values()) {
      const box = column.root.getBoundingClientRect();
      const over = at.x >= box.left && at.x <= box.right;
      column.root.classList.toggle("over", over);
      if (!over) continue;
      found = column;
      const next = below(column.list, at.y, target);
      if (target.parentNode !== column.list || target.nextSibling !== next) column.list.insertBefore(target, next);
    }
    return found;
  }

  function release(press, cancelled) {
    const { target, from, version, frame } = press;
    cancelAnimationFrame(frame);
    if (!cancelled) lay(press);
    const end = board.zones.at(press.at);
    board.zones.hide();
    for (const column of board.columns.values()) column.root.classList.remove("over");
    const stayed = target.parentNode === from.parent && target.nextSibling === from.next;
    if (cancelled) putBack(target, from);
    else if (end !== null) board.close(target, board.columns.get(end).given, version);
    else if (!stayed) board.drop(target, from, version);
  }

  watchPress(board, { item: ".card", lift, follow, release, opened: (target) => board.open(target) });
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
