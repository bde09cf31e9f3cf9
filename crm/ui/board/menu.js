// The menu of a card, which opens it or moves it without dragging, and of a column, for all that it holds.

class Menu extends ActionMenu {
  ofCard(card, anchor) {
    const board = this.surface;
    this.begin(card.card.title, () => card.focus());
    this.add(board.words.open, () => board.open(card));
    if (!board.readonly) {
      const [open, ends] = [false, true].map((asks) => board.given().filter((given) => given.asks === asks));
      this.list.append(make("div", "menu-title", board.words.move));
      for (const given of open) this.addColumn(card, given, given.name);
      const rule = make("div", "menu-rule");
      rule.setAttribute("role", "separator");
      if (ends.length) this.list.append(rule);
      for (const given of ends) this.addColumn(card, given, board.words.close.replace("{stage}", given.name));
    }
    this.show(anchor);
  }

  ofColumn(given, anchor) {
    const board = this.surface;
    this.begin(given.name, () => anchor.focus());
    this.list.append(make("div", "menu-title", board.words.all.replace("{count}", given.count)));
    for (const action of given.actions) {
      this.add(board.words.actions[action], () => board.send("many", { column: given.id, action }));
    }
    this.show(anchor);
  }

  addColumn(card, given, text) {
    const item = this.add(text, () => this.surface.moveTo(card, given.id));
    const dot = make("span", "dot");
    dot.style.background = given.colour;
    item.prepend(dot);
    item.disabled = this.surface.columnOf(card).given.id === given.id;
  }
}
