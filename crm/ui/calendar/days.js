// Days and the deals on them as elements.

function makeChip(deal, words) {
  const element = make("li", deal.overdue ? "chip overdue" : "chip");
  element.deal = deal;
  element.dataset.id = deal.id;
  element.dataset.warm = `drawer/${deal.id}`;
  element.tabIndex = 0;
  element.title = deal.hint;
  element.setAttribute("role", "group");
  element.setAttribute("aria-roledescription", words.card);
  element.setAttribute("aria-label", deal.spoken);
  element.style.setProperty("--stage", deal.colour);
  if (deal.overdue) element.append(icon("event_busy"));
  element.append(make("span", "title", deal.title), make("span", "value", deal.value));
  const menu = make("button", "menu-button");
  menu.type = "button";
  menu.tabIndex = -1;
  menu.setAttribute("aria-label", `${words.menu} ${deal.title}`);
  menu.setAttribute("aria-haspopup", "menu");
  menu.append(icon("more_vert"));
  element.append(menu);
  return element;
}

function makeHeap(heap, words) {
  const list = make("ul", "deals");
  for (const deal of heap.deals) list.append(makeChip(deal, words));
  const parts = [list];
  if (heap.more) {
    const more = make("button", "more", heap.more);
    more.type = "button";
    more.dataset.word = heap.word;
    parts.push(more);
  }
  return parts;
}

function makeSums(heap) {
  const sums = make("span", "sums", heap.sums.join(" · "));
  sums.title = heap.exact;
  return sums;
}

function makeDay(day, words) {
  const cell = make("section", "day");
  cell.dataset.day = day.iso;
  cell.classList.toggle("outside", day.outside);
  cell.classList.toggle("today", day.isToday);
  cell.classList.toggle("empty", !day.deals.length);
  cell.setAttribute("aria-label", day.name);
  if (day.isToday) cell.setAttribute("aria-current", "date");
  const head = make("header", "head");
  head.append(make("span", "number", day.number), make("span", "long", day.name), makeSums(day));
  cell.append(head, ...makeHeap(day, words));
  return cell;
}

function makeApart(group, words) {
  const root = make("section", `apart ${group.key}`);
  root.setAttribute("aria-label", `${group.name}: ${group.count || 0}`);
  const head = make("header", "head");
  head.append(make("span", "name", group.name), make("span", "count", group.count || "0"), makeSums(group));
  root.append(head, ...makeHeap(group, words));
  return root;
}

function daysLater(iso, days) {
  const day = new Date(`${iso}T00:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
}
