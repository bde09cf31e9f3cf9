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
    this.words = data.words;
    this.element.setAttribute("aria-label", this.words.board);
    this.element.classList.toggle("readonly", data.readonly);
    this.confirm(data.acks);
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

  stages() {
    return [...this.columns.values()].map((column) => column.stage);
  }

  columnOf(element) {
    return this.columns.get(Number(element.parentNode.dataset.stage));
  }

  // A drop: shown at once, and sent. A stage that ends a deal asks first: the card goes back until the answer is
  // written.
  drop(element, from, version) {
    const column = this.columnOf(element);
    const moved = from.parent !== element.parentNode;
    if (moved && column.stage.kind !== "open") {
      putBack(element, from);
      this.close(element, column.stage, version);
      return;
    }
    const above = element.previousElementSibling;
    const below = element.nextElementSibling;
    this.sendMove({
      id: element.card.id,
      stage: column.stage.id,
      before: below ? below.card.id : null,
      after: above ? above.card.id : null,
      version,
    });
    this.say(this.words.dropped.replace("{stage}", column.stage.name).replace("{place}", place(element)));
  }

  close(element, stage, version) {
    this.say(this.words.asks.replace("{stage}", stage.name));
    this.comeBack(() => this.cards.get(element.card.id));
    this.send("closing", { id: element.card.id, stage: stage.id, version });
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
