// The columns that ask first, such as the ends of a deal, at the foot of the board while a card is dragged: they are in
// reach wherever the board is scrolled to.

class Zones {
  constructor(board) {
    this.board = board;
    this.element = board.root.querySelector(".zones");
  }

  // Shows a zone for each such column that the card is not in.
  show(card) {
    const own = this.board.columnOf(card).given.id;
    const ends = this.board.given().filter((given) => given.asks && given.id !== own);
    this.element.replaceChildren(...ends.map((given) => {
      const zone = make("div", "zone", this.board.words.zone.replace("{stage}", given.name));
      zone.given = given;
      zone.style.setProperty("--colour", given.colour);
      return zone;
    }));
    const box = this.board.element.getBoundingClientRect();
    const [left, right] = [Math.max(box.left, 8), Math.min(box.right, innerWidth - 8)];
    this.element.style.left = `${left}px`;
    this.element.style.width = `${right - left}px`;
    this.element.style.bottom = `${Math.max(innerHeight - box.bottom, 0) + 12}px`;
    this.element.hidden = !ends.length;
  }

  // The id of the column whose zone is under the pointer; the zone is marked.
  at(point) {
    let found = null;
    for (const zone of this.element.hidden ? [] : this.element.children) {
      const box = zone.getBoundingClientRect();
      const over = point.x >= box.left && point.x <= box.right && point.y >= box.top && point.y <= box.bottom;
      zone.classList.toggle("over", over);
      if (over) found = zone.given.id;
    }
    return found;
  }

  hide() {
    this.element.hidden = true;
  }
}
