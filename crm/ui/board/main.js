// The board: what the server says, and on top of it the moves that it has not confirmed yet.

const ASK_AGAIN = 3000; // ms after which moves without an answer are sent again; each is written once

class Board {
  constructor(root) {
    this.root = root;
    this.element = root.querySelector(".board");
    this.live = root.querySelector(".live");
    this.client = Array.from(crypto.getRandomValues(new Uint32Array(3))).join("-");
    this.seq = 0;
    this.moves = [];
    this.columns = new Map();
    this.cards = new Map();
    this.held = null; // the card in somebody's hand: nothing that arrives may tear it away
    this.menu = new Menu(this);
    this.element.onclick = (event) => this.clicked(event);
    watchPointer(this);
    watchKeys(this);
    this.beforeLeaving = (event) => this.moves.length && event.preventDefault(); // the browser asks whether to leave
    window.addEventListener("beforeunload", this.beforeLeaving);
  }

  show(data) {
    this.readonly = data.readonly;
    this.words = data.words;
    this.element.classList.toggle("readonly", data.readonly);
    this.moves = this.moves.filter((move) => move.seq > (data.acks[this.client] || 0));
    this.awaitAnswer();
    this.element.style.setProperty("--sums", Math.max(1, ...data.columns.map((stage) => stage.sums.length)));
    const focused = this.focused();
    const present = new Set(data.columns.map((stage) => stage.id));
    for (const [id, column] of this.columns) {
      if (!present.has(id)) {
        column.root.remove();
        this.columns.delete(id);
      }
    }
    const unconfirmed = new Set(this.moves.map((move) => move.id));
    const seen = new Set();
    data.columns.forEach((stage, index) => {
      let column = this.columns.get(stage.id);
      if (!column) this.columns.set(stage.id, (column = makeColumn(stage)));
      if (this.element.children[index] !== column.root) {
        this.element.insertBefore(column.root, this.element.children[index] || null);
      }
      drawColumn(column, stage, this.words);
      this.fill(column, stage.cards, unconfirmed, seen);
    });
    for (const [id, element] of this.cards) {
      if (seen.has(id)) continue;
      if (this.held && this.held.element === element) this.held.abandon();
      element.remove();
      this.cards.delete(id);
    }
    if (focused && focused.isConnected && this.focused() !== focused) focused.focus({ preventScroll: true });
  }

  fill(column, cards, unconfirmed, seen) {
    // What is in somebody's hand, or not confirmed yet, stays among the others where it is.
    const loose = (element) => unconfirmed.has(element.card.id) || (this.held && this.held.element === element);
    let next = column.list.firstChild;
    for (const card of cards) {
      seen.add(card.id);
      let element = this.cards.get(card.id);
      if (!element) {
        element = make("li", "card");
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-roledescription", this.words.card);
        this.cards.set(card.id, element);
      }
      drawCard(element, card, this.words);
      if (element.parentNode && loose(element)) continue;
      while (next && next !== element && loose(next)) next = next.nextSibling;
      if (element === next) next = next.nextSibling;
      else column.list.insertBefore(element, next);
    }
  }

  columnOf(element) {
    return this.columns.get(Number(element.parentNode.dataset.stage));
  }

  // A drop: shown at once, and sent with every move that is not confirmed, so that a rerun which swallows a
  // trigger loses none. A stage that ends a deal asks first: the card goes back until the answer is written.
  drop(element, from, version) {
    const column = this.columnOf(element);
    const moved = from.parent !== element.parentNode;
    if (moved && column.stage.kind !== "open") {
      putBack(element, from);
      this.say(this.words.asks.replace("{stage}", column.stage.name));
      this.send("closing", { id: element.card.id, stage: column.stage.id, version });
      return;
    }
    const above = element.previousElementSibling;
    const below = element.nextElementSibling;
    this.moves.push({
      client: this.client,
      seq: ++this.seq,
      id: element.card.id,
      stage: column.stage.id,
      before: below ? below.card.id : null,
      after: above ? above.card.id : null,
      version,
    });
    this.send("moves", this.moves);
    this.awaitAnswer();
    this.say(this.words.dropped.replace("{stage}", column.stage.name).replace("{place}", place(element)));
  }

  // While a move has no answer the board is busy, and asks again: its last trigger may be the one that was swallowed.
  awaitAnswer() {
    clearTimeout(this.waiting);
    this.element.setAttribute("aria-busy", String(this.moves.length > 0));
    if (!this.moves.length) return;
    this.waiting = setTimeout(() => {
      this.send("moves", this.moves);
      this.awaitAnswer();
    }, ASK_AGAIN);
  }

  moveTo(element, stageId) {
    const from = home(element);
    this.columns.get(stageId).list.prepend(element);
    this.drop(element, from, element.card.version);
    element.focus();
  }

  clicked(event) {
    const more = event.target.closest(".more-button");
    if (more) return this.send("more", Number(more.dataset.stage));
    const button = event.target.closest(".menu-button");
    if (!button) return;
    const card = button.closest(".card");
    if (card) return this.menu.ofCard(card, button);
    const list = button.closest(".column").querySelector(".list");
    this.menu.ofStage(this.columns.get(Number(list.dataset.stage)).stage, button);
  }

  open(element) {
    this.send("opened", element.card.id);
  }

  focused() {
    return this.element.getRootNode().activeElement;
  }

  say(text) {
    this.live.textContent = text;
  }

  leave() {
    clearTimeout(this.waiting);
    window.removeEventListener("beforeunload", this.beforeLeaving);
    if (this.held) this.held.abandon();
    this.menu.close();
  }
}

function home(element) {
  return { parent: element.parentNode, next: element.nextSibling };
}

function putBack(element, from) {
  from.parent.insertBefore(element, from.next && from.next.parentNode === from.parent ? from.next : null);
}

function place(element) {
  return Array.prototype.indexOf.call(element.parentNode.children, element) + 1;
}

const boards = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board) boards.set(parentElement, (board = new Board(parentElement)));
  board.send = setTriggerValue;
  board.show(data);
  return () => {
    board.leave();
    boards.delete(parentElement);
  };
}
