// The box that Ctrl K (⌘K on a Mac) opens on every page: records, pages and actions, by keyboard alone. It stands outside
// of Streamlit's page, so that it opens at once, and goes to another page as the browser's own Back and Forward do.
const DELAY = 120; // milliseconds after the last letter
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

const STYLE = `
  #search-everywhere { position: fixed; inset: 0; z-index: 1000000; background: rgb(0 0 0 / .45); }
  #search-everywhere[hidden] { display: none; }
  #search-everywhere > div { max-width: 40rem; width: calc(100% - 2rem); margin: min(12vh, 6rem) auto 0;
    border-radius: .75rem; overflow: hidden; box-shadow: 0 1rem 3rem rgb(0 0 0 / .35); display: flex;
    flex-direction: column; max-height: 75vh; border: 1px solid color-mix(in srgb, currentColor 18%, transparent); }
  #search-everywhere input { font: inherit; font-size: 1.05rem; color: inherit; background: none; border: 0; outline: 0;
    padding: 1rem 1.1rem; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); }
  #search-everywhere input::placeholder { color: inherit; opacity: .75; }
  #search-everywhere ul { margin: 0; padding: .4rem; overflow-y: auto; list-style: none; }
  #search-everywhere .group { font-size: .8rem; font-weight: 600; opacity: .8; padding: .6rem .7rem .2rem; }
  #search-everywhere [role=option] { display: flex; align-items: center; gap: .7rem; padding: .45rem .7rem;
    border-radius: .5rem; cursor: pointer; }
  #search-everywhere [aria-selected=true] { background: color-mix(in srgb, currentColor 12%, transparent); }
  #search-everywhere .icon { font-family: "Material Symbols Rounded"; font-size: 1.25rem; line-height: 1; width: 1.25rem;
    overflow: hidden; flex-shrink: 0; font-feature-settings: "liga"; }
  #search-everywhere .title, #search-everywhere .detail { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
  #search-everywhere .title { flex: 0 1 auto; max-width: 70%; }
  #search-everywhere .detail { flex: 1 1 0; font-size: .85rem; opacity: .8; }
  #search-everywhere p { margin: 0; padding: 1rem 1.1rem; opacity: .85; }
`;

class Search {
  constructor() {
    document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
    this.layer = document.createElement("div");
    this.layer.id = "search-everywhere";
    this.layer.hidden = true;
    const [everywhere, placeholder, found] = [tr("Search everywhere"), tr("Search records, pages and actions"), tr("Found")];
    this.layer.innerHTML = `
      <div role="dialog" aria-modal="true" aria-label="${everywhere}">
        <input type="text" role="combobox" aria-expanded="true" aria-controls="search-everywhere-list"
          aria-autocomplete="list" aria-label="${everywhere}" autocomplete="off" spellcheck="false" maxlength="200"
          placeholder="${placeholder}">
        <ul role="listbox" id="search-everywhere-list" aria-label="${found}"></ul>
        <p role="status" hidden></p>
      </div>`;
    [this.box, this.input, this.list, this.status] = ["div", "input", "ul", "p"].map((name) => this.layer.querySelector(name));
    document.body.append(this.layer);
    this.input.addEventListener("input", () => this.askSoon());
    this.layer.addEventListener("keydown", (event) => this.press(event));
    this.layer.addEventListener("mousedown", (event) => event.target === this.layer && this.close());
    this.list.addEventListener("click", (event) => this.go(event.target.closest("[role=option]"), event));
    this.list.addEventListener("mousemove", (event) => this.choose(event.target.closest("[role=option]")));
  }

  open() {
    if (!this.layer.hidden) return;
    this.before = document.activeElement;
    const app = getComputedStyle(document.querySelector(".stApp") || document.body);
    Object.assign(this.box.style, { background: app.backgroundColor, color: app.color, fontFamily: app.fontFamily });
    this.layer.hidden = false;
    this.input.value = "";
    this.input.focus();
    this.ask();
  }

