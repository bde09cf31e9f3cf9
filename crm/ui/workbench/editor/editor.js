// An editor of SQL with what there is to query beside it: CodeMirror, loaded once from the product itself. The browser
// keeps what is typed until it is saved. Text from the server is only ever set as text.
const PAUSE = 400; // milliseconds after the last key until the server and the browser's storage are told
const NARROW = 800; // pixels of the window up to which one column is drawn
const KEEPING = new Set(["Tab", "Escape", "Shift", "Control", "Alt", "Meta"]); // keys that leave the way out open
const editors = new WeakMap();

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function keptIn(place) {
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    return typeof kept?.values?.text === "string" ? kept : null;
  } catch {
    return null; // not ours, or a browser that keeps nothing
  }
}

function keep(place, text) {
  try {
    if (text === null) localStorage.removeItem(place);
    else localStorage.setItem(place, JSON.stringify({ at: Date.now(), version: 0, base: {}, values: { text } }));
  } catch { /* full, or switched off */ }
}

class Editor {
  constructor(root, data) {
    this.root = root;
    this.told = data.text;
    this.revision = data.revision;
    this.room = element("div", { class: "workbench" });
    this.host = element("div", { class: "host" });
    this.hint = element("p", { class: "hint", id: "hint" }, tr("Ctrl+Enter runs. Escape, then Tab leaves the editor."));
    this.way = element("p", { class: "way", role: "status" });
    this.run = element("button", { type: "button", class: "run" }, tr("Run"));
    this.news = element("p", { class: "news", role: "status" });
    this.problem = element("pre", { class: "problem", role: "alert" });
    this.browser = new Browser((name) => this.insert(name));
    const foot = element("div", { class: "foot" }, this.run, this.hint, this.way, this.news);
    this.room.append(element("div", { class: "main" }, this.host, this.problem, foot), this.browser.room);
    root.append(this.room);
    this.run.addEventListener("click", () => this.start());
    // Keys of the page, such as N for a new record, must not hear what is typed here.
    for (const kind of ["keydown", "keypress", "keyup"]) this.room.addEventListener(kind, (event) => event.stopPropagation());
    this.ready = this.load(data);
  }

  async load(data) {
    const [cm, schema] = await Promise.all([
      import(new URL(data.library, document.baseURI).href),
      fetch(new URL(data.schema, document.baseURI), { cache: "no-store" }).then((answer) => (answer.ok ? answer.json() : null)),
    ]);
    this.cm = cm;
    const known = schema ?? { views: [], functions: [], keywords: "" };
    this.browser.fill(known.views, window.innerWidth > NARROW);
    this.view = new cm.EditorView({
      doc: this.data.text,
      parent: this.host,
      root: this.root.getRootNode(),
      extensions: this.extensions(cm, known),
    });
    this.room.classList.add("ready");
    this.bringBack();
    this.mark();
  }

  extensions(cm, known) {
    const dialect = cm.SQLDialect.define({
      keywords: known.keywords, builtin: known.functions.join(" "), types: known.types, specialVar: "$",
      identifierQuotes: '"', doubleDollarQuotedStrings: true, caseInsensitiveIdentifiers: true,
    });
    const schema = Object.fromEntries(known.views.map((view) => [view.name, {
      self: { label: view.name, type: "class", info: view.description },
      children: view.columns.map((column) => completion(column)),
    }]));
    return [
      cm.Prec.highest(cm.keymap.of([
        { key: "Mod-Enter", run: () => this.start() },
        { key: "Tab", run: cm.acceptCompletion },
        // Also where Escape closes a list first, which would otherwise take the key for itself.
        { key: "Escape", run: () => this.openWay(true) },
      ])),
      cm.Prec.highest(cm.EditorView.domEventHandlers({
        keydown: (event) => KEEPING.has(event.key) || event.isComposing ? false : this.openWay(false),
        mousedown: () => this.openWay(false),
        blur: () => this.openWay(false),
      })),
      cm.lineNumbers(), cm.highlightSpecialChars(), cm.history(), cm.drawSelection(), cm.bracketMatching(),
      cm.closeBrackets(), cm.highlightActiveLine(), cm.highlightSelectionMatches(), cm.search({ top: true }),
      cm.indentUnit.of("    "), cm.EditorView.lineWrapping, cm.placeholder(this.data.placeholder),
      cm.sql({ dialect, schema, upperCaseKeywords: true, keywordCompletion: (label, type) => wordCompletion(label, type) }),
      dialect.language.data.of({ autocomplete: (context) => columnsOfNamed(context, known) }),
      cm.autocompletion({ icons: false }),
      cm.syntaxHighlighting(highlighting(cm)),
      cm.EditorView.contentAttributes.of({
        "aria-label": this.data.label, "aria-describedby": "hint", autocapitalize: "off", spellcheck: "false",
      }),
      cm.keymap.of([
        ...cm.closeBracketsKeymap, ...cm.completionKeymap, ...cm.searchKeymap, ...cm.historyKeymap, ...cm.lintKeymap,
        ...cm.defaultKeymap, cm.indentWithTab,
      ]),
      cm.EditorState.phrases.of({ Find: tr("Find"), Replace: tr("Replace"), next: tr("next"), previous: tr("previous"), close: tr("close") }),
      cm.EditorView.updateListener.of((update) => update.docChanged && this.typed()),
      cm.EditorView.domEventHandlers({ blur: () => void this.tell() }),
    ];
  }

