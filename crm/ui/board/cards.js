// A card and a stage's head as elements.

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
  bottom.append(avatar, make("span", "value", card.value));
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
  element.replaceChildren(top, make("div", "who", card.who), ...(card.labels.length ? [labels] : []), bottom);
  if (card.counts.length) element.append(drawCounts(card.counts));
  element.setAttribute("aria-label", card.spoken);
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

function makeColumn(stage) {
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
  list.dataset.stage = stage.id;
  const more = make("div", "more");
  root.append(head, list, more);
  return { root, head, name, count, menu, sums, list, more, stage };
}

function drawColumn(column, stage, words) {
  column.stage = stage;
  column.root.style.setProperty("--stage", stage.colour);
  column.root.setAttribute("aria-label", `${stage.name}, ${stage.count}`);
  column.root.dataset.kind = stage.kind;
  column.name.textContent = stage.name;
  column.name.title = stage.name;
  column.count.textContent = stage.count;
  column.menu.hidden = !stage.actions.length;
  column.menu.setAttribute("aria-label", `${words.menu} ${words.all.replace("{count}", stage.count)}: ${stage.name}`);
  column.sums.replaceChildren(...stage.sums.map((sum) => {
    const part = make("span", "sum");
    part.append(make("span", "total", sum.total));
    if (sum.weighted) part.append(make("span", "weighted", sum.weighted));
    part.title = sum.exact;
    return part;
  }));
  column.list.dataset.empty = words.empty;
  column.list.setAttribute("aria-label", words.cards.replace("{stage}", stage.name).replace("{count}", stage.count));
  column.more.replaceChildren();
  if (stage.more) {
    const button = make("button", "more-button", words.more);
    button.type = "button";
    button.dataset.stage = stage.id;
    column.more.append(make("span", "", stage.more), button);
  }
}
