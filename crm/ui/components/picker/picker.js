// A box that finds one of very many records while one types, as the combobox of the ARIA practices. Text is only ever set
// as text. The list is in the browser's top layer, where no dialog or card clips it.
const DELAY = 130; // milliseconds after the last letter
const PATIENCE = 350; // milliseconds until a slow answer is spoken of
const TALLEST = 340;
const pickers = new WeakMap();

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

class Picker {
  constructor(root) {
    this.turn = 0;
    this.value = null;
    this.label = element("label", { for: "input" });
    this.input = element("input", {
      id: "input", type: "text", role: "combobox", "aria-expanded": "false", "aria-controls": "list", maxlength: "200",
      "aria-autocomplete": "list", "aria-describedby": "refused", autocomplete: "off", spellcheck: "false",
    });
    this.clearer = element("button", { type: "button", class: "clear", tabindex: "-1" }, "✕");
    this.box = element("div", { class: "box" }, this.input, this.clearer);
    this.refused = element("p", { id: "refused", role: "alert", class: "refused" });
    this.list = element("ul", { id: "list", role: "listbox" });
    this.status = element("p", { role: "status", class: "status" });
    this.panel = element("div", { class: "panel", popover: "manual" }, this.list, this.status);
    this.room = element("div", { class: "picker" }, this.label, this.box, this.refused, this.panel);
    root.append(this.room); // beside the style that Streamlit has put there
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("keydown", (event) => this.press(event));
    this.input.addEventListener("click", () => this.isOpen || this.open());
    this.input.addEventListener("blur", () => this.leave());
    this.clearer.addEventListener("click", () => this.clear());
    this.panel.addEventListener("mousedown", (event) => event.preventDefault()); // the box keeps the focus
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
    this.list.addEventListener("mousemove", (event) => this.choose(event.target.closest("[role=option]")));
    // Keys of the page, such as N for a new record, must not hear what is typed here.
    for (const kind of ["keypress", "keyup"]) this.room.addEventListener(kind, (event) => event.stopPropagation());
    this.follow = () => this.isOpen && this.place();
    for (const kind of ["scroll", "resize"]) window.addEventListener(kind, this.follow, true);
    window.visualViewport?.addEventListener("resize", this.follow);
  }

  end() {
    clearTimeout(this.timer);
    this.asking?.abort();
    for (const kind of ["scroll", "resize"]) window.removeEventListener(kind, this.follow, true);
    window.visualViewport?.removeEventListener("resize", this.follow);
  }

  update(data, trigger) {
    [this.data, this.trigger] = [data, trigger];
    this.label.textContent = data.label;
    this.list.setAttribute("aria-label", data.label);
    this.clearer.setAttribute("aria-label", data.clear);
    this.input.placeholder = data.nothing;
    // An answer to an earlier turn knows nothing of what was picked since.
    if (!data.turn || data.turn >= this.turn) {
      this.value = data.value;
      this.refused.textContent = data.refused ?? "";
      this.input.setAttribute("aria-invalid", String(Boolean(data.refused)));
      if (!this.isOpen && !data.refused) this.reset();
    }
    this.mark();
  }

  get isOpen() {
    return this.panel.matches(":popover-open");
  }

  get text() {
    return this.input.value.trim();
  }

  // Whether something else is typed than what is chosen.
  get isTyped() {
    return this.text !== (this.value?.title ?? "").trim();
  }

  reset() {
    this.input.value = this.value?.title ?? "";
    this.input.title = this.input.value; // whole, where the box cuts it
  }

  mark() {
    this.clearer.hidden = !this.input.value;
  }