  // CodeMirror's own way out closes after two seconds, too few for whoever is told of it by a voice: this one stays
  // open until another key. Always false, for others may want the event too.
  openWay(open) {
    if (open === this.wayOpen) return false;
    this.wayOpen = open;
    this.view.setTabFocusMode(open);
    this.way.textContent = open ? tr("Tab leaves the editor now.") : "";
    return false;
  }

  update(data, state, trigger) {
    [this.data, this.state, this.trigger] = [data, state, trigger];
    this.run.disabled = data.running;
    if (data.revision !== this.revision) {
      this.revision = data.revision;
      this.told = data.text;
      clearTimeout(this.timer);
      this.news.replaceChildren();
      if (this.view) this.set(data.text);
    }
    if (data.forget && data.forget !== this.forgotten) {
      this.forgotten = data.forget;
      keep(data.place, null);
    }
    if (this.view) this.mark();
  }

  // What was typed before a reload, or before the server forgot the session.
  bringBack() {
    const kept = this.data.fresh ? keptIn(this.data.place) : null;
    if (!kept || kept.values.text === this.data.text) return;
    this.set(kept.values.text);
    this.tell();
    const discard = element("button", { type: "button" }, tr("Discard"));
    discard.addEventListener("click", () => {
      this.set(this.data.saved);
      this.tell();
      this.news.replaceChildren();
      this.view.focus();
    });
    this.news.replaceChildren(tr("What you had not saved is back."), " ", discard);
  }

  get text() {
    return this.view.state.doc.toString();
  }

  set(text) {
    if (text !== this.text) this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  insert(name) {
    if (!this.view) return;
    const { from } = this.view.state.selection.main;
    const before = from ? this.view.state.sliceDoc(from - 1, from) : "";
    this.view.dispatch(this.view.state.replaceSelection((/[\w,]/.test(before) ? " " : "") + name), { userEvent: "input" });
    this.view.focus();
  }

  typed() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.tell(), PAUSE);
  }

  tell() {
    clearTimeout(this.timer);
    const text = this.text;
    keep(this.data.place, text.trim() && text !== this.data.saved ? text : null);
    if (text === this.told) return;
    this.told = text;
    this.state("text", { text, revision: this.revision });
  }

  start() {
    if (this.data.running || !this.view) return true;
    this.tell();
    this.trigger("run", { text: this.text, revision: this.revision });
    return true;
  }

  // The place of a refusal: underlined, and said with the line and a caret below the letter.
  mark() {
    const { problem } = this.data;
    const drawn = JSON.stringify(problem);
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const { doc } = this.view.state;
    this.problem.textContent = "";
    if (!problem?.line || problem.line > doc.lines) {
      this.view.dispatch(this.cm.setDiagnostics(this.view.state, []));
      return;
    }
    const line = doc.line(problem.line);
    const from = Math.min(line.from + problem.column - 1, line.to);
    const word = /^[\w."$]+/.exec(doc.sliceString(from, line.to));
    const to = Math.min(from + (word?.[0].length ?? 1), doc.length);
    this.view.dispatch(this.cm.setDiagnostics(this.view.state, [{ from, to, severity: "error", message: problem.message }]));
    const start = Math.max(0, problem.column - 60);
    const shown = line.text.slice(start, start + 100).replaceAll("\t", " ");
    this.problem.textContent = `${shown}\n${" ".repeat(problem.column - 1 - start)}^`;
  }

  end() {
    clearTimeout(this.timer);
    this.view?.destroy();
  }
}

