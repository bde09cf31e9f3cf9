// Keeps what was typed into one form in this browser, and offers it again where the form comes up without it: after a
// reload, or when the server has forgotten the session. Text is only ever set as text.

const PREFIX = "mallard-draft:";
const LONGEST_MS = 7 * 24 * 60 * 60 * 1000;
const forms = new WeakMap();

function read(place) {
  try {
    const kept = JSON.parse(localStorage.getItem(place));
    return kept && Date.now() - kept.at < LONGEST_MS ? kept : null;
  } catch {
    return null;  // not ours, or a browser that keeps nothing
  }
}

function write(place, kept) {
  try {
    if (kept) localStorage.setItem(place, JSON.stringify(kept));
    else localStorage.removeItem(place);
  } catch { /* full, or switched off: then nothing is kept */ }
}

// Drafts of a week ago are removed, whoever typed them.
function tidy() {
  try {
    Object.keys(localStorage).filter((place) => place.startsWith(PREFIX) && !read(place)).forEach((place) => write(place));
  } catch { /* as above */ }
}

function same(one, other) {
  return JSON.stringify(one === "" ? null : one) === JSON.stringify(other === "" ? null : other);
}

function differing(values, record) {
  return Object.fromEntries(
    Object.entries(values).filter(([field, value]) => field in record && !same(value, record[field])),
  );
}

function begin(root, data) {
  tidy();
  const own = { root, place: data.place, session: data.session, data, typed: {}, dirty: false, written: "", offered: null };
  const kept = read(data.place);
  // A drawer that is drawn anew still holds what was typed: nothing is offered that stands in it.
  const isNews = (held) => kept && Object.keys(differing(kept.values ?? {}, held)).length > 0;
  if (isNews(data.record) && isNews(data.values)) own.offered = kept;
  else write(data.place);
  own.hear = (event) => heard(own, event.target);
  document.addEventListener("input", own.hear, true);
  return own;
}

// A box tells the server only when it is left: until then what it holds is known here alone.
function heard(own, target) {
  for (const [field, box] of Object.entries(own.data.boxes)) {
    if (!target.closest?.(`.st-key-${CSS.escape(box)}`)) continue;
    const number = target.type === "number";
    own.typed[field] = { box, value: number ? (target.value === "" ? null : Number(target.value)) : target.value };
    settle(own);
    return;
  }
}

// What the server now holds is no longer known here alone. Where a box that was being typed in was overwritten, because
// somebody else changed that field meanwhile, what stood in it goes back as a change of this person's: they choose.
function forgetWhatTheServerKnows(own, before) {
  if (own.data.began !== before.began) own.typed = {};  // it was saved
  const lost = { values: {}, base: {}, version: before.version };
  for (const [field, { box, value }] of Object.entries(own.typed)) {
    const now = own.data.values[field];
    if (box === own.data.boxes[field] && !same(now, value) && same(now, before.values[field])) continue;
    delete own.typed[field];
    const overwritten = same(now, own.data.record[field]) && same(before.values[field], before.record[field]);
    if (box !== own.data.boxes[field] || same(now, value) || !overwritten) continue;
    lost.values[field] = value;
    lost.base[field] = before.record[field];
  }
  if (Object.keys(lost.values).length) setTimeout(() => own.trigger("restored", lost), 0);
}

function settle(own) {
  const { data } = own;
  const typed = Object.fromEntries(Object.entries(own.typed).map(([field, { value }]) => [field, value]));
  const mine = differing({ ...data.values, ...typed }, data.record);
  const written = JSON.stringify([mine, data.version]);
  if (Object.keys(mine).length) {
    if (written !== own.written) {
      const base = Object.fromEntries(Object.keys(mine).map((field) => [field, data.base[field]]));
      write(own.place, { at: Date.now(), version: data.version, base, values: mine });
    }
    own.dirty = true;
  } else if (own.dirty) {
    write(own.place);  // saved, or back to what it was
    own.dirty = false;
  }
  own.written = written;
}

function draw(own) {
  const room = own.root.getRootNode().host?.closest('[class*="st-key-unsaved-"]');
  if (room) room.style.display = own.offered ? "" : "none";
  own.root.querySelector(".offer")?.remove();
  if (!own.offered) return;
  const offer = document.createElement("div");
  offer.className = "offer";
  offer.setAttribute("role", "status");
  const notice = document.createElement("span");
  const time = when(own.offered.at, own.data.locale);
  notice.textContent = tr("You have unsaved changes from {time}.", { time });
  offer.append(notice, button(tr("Restore"), () => restore(own)), button(tr("Discard"), () => discard(own)));
  own.root.append(offer);
}

function when(at, locale) {
  const then = new Date(at);
  const time = then.toLocaleTimeString(locale, { hour: "2-digit", minute: "2-digit" });
  const today = then.toDateString() === new Date().toDateString();
  return today ? time : `${then.toLocaleDateString(locale, { day: "numeric", month: "short" })}, ${time}`;
}

function button(name, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = name;
  made.addEventListener("click", act);
  return made;
}

function restore(own) {
  own.trigger("restored", own.offered);
  own.offered = null;
  draw(own);
}

function discard(own) {
  if (!own.dirty) write(own.place);
  own.offered = null;
  draw(own);
}

export default function ({ parentElement, data, setTriggerValue }) {
  let own = forms.get(parentElement);
  const before = own?.data ?? data;
  if (!own || own.place !== data.place || own.session !== data.session) {
    if (own) document.removeEventListener("input", own.hear, true);
    own = begin(parentElement, data);
    forms.set(parentElement, own);
  }
  own.data = data;
  own.trigger = setTriggerValue;
  forgetWhatTheServerKnows(own, before);
  settle(own);
  draw(own);
  return ending(parentElement, () => {
    document.removeEventListener("input", own.hear, true);
    forms.delete(parentElement);
  });
}
