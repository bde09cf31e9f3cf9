// The menu of a card, which opens it or moves it without dragging, and of a stage, for all deals in it.

class Menu extends ActionMenu {
  ofCard(card, anchor) {
    const board = this.surface;
    this.begin(card.card.title, () => card.focus());
    this.add(board.words.open, () => board.open(card));
    if (!board.readonly) {
      const [open, ends] = [true, false].map((is) => board.stages().filter((stage) => (stage.kind === "open") === is));
      this.list.append(make("div", "menu-title", board.words.move));
      for (const stage of open) this.addStage(card, stage, stage.name);
      const rule = make("div", "menu-rule");
      rule.setAttribute("role", "separator");
      this.list.append(rule);
      for (const stage of ends) this.addStage(card, stage, board.words.close.replace("{stage}", stage.name));
    }
    this.show(anchor);
  }

  ofStage(stage, anchor) {
    const board = this.surface;
    this.begin(stage.name, () => anchor.focus());
    this.list.append(make("div", "menu-title", board.words.all.replace("{count}", stage.count)));
    for (const action of stage.actions) {
      this.add(board.words.actions[action], () => board.send("many", { stage: stage.id, action }));
    }
    this.show(anchor);
  }

  addStage(card, stage, text) {
    const item = this.add(text, () => this.surface.moveTo(card, stage.id));
    const dot = make("span", "dot");
    dot.style.background = stage.colour;
    item.prepend(dot);
    item.disabled = this.surface.columnOf(card).stage.id === stage.id;
  }
}