  typed() {
    this.mark();
    if (!this.isOpen) this.show();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  open() {
    this.show();
    if (!this.isTyped) this.input.select();
    this.ask();
  }

  show() {
    this.panel.showPopover();
    this.input.setAttribute("aria-expanded", "true");
    this.place();
  }

  close() {
    clearTimeout(this.timer);
    this.timer = null;
    this.asking?.abort();
    if (this.isOpen) this.panel.hidePopover();
    this.input.setAttribute("aria-expanded", "false");
    this.fill([]);
    this.say("");
  }

  place() {
    const box = this.box.getBoundingClientRect();
    const height = window.visualViewport?.height ?? innerHeight;
    const [below, above] = [height - box.bottom - 8, box.top - 8];
    const isAbove = below < Math.min(TALLEST, 200) && above > below;
    const width = Math.min(Math.max(box.width, 260), innerWidth - 16);
    Object.assign(this.panel.style, {
      width: `${width}px`,
      left: `${Math.max(8, Math.min(box.left, innerWidth - width - 8))}px`,
      top: isAbove ? "auto" : `${box.bottom + 4}px`,
      bottom: isAbove ? `${innerHeight - box.top + 4}px` : "auto",
      maxHeight: `${Math.max(120, Math.min(TALLEST, isAbove ? above : below))}px`,
    });
  }

  ask() {
    clearTimeout(this.timer);
    this.timer = null;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.answered = this.answer(this.isTyped ? this.text : "", asking.signal);
    return this.answered;
  }

  async answer(query, signal) {
    const slow = setTimeout(() => signal.aborted || this.say(tr("Searching …")), PATIENCE);
    try {
      const answer = await fetch(`${this.data.address}&q=${encodeURIComponent(query)}`, { signal });
      if (!answer.ok) {
        const ended = answer.status === 401 && tr("Your session has ended: sign in again in another tab.");
        const told = ended || (await answer.text());
        return signal.aborted || this.fail(told);
      }
      const { matches } = await answer.json();
      if (!signal.aborted) this.offer(matches, query);
    } catch (error) {
      if (!signal.aborted) this.fail(tr("The product does not answer. Is it still running?"));
    } finally {
      clearTimeout(slow);
    }
  }

  fail(told) {
    this.fill([]);
    this.say(told);
  }

  offer(matches, query) {
    const { noun } = this.data;
    const items = matches.map((match) => this.option(match.title, match.detail, { id: match.id }));
    if (query && this.data.create) {
      const item = this.option(tr("Create {noun} “{query}”", { noun, query }), "", { text: query });
      item.classList.add("create");
      items.push(item);
    }
    this.fill(items);
    if (matches.length) this.say("");
    else this.say(query ? tr("No {noun} matches.", { noun }) : tr("No {noun} yet. Type a name.", { noun }));
    if (query) this.choose(items[0]);
    if (this.isOpen) this.place();
  }

  option(title, detail, picks) {
    const item = element("li", { role: "option", "aria-selected": "false" });
    item.append(element("span", { class: "title" }, title));
    if (detail) item.append(element("span", { class: "detail" }, detail));
    if (picks.id !== undefined && picks.id === this.value?.id) item.classList.add("now");
    item.title = detail ? `${title} · ${detail}` : title;
    item.picks = { ...picks, title };
    return item;
  }

  fill(items) {
    items.forEach((item, place) => (item.id = `option-${place}`));
    this.list.replaceChildren(...items);
    this.input.removeAttribute("aria-activedescendant");
  }

  say(text) {
    this.status.textContent = text;
  }

  get chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  choose(item) {
    if (!item) return;
    this.chosen?.setAttribute("aria-selected", "false");
    item.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  press(event) {
    if (event.ctrlKey || event.metaKey) return; // the page's own, such as search everywhere
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.isOpen) this.move(step);
      else this.open();
    } else if (event.key === "Enter" && !event.isComposing && this.isOpen) {
      event.preventDefault();
      this.enter();
    } else if (event.key === "Escape" && this.isOpen) {
      event.preventDefault();
      this.close();
      this.reset();
      this.mark();
    } else if (event.key === "Tab") {
      // Who types and goes on means the match that is marked; nothing is made in passing.
      if (this.isOpen && this.isTyped && !this.timer && this.chosen?.picks.id !== undefined) this.take(this.chosen);
      return;
    } else if (event.key === "Escape") {
      return; // it closes the dialog around the box
    }
    event.stopPropagation();
  }

  move(step) {
    const items = [...this.list.children];
    if (!items.length) return;
    const at = items.indexOf(this.chosen);
    this.choose(items[at < 0 ? (step > 0 ? 0 : items.length - 1) : (at + step + items.length) % items.length]);
    this.chosen.scrollIntoView({ block: "nearest" });
  }

  // What is shown may be of fewer letters than are typed by now. Of what was not seen yet nothing is made.
  async enter() {
    const isLate = Boolean(this.timer) || Boolean(this.status.textContent && !this.list.children.length);
    if (this.timer) this.ask();
    await this.answered;
    if (isLate && this.chosen?.picks.id === undefined) return;
    this.take(this.chosen);
  }

  take(item) {
    if (!item) return;
    const { id, text, title } = item.picks;
    this.close();
    this.refused.textContent = "";
    if (id === undefined) {
      this.input.value = text;
      this.send("created", { text });
    } else {
      this.value = this.data.keeps ? { id, title } : null;
      this.reset();
      this.send("picked", { id });
    }
    this.mark();
  }

  send(event, what) {
    this.turn = Math.max(Date.now(), this.turn + 1);
    this.trigger(event, { ...what, turn: this.turn });
  }

  clear() {
    const had = this.value;
    this.value = null;
    this.refused.textContent = "";
    this.close();
    this.reset();
    this.mark();
    if (had) this.send("picked", { id: null });
    this.input.focus();
  }

  leave() {
    const isEmptied = this.isOpen && !this.text && this.value;
    if (!this.isOpen && this.refused.textContent) return; // what was refused can be mended
    this.close();
    if (isEmptied) {
      this.value = null;
      this.send("picked", { id: null });
    }
    this.reset();
    this.mark();
  }
}

export default function ({ parentElement, data, setTriggerValue }) {
  let picker = pickers.get(parentElement);
  if (!picker) pickers.set(parentElement, (picker = new Picker(parentElement)));
  picker.update(data, setTriggerValue);
  return ending(parentElement, () => {
    picker.end();
    pickers.delete(parentElement);
  });
}