  close() {
    this.layer.hidden = true;
    this.asking?.abort();
    this.before?.focus?.();
  }

  askSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), DELAY);
  }

  async ask() {
    clearTimeout(this.timer);
    this.timer = null;
    this.asking?.abort();
    const asking = (this.asking = new AbortController());
    this.answered = (async () => {
      try {
        const address = `./search?q=${encodeURIComponent(this.input.value)}`;
        const answer = await fetch(address, { signal: asking.signal });
        if (answer.status === 401) return location.reload();
        if (!answer.ok) return this.say(await answer.text());
        const { entries } = await answer.json();
        if (!asking.signal.aborted) this.show(entries);
      } catch (error) {
        if (error.name !== "AbortError") this.say(tr("The product does not answer. Is it still running?"));
      }
    })();
    await this.answered;
  }

  say(text) {
    this.list.replaceChildren();
    this.status.textContent = text;
    this.status.hidden = !text;
  }

  show(entries) {
    this.say(entries.length ? "" : tr("Nothing found. Try fewer letters, or another word."));
    let group = "";
    entries.forEach((entry, place) => {
      if (entry.group !== group) {
        group = entry.group;
        const head = Object.assign(document.createElement("li"), { className: "group", textContent: group });
        head.setAttribute("role", "presentation");
        this.list.append(head);
      }
      const item = document.createElement("li");
      item.id = `search-everywhere-${place}`;
      item.setAttribute("role", "option");
      item.dataset.address = entry.address;
      for (const part of ["icon", "title", "detail"]) {
        item.append(Object.assign(document.createElement("span"), { className: part, textContent: entry[part] }));
      }
      item.firstChild.setAttribute("aria-hidden", "true");
      this.list.append(item);
    });
    this.choose(this.list.querySelector("[role=option]"));
  }

  choose(item) {
    if (!item) return;
    this.chosen()?.setAttribute("aria-selected", "false");
    item.setAttribute("aria-selected", "true");
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  chosen() {
    return this.list.querySelector("[aria-selected=true]");
  }

  async press(event) {
    // Nothing typed here is for the page below, which has keys of its own.
    event.stopPropagation();
    const items = [...this.list.querySelectorAll("[role=option]")];
    const at = items.indexOf(this.chosen());
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && items.length) {
      event.preventDefault();
      this.choose(items[(at + step + items.length) % items.length]);
      this.chosen().scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      // What is shown may be of fewer letters than are typed by now.
      if (this.timer) this.ask();
      await this.answered;
      if (!this.layer.hidden) this.go(this.chosen(), event);
    } else if (event.key === "Escape" || isOpening(event)) {
      event.preventDefault();
      this.close();
    } else if (event.key === "Tab") {
      event.preventDefault(); // the box is the one place to type in, as in any open dialog
    }
  }

  go(item, { ctrlKey, metaKey }) {
    if (!item) return;
    const address = new URL(`.${item.dataset.address}`, document.baseURI).href;
    if (ctrlKey || metaKey) return void window.open(address, "_blank", "noopener");
    this.before = null;
    this.close();
    history.pushState({}, "", address);
    window.dispatchEvent(new PopStateEvent("popstate", { state: {} }));
  }
}

function isOpening(event) {
  return event.key.toLowerCase() === "k" && (isMac ? event.metaKey : event.ctrlKey) && !event.altKey && !event.shiftKey;
}

const search = new Search();
addEventListener("keydown", (event) => {
  if (!isOpening(event)) return;
  event.preventDefault();
  event.stopPropagation();
  search.open();
}, true);
addEventListener("click", (event) => {
  // The sidebar's button is Streamlit's own; its press would only draw the page again.
  if (!event.target.closest?.(".st-key-search-everywhere button")) return;
  event.preventDefault();
  event.stopPropagation();
  search.open();
}, true);
