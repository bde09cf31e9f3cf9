// Three ways to another day: dragging by mouse, pen or finger, the keyboard, and a menu with any day.

const SLACK = 6;
const LONG_PRESS = 350;

function watchPointer(calendar) {
  const element = calendar.element;
  let press = null;

  function pickUp() {
    const { target } = press;
    clearTimeout(press.timer);
    const box = target.getBoundingClientRect();
    press.offset = { x: press.start.x - box.left, y: press.start.y - box.top };
    press.ghost = target.cloneNode(true);
    press.ghost.classList.add("ghost");
    press.ghost.style.width = `${box.width}px`;
    element.append(press.ghost);
    target.classList.add("lifted");
    element.classList.add("dragging");
    element.setPointerCapture(press.pointer);
    press.dragging = true;
    calendar.held = { element: target, abandon: () => finish(true) };
    follow();
  }

  function follow() {
    const { at, offset, ghost } = press;
    ghost.style.transform = `translate(${at.x - offset.x}px, ${at.y - offset.y}px)`;
    press.over = calendar.dayAt(at);
    for (const cell of calendar.cells.values()) cell.classList.toggle("over", cell === press.over);
  }

  function finish(cancelled) {
    if (!press) return;
    const { target, dragging, ghost, timer, over } = press;
    clearTimeout(timer);
    press = null;
    if (!dragging) return;
    ghost.remove();
    target.classList.remove("lifted");
    element.classList.remove("dragging");
    for (const cell of calendar.cells.values()) cell.classList.remove("over");
    calendar.held = null;
    if (!cancelled && over) calendar.put(target, over.dataset.day);
    calendar.catchUp();
  }

  element.onpointerdown = (event) => {
    const target = event.target.closest(".chip");
    if (!target || event.button || press || event.target.closest(".menu-button")) return;
    const touch = event.pointerType === "touch";
    const at = { x: event.clientX, y: event.clientY };
    press = { target, touch, pointer: event.pointerId, start: at, at, dragging: false };
    if (touch && !calendar.readonly) press.timer = setTimeout(pickUp, LONG_PRESS);
  };
  element.onpointermove = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    press.at = { x: event.clientX, y: event.clientY };
    if (press.dragging) return follow();
    if (Math.hypot(press.at.x - press.start.x, press.at.y - press.start.y) < SLACK) return;
    if (press.touch || calendar.readonly) finish(true);
    else pickUp();
  };
  element.onpointerup = (event) => {
    if (!press || event.pointerId !== press.pointer) return;
    const { target, dragging } = press;
    finish(false);
    if (!dragging) {
      press = null;
      calendar.send("opened", target.deal.id);
    }
  };
  element.onpointercancel = () => finish(true);
  element.addEventListener("touchmove", (event) => press && press.dragging && event.preventDefault(), {
    passive: false,
  });
  element.oncontextmenu = (event) => press && press.touch && event.preventDefault();
  element.addEventListener("keydown", (event) => event.key === "Escape" && press && finish(true));
}

const STEPS = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -7, ArrowDown: 7 };

function watchKeys(calendar) {
  let grab = null;

  function pickUp(element) {
    grab = { element, day: element.deal.day || calendar.today };
    element.classList.add("grabbed");
    calendar.held = { element, abandon: () => release(true) };
    calendar.say(calendar.words.picked.replace("{title}", element.deal.title));
    mark();
  }

  function mark() {
    for (const [day, cell] of calendar.cells) cell.classList.toggle("over", Boolean(grab) && day === grab.day);
  }

  function carry(step) {
    const days = [...calendar.cells.keys()];
    const next = daysLater(grab.day, step);
    if (calendar.cells.has(next)) grab.day = next;
    else if (!calendar.cells.has(grab.day)) grab.day = step > 0 ? days[0] : days[days.length - 1];
    mark();
    calendar.say(calendar.cells.get(grab.day)?.getAttribute("aria-label") || grab.day);
  }

  function release(cancelled) {
    const { element, day } = grab;
    grab = null;
    calendar.held = null;
    element.classList.remove("grabbed");
    mark();
    if (cancelled) calendar.say(calendar.words.cancelled);
    else calendar.put(element, day);
    calendar.catchUp();
    calendar.focus(element.deal.id);
  }

  calendar.element.addEventListener("keydown", (event) => {
    const element = event.target.closest(".chip");
    if (!element || event.target.closest(".menu-button") || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    if (grab && key in STEPS) carry(STEPS[key]);
    else if (grab && (key === " " || key === "Enter")) release(false);
    else if (grab && key === "Escape") release(true);
    else if (grab) return;
    else if (key === "Enter") calendar.send("opened", element.deal.id);
    else if (key === " " && !calendar.readonly) pickUp(element);
    else if (key.toLowerCase() === "m") calendar.menu.open(element, element);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

class Menu {
  constructor(calendar) {
    this.calendar = calendar;
    this.list = null;
    this.outside = (event) => {
      if (!event.composedPath().includes(this.list)) this.close();
    };
  }

  open(chip, anchor) {
    this.close();
    const { words, readonly, today } = this.calendar;
    const from = chip.deal.day && chip.deal.day > today ? chip.deal.day : today;
    this.chip = chip;
    this.list = make("div", "menu");
    this.list.setAttribute("role", "menu");
    this.list.setAttribute("aria-label", chip.deal.title);
    this.add(words.open, () => this.calendar.send("opened", chip.deal.id));
    if (!readonly) {
      this.add(words.week, () => this.calendar.put(chip, daysLater(from, 7)));
      this.add(words.month, () => this.calendar.put(chip, daysLater(from, 28)));
      const label = make("label", "menu-day");
      const input = make("input");
      input.type = "date";
      input.value = chip.deal.day || today;
      input.onchange = () => input.value && this.choose(() => this.calendar.put(chip, input.value));
      label.append(make("span", "", words.move), input);
      this.list.append(label);
    }
    this.list.onkeydown = (event) => this.key(event);
    this.calendar.root.append(this.list);
    const box = this.list.getBoundingClientRect();
    const at = anchor.getBoundingClientRect();
    this.list.style.left = `${Math.max(8, Math.min(at.left, innerWidth - box.width - 8))}px`;
    this.list.style.top = `${Math.max(8, Math.min(at.bottom + 4, innerHeight - box.height - 8))}px`;
    this.list.querySelector("button").focus();
    document.addEventListener("pointerdown", this.outside, true);
  }

  add(text, chosen) {
    const item = make("button", "menu-item", text);
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.onclick = () => this.choose(chosen);
    this.list.append(item);
  }

  choose(chosen) {
    this.close();
    chosen();
  }

  key(event) {
    const items = [...this.list.querySelectorAll("button, input")];
    const index = items.indexOf(event.target);
    const inDay = event.target.tagName === "INPUT";
    if (event.key === "Escape") {
      this.close();
      this.calendar.focus(this.chip.deal.id);
    } else if (event.key === "ArrowDown" && !inDay) items[(index + 1) % items.length].focus();
    else if (event.key === "ArrowUp" && !inDay) items[(index - 1 + items.length) % items.length].focus();
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
