// What is about to be opened is read before the click: while the pointer rests on it, else between the press of the
// button and its release, which lie a tenth of a second apart. Where the server has no time to spare it says so, and the
// pointer is not heard for a while.

const KINDS = new Set(["deal", "contact", "company", "order"]);
const RESTS_MS = 80;  // the pointer passes over ten links for each that is opened, and rests on few
const KNOWN_MS = 15_000;  // in which what was read is not asked for again

const asked = new Map();
let at = null;
let timer;
let asideUntil = 0;

addEventListener("pointerdown", (event) => event.button === 0 && ask(addressAt(event)), true);
addEventListener("pointermove", (event) => event.buttons || rest(addressAt(event)), { capture: true, passive: true });
addEventListener("focusin", (event) => rest(addressAt(event)), true);

function rest(address) {
  if (address === at) return;
  at = address;
  clearTimeout(timer);
  timer = setTimeout(ask, RESTS_MS, address, true);
}

function ask(address, maybe = false) {
  const now = performance.now();
  if (!address || now - asked.get(address) < KNOWN_MS || (maybe && now < asideUntil)) return;
  asked.set(address, now);
  // Whatever becomes of it: the page reads for itself what is not there.
  fetch(maybe ? `${address}?maybe` : address, { priority: maybe ? "low" : "high" })
    .then((answer) => {
      const seconds = Number(answer.headers.get("Retry-After"));
      if (!seconds) return;
      asideUntil = now + 1000 * seconds;
      asked.delete(address);
    })
    .catch(() => {});
}

// The address that reads what is opened by a click there; null where nothing is.
function addressAt(event) {
  const [element] = event.composedPath();  // within a component, where `target` is the component itself
  if (!element.closest) return null;
  const card = element.closest("[data-warm]");
  if (card) return `./warm/${card.dataset.warm}`;
  const link = element.closest("a[href]");
  if (link) return ofRecord(new URL(link.href, location));
  const button = element.closest("[data-testid=stPagination] button:enabled");
  return button && ofPage(button);
}

function ofRecord({ origin, pathname, searchParams }) {
  const kind = pathname.split("/").pop();
  const id = searchParams.get(kind);
  return origin === location.origin && KINDS.has(kind) && /^\d+$/.test(id || "") ? `./warm/${kind}/${id}` : null;
}

function ofPage(button) {
  const pager = button.closest("[class*=st-key-]");
  const [, key, now] = pager?.className.match(/(?:^|\s)st-key-(\S+)-(\d+)-\d+(?:\s|$)/) ?? [];
  const steps = { stPaginationPrev: -1, stPaginationNext: 1 }[button.dataset.testid];
  const page = steps ? Number(now) + steps : Number(button.textContent);
  return key && page ? `./warm/list/${key}/${page}` : null;
}
