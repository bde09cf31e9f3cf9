// The board: the server's state, and on top of it the moves that it has not confirmed yet.

class Board extends Surface {
  constructor(root) {
    super(root, root.querySelector(".board"));
    this.columns = new Map();
    this.cards = new Map();
    this.zones = new Zones(this);
  }

  show(data) {
    this.readonly = data.readonly;
    this.ordered = data.ordered;
    this.words = data.words;
    this.ahead = data.ahead;
    this.element.setAttribute("aria-label", this.words.board);
    this.element.classList.toggle("readonly", data.readonly);
    this.confirm(data.acks);
    this.element.style.setProperty("--sums", Math.max(1, ...data.columns.map((given) => given.sums.length)));
    const focused = this.focused();
    const present = new Set(data.columns.map((given) => given.id));
    for (const [id, column] of this.columns) {
      if (!present.has(id)) {
        column.root.remove();
        this.columns.delete(id);
      }
    }
    const unconfirmed = new Set(this.moves.map((move) => move.id));
    const seen = new Set();
    data.columns.forEach((given, index) => {
      let column = this.columns.get(given.id);
      if (!column) this.columns.set(given.id, (column = makeColumn(given)));
      if (this.element.children[index] !== column.root) {
        this.element.insertBefore(column.root, this.element.children[index] || null);
      }
      drawColumn(column, given, this.words);
      this.fill(column, given.cards, unconfirmed, seen);
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
        element.setAttribute("aria-roledescription", this.words.card);
        if (this.ahead) element.dataset.warm = `${this.ahead}/${card.id}`;
        this.cards.set(card.id, element);
      }
      drawCard(element, card, this.words);
      if (element.parentNode && loose(element)) continue;
      while (next && next !== element && loose(next)) next = next.nextSibling;
      if (element === next) next = next.nextSibling;
      else column.list.insertBefore(element, next);
    }
  }

  given() {
    return [...this.columns.values()].map((column) => column.given);
  }

  columnOf(element) {
    return element.parentNode.column;
  }

  // A drop: shown at once, and sent. A column that asks first gets the card once the answer is written, and one
  // without an order of its own shows its cards where the list has them.
  drop(element, from, version) {
    const column = this.columnOf(element);
    const moved = from.parent !== element.parentNode;
    if (!moved && !this.ordered) {
      putBack(element, from);
      this.say(this.words.cancelled);
      return;
    }
    if (moved && column.given.asks) {
      putBack(element, from);
      this.close(element, column.given, version);
      return;
    }
    const above = element.previousElementSibling;
    const below = element.nextElementSibling;
    this.sendMove({
      id: element.card.id,
      column: column.given.id,
      before: below ? below.card.id : null,
      after: above ? above.card.id : null,
      version,
    });
    this.say(this.words.dropped.replace("{stage}", column.given.name).replace("{place}", place(element)));
  }

  close(element, given, version) {
    this.say(this.words.asks.replace("{stage}", given.name));
    this.comeBack(() => this.cards.get(element.card.id));
    this.send("closing", { id: element.card.id, column: given.id, version });
  }

  moveTo(element, columnId) {
    const from = home(element);
    this.columns.get(columnId).list.prepend(element);
    this.drop(element, from, element.card.version);
    element.focus();
  }

  clicked(event) {
    const more = event.target.closest(".more-button");
    const column = event.target.closest(".column")?.querySelector(".list").column;
    if (more) return this.send("more", column.given.id);
    const button = event.target.closest(".menu-button");
    if (!button) return;
    const card = button.closest(".card");
    if (card) return this.menu.ofCard(card, button);
    this.menu.ofColumn(column.given, button);
  }

  open(element) {
    this.comeBack(() => this.cards.get(element.card.id));
    this.send("opened", element.card.id);
  }

  focused() {
    return this.element.getRootNode().activeElement;
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

export default mounted(Board);
