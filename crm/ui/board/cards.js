// A card and a column's head as elements; `given` is what a column was given to show.

const AVATARS = ["#3346d3", "#0b6b4f", "#9a4a06", "#7a34b5", "#b02a37", "#0a6a8a"];

function drawCard(element, card, words) {
  const drawn = JSON.stringify(card);
  if (element.drawn === drawn) return;
  element.drawn = drawn;
  element.card = card;
  element.dataset.id = card.id;
  const top = make("div", "top");
  const title = make("div", "title", card.title);
  title.title = card.title;
  top.append(title);
  if (card.priority) {
    const flag = icon("flag", card.priorityName);
    flag.classList.add(card.priority);
    top.append(flag);
  }
  if (card.health) {
    const health = icon(card.health.icon, card.health.name);
    health.classList.add("health", card.health.status);
    top.append(health);
  }
  const menu = makeMenuButton();
  menu.tabIndex = -1;
  menu.setAttribute("aria-label", `${words.menu} ${card.title}`);
  top.append(menu);
  const bottom = make("div", "bottom");
  const avatar = make("span", card.initials ? "avatar" : "avatar nobody", card.initials || "–");
  avatar.title = card.owner;
  if (card.initials) avatar.style.background = AVATARS[card.ownerId % AVATARS.length];
  bottom.append(avatar);
  if (card.value) bottom.append(make("span", "value", card.value));
  if (card.day) {
    const day = make("span", card.overdue ? "day overdue" : "day");
    if (card.overdue) day.append(icon("event_busy"));
    day.append(make("span", "", card.day));
    day.title = card.dayName;
    bottom.append(day);
  }
  const labels = make("div", "labels");
  for (const label of card.labels) {
    const chip = make("span", "label", label.name);
    chip.style.setProperty("--label", `var(--st-${label.colour}-color)`);
    chip.title = label.name;
    labels.append(chip);
  }
  element.replaceChildren(top);
  if (card.who !== null) element.append(make("div", "who", card.who));
  if (card.facts.length) element.append(drawFacts(card.facts));
  if (card.labels.length) element.append(labels);
  element.append(bottom);
  if (card.counts.length) element.append(drawCounts(card.counts));
  element.setAttribute("aria-label", card.spoken);
}

function drawFacts(facts) {
  const list = make("div", "facts");
  for (const fact of facts) {
    const line = make("div", "fact");
    line.append(make("span", "fact-name", fact.name), make("span", "fact-value", fact.text));
    line.title = `${fact.name}: ${fact.text}`;
    list.append(line);
  }
  return list;
}

function drawCounts(counts) {
  const line = make("div", "counts");
  for (const one of counts) {
    const part = make("span", "count-of");
    part.append(icon(one.icon), make("span", "", one.text));
    part.title = one.name;
    line.append(part);
  }
  return line;
}

function makeMenuButton() {
  const button = make("button", "menu-button");
  button.type = "button";
  button.setAttribute("aria-haspopup", "menu");
  button.append(icon("more_vert"));
  return button;
}

function makeColumn(given) {
  const root = make("section", "column");
  const head = make("header", "head");
  const name = make("h3", "name");
  const count = make("span", "count");
  const line = make("div", "line");
  const menu = makeMenuButton();
  line.append(make("span", "dot"), name, count, menu);
  const sums = make("div", "sums");
  head.append(line, sums);
  const list = make("ul", "list");
  list.setAttribute("role", "list"); // which a list without its marks is to some
  const more = make("div", "more");
  root.append(head, list, more);
  const column = { root, head, name, count, menu, sums, list, more, given };
  list.column = column;
  return column;
}

function drawColumn(column, given, words) {
  column.given = given;
  column.root.style.setProperty("--colour", given.colour);
  column.root.setAttribute("aria-label", `${given.name}, ${given.count}`);
  column.name.textContent = given.name;
  column.name.title = given.name;
  column.count.textContent = given.count;
  column.menu.hidden = !given.actions.length;
  column.menu.setAttribute("aria-label", `${words.menu} ${words.all.replace("{count}", given.count)}: ${given.name}`);
  column.sums.replaceChildren(...given.sums.map((sum) => {
    const part = make("span", "sum");
    part.append(make("span", "total", sum.total));
    if (sum.weighted) part.append(make("span", "weighted", sum.weighted));
    part.title = sum.exact;
    return part;
  }));
  column.list.dataset.empty = words.empty;
  column.list.setAttribute("aria-label", words.cards.replace("{stage}", given.name).replace("{count}", given.count));
  column.more.replaceChildren();
  if (given.more) {
    const button = make("button", "more-button", given.more.press);
    button.type = "button";
    column.more.append(make("span", "", given.more.shown), button);
  }
}
