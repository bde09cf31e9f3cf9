// The menu of an item: what dragging does, and more, without dragging.

class ActionMenu {
  constructor(surface) {
    this.surface = surface;
    this.list = null;
    this.closing = ["Escape", "Tab"];
    this.outside = (event) => {
      if (!event.composedPath().includes(this.list)) this.close();
    };
  }

  // Starts an empty menu: items are added, then it is shown. `back` returns the focus once it is closed by keyboard.
  begin(label, back) {
    this.close();
    this.back = back;
    this.list = make("div", "menu");
    this.list.setAttribute("role", "menu");
    this.list.setAttribute("aria-label", label);
  }

  show(anchor) {
    this.list.onkeydown = (event) => this.key(event);
    this.surface.root.append(this.list);
    this.place(anchor.getBoundingClientRect());
    this.list.querySelector("button:not(:disabled)").focus();
    document.addEventListener("pointerdown", this.outside, true);
  }

  add(text, chosen) {
    const item = make("button", "menu-item");
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.append(make("span", "", text));
    item.onclick = () => this.choose(chosen);
    this.list.append(item);
    return item;
  }

  choose(chosen) {
    this.close();
    chosen();
  }

  place(anchor) {
    const box = this.list.getBoundingClientRect();
    this.list.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - box.width - 8))}px`;
    this.list.style.top = `${Math.max(8, Math.min(anchor.bottom + 4, innerHeight - box.height - 8))}px`;
  }

  key(event) {
    const items = [...this.list.querySelectorAll("button:not(:disabled), input")];
    const index = items.indexOf(event.target);
    const typing = event.target.tagName === "INPUT";
    if (this.closing.includes(event.key)) {
      this.close();
      this.back();
    } else if (event.key === "ArrowDown" && !typing) items[(index + 1) % items.length].focus();
    else if (event.key === "ArrowUp" && !typing) items[(index - 1 + items.length) % items.length].focus();
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
