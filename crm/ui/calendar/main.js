// The month: what the server says, and on top of it the moves that it has not confirmed yet.

const ASK_AGAIN = 3000; // ms after which moves without an answer are sent again; each is written once

class Calendar {
  constructor(root) {
    this.root = root;
    this.element = root.querySelector(".calendar");
    this.live = root.querySelector(".live");
    this.client = Array.from(crypto.getRandomValues(new Uint32Array(3))).join("-");
    this.seq = 0;
    this.moves = [];
    this.cells = new Map();
    this.held = null; // the deal in somebody's hand: nothing that arrives may tear it away
    this.menu = new Menu(this);
    this.element.onclick = (event) => this.clicked(event);
    watchPointer(this);
    watchKeys(this);
    this.beforeLeaving = (event) => this.moves.length && event.preventDefault(); // the browser asks whether to leave
    window.addEventListener("beforeunload", this.beforeLeaving);
  }

  show(data) {
    this.data = data;
    this.moves = this.moves.filter((move) => move.seq > (data.acks[this.client] || 0));
    this.awaitAnswer();
    if (!this.held) this.draw();
  }

  catchUp() {
    if (this.data.drawn !== true) this.draw();
  }

  draw() {
    const { data } = this;
    data.drawn = true;
    this.readonly = data.readonly;
    this.words = data.words;
    this.today = data.today;
    this.element.classList.toggle("readonly", data.readonly);
    const focused = this.root.querySelector(".chip:focus")?.deal.id;
    const grid = make("div", "grid");
    for (const name of data.weekdays) grid.append(make("div", "weekday", name));
    this.cells.clear();
    for (const day of data.weeks.flat()) {
      const cell = makeDay(day, data.words);
      this.cells.set(day.iso, cell);
      grid.append(cell);
    }
    const aside = make("div", "aside");
    aside.append(...data.apart.map((group) => makeApart(group, data.words)));
    this.element.replaceChildren(grid, aside);
    for (const move of this.moves) this.place(move.id, move.day);
    if (focused) this.focus(focused);
  }

  // A drop: shown at once, and sent with every move that is not confirmed, so that a rerun which swallows a trigger
  // loses none.
  put(element, day) {
    const { deal } = element;
    if (!day || deal.day === day) return;
    this.moves.push({ client: this.client, seq: ++this.seq, id: deal.id, day, version: deal.version });
    this.place(deal.id, day);
    this.send("moves", this.moves);
    this.awaitAnswer();
    this.say(this.words.dropped.replace("{day}", day));
  }

  place(id, day) {
    const cell = this.cells.get(day);
    const chips = this.root.querySelectorAll(`.chip[data-id="${id}"]:not(.ghost)`);
    chips.forEach((chip, index) => (cell && !index ? cell.querySelector(".deals").prepend(chip) : chip.remove()));
    cell?.classList.remove("empty");
  }

  // While a move has no answer the month is busy, and asks again: its last trigger may be the one that was swallowed.
  awaitAnswer() {
    clearTimeout(this.waiting);
    this.element.setAttribute("aria-busy", String(this.moves.length > 0));
    if (!this.moves.length) return;
    this.waiting = setTimeout(() => {
      this.send("moves", this.moves);
      this.awaitAnswer();
    }, ASK_AGAIN);
  }

  dayAt(at) {
    for (const cell of this.cells.values()) {
      const box = cell.getBoundingClientRect();
      if (at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom) return cell;
    }
    return null;
  }

  clicked(event) {
    const more = event.target.closest(".more");
    if (more) return this.send("more", more.dataset.word);
    const button = event.target.closest(".menu-button");
    if (button) this.menu.open(button.closest(".chip"), button);
  }

  focus(id) {
    this.root.querySelector(`.chip[data-id="${id}"]`)?.focus({ preventScroll: true });
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

const calendars = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  let calendar = calendars.get(parentElement);
  if (!calendar) calendars.set(parentElement, (calendar = new Calendar(parentElement)));
  calendar.send = setTriggerValue;
  calendar.show({ ...data });
  return () => {
    calendar.leave();
    calendars.delete(parentElement);
  };
}
