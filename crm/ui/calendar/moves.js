// Three ways to another day: dragging by mouse, pen or finger, the keyboard, and a menu with any day.

function watchPointer(calendar) {
  function follow(press) {
    const { at, offset, ghost } = press;
    ghost.style.transform = `translate(${at.x - offset.x}px, ${at.y - offset.y}px)`;
    press.over = calendar.dayAt(at);
    for (const cell of calendar.cells.values()) cell.classList.toggle("over", cell === press.over);
  }

  function release({ target, over }, cancelled) {
    for (const cell of calendar.cells.values()) cell.classList.remove("over");
    if (!cancelled && over) calendar.put(target, over.dataset.day);
    calendar.catchUp();
  }

  const opened = (target) => calendar.open(target);
  watchPress(calendar, { item: ".chip", follow, moved: follow, release, opened });
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
    else if (key === "Enter") calendar.open(element);
    else if (key === " " && !calendar.readonly) pickUp(element);
    else if (key.toLowerCase() === "m") calendar.menu.open(element, element);
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
}

class Menu extends ActionMenu {
  constructor(calendar) {
    super(calendar);
    this.closing = ["Escape"]; // Tab goes on to the field with the day
  }

  open(chip, anchor) {
    const calendar = this.surface;
    const { words, readonly, today } = calendar;
    const from = chip.deal.day && chip.deal.day > today ? chip.deal.day : today;
    this.begin(chip.deal.title, () => calendar.focus(chip.deal.id));
    this.add(words.open, () => calendar.open(chip));
    if (!readonly) {
      this.add(words.week, () => calendar.put(chip, daysLater(from, 7)));
      this.add(words.month, () => calendar.put(chip, daysLater(from, 28)));
      this.addDay(chip);
    }
    this.show(anchor);
  }

  addDay(chip) {
    const calendar = this.surface;
    const label = make("label", "menu-day");
    const input = make("input");
    input.type = "date";
    input.value = chip.deal.day || calendar.today;
    input.onchange = () => input.value && this.choose(() => calendar.put(chip, input.value));
    label.append(make("span", "", calendar.words.move), input);
    this.list.append(label);
  }
}
