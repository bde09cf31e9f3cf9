// Moving by keyboard: arrows walk, Space picks up and drops, Escape puts back, Enter opens, M lists the columns.

function watchKeys(board) {
  let grab = null;

  function pickUp(element) {
    grab = { element, from: home(element), version: element.card.version };
    element.classList.add("grabbed");
    board.held = { element, abandon: () => release(true) };
    board.say(board.words.picked.replace("{title}", element.card.title));
  }

  function release(cancelled) {
    const { element, from, version } = grab;
    grab = null;
    board.held = null;
    element.classList.remove("grabbed");
    const stayed = element.parentNode === from.parent && element.nextSibling === from.next;
    if (cancelled || stayed) {
      if (!stayed) putBack(element, from);
      board.say(board.words.cancelled);
    } else board.drop(element, from, version);
    if (element.isConnected) element.focus();
  }

  function neighbour(element, step) {
    const columns = [...board.columns.values()];
    return columns[columns.indexOf(board.columnOf(element)) + step];
  }

  function carry(element, key) {
    if (key === "ArrowDown" && element.nextSibling) element.nextSibling.after(element);
    if (key === "ArrowUp" && element.previousSibling) element.previousSibling.before(element);
    const column = neighbour(element, key === "ArrowRight" ? 1 : -1);
    if ((key === "ArrowRight" || key === "ArrowLeft") && column) column.list.prepend(element);
    reach(element);
    const { name } = board.columnOf(element).given;
    board.say(board.words.over.replace("{stage}", name).replace("{place}", place(element)));
  }

  function walk(element, key) {
    if (key === "ArrowDown") return reach(element.nextSibling);
    if (key === "ArrowUp") return reach(element.previousSibling);
    const step = key === "ArrowRight" ? 1 : -1;
    for (let away = step; neighbour(element, away); away += step) {
      const cards = neighbour(element, away).list.children;
      if (cards.length) return reach(cards[Math.min(place(element) - 1, cards.length - 1)]);
    }
  }

  board.element.addEventListener("keydown", (event) => {
    const element = event.target.closest(".card");
    if (!element || event.target.closest(".menu-button") || event.ctrlKey || event.metaKey || event.altKey) return;
    const grabbed = grab && grab.element === element;
    const { key } = event;
    if (key.startsWith("Arrow")) (grabbed ? carry : walk)(element, key);
    else if (grabbed && (key === " " || key === "Enter")) release(false);
    else if (grabbed && key === "Escape") release(true);
    else if (key === "Enter") board.open(element);
    else if (key === " " && !board.readonly) pickUp(element);
    else if (key.toLowerCase() === "m" && !grabbed) board.menu.ofCard(element, element);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

function reach(element) {
  if (!element) return;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "nearest", inline: "nearest" });
}
