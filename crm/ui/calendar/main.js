// The month: the server's state, and on top of it the moves that it has not confirmed yet.

class Calendar extends Surface {
  constructor(root) {
    super(root, root.querySelector(".calendar"));
    this.cells = new Map();
  }

  show(data) {
    this.data = data;
    this.confirm(data.acks);
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

  // A drop: shown at once, and sent.
  put(element, day) {
    const { deal } = element;
    if (!day || deal.day === day) return;
    this.place(deal.id, day);
    this.sendMove({ id: deal.id, day, version: deal.version });
    this.say(this.words.dropped.replace("{day}", day));
  }

  place(id, day) {
    const cell = this.cells.get(day);
    const chips = this.root.querySelectorAll(`.chip[data-id="${id}"]:not(.ghost)`);
    chips.forEach((chip, index) => (cell && !index ? cell.querySelector(".deals").prepend(chip) : chip.remove()));
    cell?.classList.remove("empty");
  }

  dayAt(at) {
    for (const cell of this.cells.values()) {
      const box = cell.getBoundingClientRect();
      if (at.x >= box.left && at.x <= box.right && at.y >= box.top && at.y <= box.bottom) return cell;
    }
    return null;
  }

  open(chip) {
    const { id } = chip.deal;
    // Each run draws other elements, and what is overdue stands on its day and apart.
    const same = () => [...this.root.querySelectorAll(`.chip[data-id="${id}"]:not(.ghost)`)];
    const place = same().indexOf(chip);
    this.comeBack(() => same()[place] || same()[0]);
    this.send("opened", id);
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
}

export default mounted(Calendar);
