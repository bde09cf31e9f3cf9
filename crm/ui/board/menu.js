// The menu of a card, which opens it or moves it without dragging, and of a stage, for all deals in it.

class Menu extends ActionMenu {
  ofCard(card, anchor) {
    const board = this.surface;
    this.begin(card.card.title, () => card.focus());
    this.add(board.words.open, () => board.open(card));
    if (!board.readonly) {
      this.list.append(make("div", "menu-title", board.words.move));
      for (const column of board.columns.values()) this.addStage(card, column.stage);
    }
    this.show(anchor);
  }

  ofStage(stage, anchor) {
    const board = this.surface;
    this.begin(stage.name, () => anchor.focus());
    this.list.append(make("div", "menu-title", board.words.all.replace("{count}", stage.count)));
    for (const action of stage.actions) {
      this.add(board.words[action], () => board.send("many", { stage: stage.id, action }));
    }
    this.show(anchor);
  }

  addStage(card, stage) {
    const item = this.add(stage.name, () => this.surface.moveTo(card, stage.id));
    const dot = make("span", "dot");
    dot.style.background = stage.colour;
    item.prepend(dot);
    item.disabled = this.surface.columnOf(card).stage.id === stage.id;
  }
}