// What there is to query: views that open to their columns; a press writes a name into the query.
class Browser {
  constructor(insert) {
    this.insert = insert;
    this.toggle = element("button", { type: "button", class: "toggle", "aria-expanded": "false", "aria-controls": "browser" }, tr("Views and columns"));
    this.find = element("input", { type: "search", "aria-label": tr("Find a view or column"), placeholder: tr("Find a view or column") });
    this.list = element("ul");
    this.none = element("p", { class: "none", hidden: "" }, tr("Nothing is called so."));
    this.body = element("div", { id: "browser", class: "body", hidden: "" }, this.find, this.list, this.none);
    this.room = element("div", { class: "browser", role: "region", "aria-label": tr("Views and columns") }, this.toggle, this.body);
    this.toggle.addEventListener("click", () => this.open(this.body.hidden));
    this.find.addEventListener("input", () => this.narrow());
  }

  open(shown) {
    this.body.hidden = !shown;
    this.toggle.setAttribute("aria-expanded", String(shown));
  }

  fill(views, open) {
    this.entries = views.map((view) => this.entry(view));
    this.list.replaceChildren(...this.entries.map((entry) => entry.item));
    this.open(open);
  }

  entry(view) {
    const opener = element("button", { type: "button", class: "opener", "aria-expanded": "false", "aria-label": tr("Columns of {name}", { name: view.name }) }, "▸");
    const name = element("button", { type: "button", class: "name", title: view.description }, view.name);
    const about = element("p", { class: "about" }, view.description);
    const columns = view.columns.map((column) => this.column(column));
    const inner = element("div", { class: "columns", hidden: "" }, about, element("ul", {}, ...columns.map((one) => one.item)));
    const item = element("li", {}, element("div", { class: "view" }, opener, name), inner);
    const entry = { item, name: view.name, columns, unfold: (shown) => {
      inner.hidden = !shown;
      opener.textContent = shown ? "▾" : "▸";
      opener.setAttribute("aria-expanded", String(shown));
    } };
    opener.addEventListener("click", () => entry.unfold(inner.hidden));
    name.addEventListener("click", () => this.insert(view.name));
    return entry;
  }

  column(column) {
    const type = element("span", { class: "type" }, column.type.toLowerCase());
    const about = element("span", { class: "about" }, column.description);
    const button = element("button", { type: "button", class: "column" }, element("span", { class: "name" }, column.name), type, about);
    button.addEventListener("click", () => this.insert(column.name));
    return { item: element("li", {}, button), words: `${column.name} ${column.description}`.toLowerCase() };
  }

  narrow() {
    const wanted = this.find.value.trim().toLowerCase();
    let found = 0;
    for (const entry of this.entries ?? []) {
      const named = entry.name.includes(wanted);
      let inside = 0;
      for (const column of entry.columns) {
        const shown = !wanted || named || column.words.includes(wanted);
        column.item.hidden = !shown;
        if (wanted && !named && shown) inside += 1;
      }
      entry.item.hidden = Boolean(wanted) && !named && !inside;
      entry.unfold(inside > 0);
      if (!entry.item.hidden) found += 1;
    }
    this.none.hidden = found > 0;
  }
}

function completion(column) {
  return { label: column.name, type: "property", detail: column.type.toLowerCase(), info: column.description };
}

function wordCompletion(label, type) {
  if (type !== "variable") return { label, type, boost: -1 };
  const name = label.toLowerCase();
  return { label: name, type: "function", detail: "()", apply: `${name}(`, boost: -2 };
}

// Columns of the views that the query names, where no table stands before a dot.
function columnsOfNamed(context, known) {
  const word = context.matchBefore(/[\w]+/);
  if (!word && !context.explicit) return null;
  const from = word?.from ?? context.pos;
  if (context.state.sliceDoc(Math.max(0, from - 1), from).match(/[.$'"]/)) return null;
  const text = context.state.doc.toString().toLowerCase();
  const named = known.views.filter((view) => new RegExp(`\\b${view.name}\\b`).test(text));
  const columns = new Map(named.flatMap((view) => view.columns.map((column) => [column.name, { ...completion(column), boost: 2 }])));
  return { from, options: [...columns.values()], validFor: /^\w*$/ };
}

function highlighting(cm) {
  const of = cm.tags;
  return cm.HighlightStyle.define([
    { tag: of.keyword, class: "tok-keyword" },
    { tag: [of.string, of.special(of.string)], class: "tok-string" },
    { tag: [of.number, of.bool, of.null], class: "tok-number" },
    { tag: of.special(of.name), class: "tok-parameter" },
    { tag: of.standard(of.name), class: "tok-function" },
    { tag: of.comment, class: "tok-comment" },
  ]);
}

export default function ({ parentElement, data, setStateValue, setTriggerValue }) {
  let own = editors.get(parentElement);
  if (!own) {
    own = new Editor(parentElement, data);
    editors.set(parentElement, own);
  }
  own.update(data, setStateValue, setTriggerValue);
  return ending(parentElement, () => {
    editors.delete(parentElement);
    own.end();
    own.room.remove();
  });
}
