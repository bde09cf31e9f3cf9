// The menu of a card: open it, or move it to a stage without dragging. The menu of a stage: what can be done to all in it.

class Menu {
  constructor(board) {
    this.board = board;
    this.list = null;
    this.outside = (event) => {
      if (!event.composedPath().includes(this.list)) this.close();
    };
  }

  ofCard(card, anchor) {
    this.begin(card.card.title, card);
    this.add(this.board.words.open, () => this.board.open(card));
    if (!this.board.readonly) {
      this.list.append(make("div", "menu-title", this.board.words.move));
      for (const column of this.board.columns.values()) this.addStage(card, column.stage);
    }
    this.show(anchor);
  }

  ofStage(stage, anchor) {
    this.begin(stage.name, anchor);
    this.list.append(make("div", "menu-title", this.board.words.all.replace("{count}", stage.count)));
    for (const action of stage.actions) {
      this.add(this.board.words[action], () => this.board.send("many", { stage: stage.id, action }));
    }
    this.show(anchor);
  }

  // `home` is what has the focus again once the menu is closed by keyboard.
  begin(label, home) {
    this.close();
    this.home = home;
    this.list = make("div", "menu");
    this.list.setAttribute("role", "menu");
    this.list.setAttribute("aria-label", label);
  }

  show(anchor) {
    this.list.onkeydown = (event) => this.key(event);
    this.board.root.append(this.list);
    this.place(anchor.getBoundingClientRect());
    this.list.querySelector("button:not(:disabled)").focus();
    document.addEventListener("pointerdown", this.outside, true);
  }

  add(text, chosen, colour) {
    const item = make("button", "menu-item");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    if (colour) {
      const dot = make("span", "dot");
      dot.style.background = colour;
      item.append(dot);
    }
    item.append(make("span", "", text));
    item.onclick = () => {
      this.close();
      chosen();
    };
    this.list.append(item);
    return item;
  }

  addStage(card, stage) {
    const item = this.add(stage.name, () => this.board.moveTo(card, stage.id), stage.colour);
    item.disabled = this.board.columnOf(card).stage.id === stage.id;
  }

  place(anchor) {
    const box = this.list.getBoundingClientRect();
    this.list.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - box.width - 8))}px`;
    this.list.style.top = `${Math.max(8, Math.min(anchor.bottom + 4, innerHeight - box.height - 8))}px`;
  }

  key(event) {
    const items = [...this.list.querySelectorAll("button:not(:disabled)")];
    const index = items.indexOf(event.target);
    if (event.key === "Escape" || event.key === "Tab") {
      this.close();
      this.home.focus();
    } else if (event.key === "ArrowDown") items[(index + 1) % items.length].focus();
    else if (event.key === "ArrowUp") items[(index - 1 + items.length) % items.length].focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  close() {
    if (!this.list) return;
    document.removeEventListener("pointerdown", this.outside, true);
    this.list.remove();
    this.list = null;
  }
}
