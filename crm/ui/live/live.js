const WAIT_MS = 100;  // own changes come back in this time, and a burst of others' becomes one rerun
const APART_MS = 20;
const AGAIN_MS = 50;
const PRESSED_MS = 1000;
const LOST_MS = 5000;  // after which a rerun that nothing came of is asked for again, each time later
const LOST_LONGEST_MS = 5 * 60 * 1000;

// One stream for the whole page, however many components listen, and none while nobody sees the page: browsers allow
// six connections to a host, over all tabs and over the pages that “back” keeps.
const page = (window.mallardLive ??= began());

// `changed` holds, by kind of record, the event of the log that changed it last, of the events after `since`.
function began() {
  const seenOrNot = () => (document.hidden ? window.mallardLive.source?.close() : listen());
  document.addEventListener("visibilitychange", seenOrNot);
  for (const press of ["pointerup", "keydown"])
    document.addEventListener(press, () => { window.mallardLive.pressedAt = performance.now(); }, true);
  return { listeners: new Set(), since: null, changed: {}, heard: "", turns: [], source: null, pressedAt: -Infinity };
}

// A run of the page that begins while another goes on ends that one where it stands, and with it what was pressed; and
// a page that is drawn anew closes the dialog somebody types in. So news waits: for the run, for a run that a press is
// about to begin, and for the dialog.
function mustWait(besideDialogs) {
  const app = document.querySelector("[data-testid=stApp]");
  if (["running", "rerunRequested"].includes(app?.dataset.testScriptState)) {
    page.pressedAt = -Infinity;  // the press has come to its run
    return true;
  }
  if (performance.now() - page.pressedAt < PRESSED_MS) return true;
  return !besideDialogs && document.querySelector("[data-testid=stDialog]") !== null;
}

// The stream begins with what was changed since the page was read, or since the stream before this one was heard last.
function listen() {
  if (document.hidden || !page.listeners.size) return;
  if (page.source && page.source.readyState !== EventSource.CLOSED) return;
  page.since ??= Math.min(...[...page.listeners].map((own) => own.shown));
  page.source = new EventSource(`/events?after=${encodeURIComponent(page.heard || page.since)}`);
  page.source.onmessage = (event) => {
    const { seq, kinds } = JSON.parse(event.data);
    page.heard = event.lastEventId;
    if (kinds) Object.assign(page.changed, kinds);
    else Object.assign(page, { since: seq, changed: {} });
    page.listeners.forEach((own) => consider(own, !kinds));
  };
  page.source.onerror = () => {
    if (page.source.readyState !== EventSource.CLOSED) return;  // the browser tries again by itself
    page.listeners.forEach((own) => consider(own, true));  // refused: the session ended, or the server is starting
    setTimeout(listen, 5000);
  };
}

function isBehind(own) {
  return own.must || own.shown < page.since || own.kinds.some((kind) => page.changed[kind] > own.shown);
}

// `must`: whatever is known of changes.
function consider(own, must = false) {
  own.must ||= must;
  if (own.state !== "still" || !isBehind(own)) return;
  own.state = "waiting";
  own.timer = setTimeout(tell, WAIT_MS, own);
}

function tell(own) {
  if (!isBehind(own)) own.state = "still";  // by now the page has shown its own change
  else if (mustWait(own.besideDialogs)) own.timer = setTimeout(tell, AGAIN_MS, own);
  else takeTurn(own);
}

// Streamlit sends the triggers of one moment as one batch, and a batch reruns one fragment: so they take turns.
function takeTurn(own) {
  page.turns.push(own);
  if (page.turns.length === 1) setTimeout(nextTurn, 0);
}

function nextTurn() {
  if (page.listeners.has(page.turns[0])) askForRerun(page.turns[0]);
  setTimeout(() => {
    page.turns.shift();
    if (page.turns.length) nextTurn();
  }, APART_MS);
}

// A trigger is lost where the connection is, and where it falls into one batch with that of another fragment.
function askForRerun(own) {
  if (isBehind(own)) own.trigger("changed", true);
  own.must = false;
  own.state = isBehind(own) ? "asked" : "still";
  if (own.state === "still") return;
  own.timer = setTimeout(tell, own.patience, own);
  own.patience = Math.min(2 * own.patience, LOST_LONGEST_MS);
}

const instances = new WeakMap();

function begin(parentElement) {
  const own = { shown: -1, state: "still", must: false, timer: null, patience: LOST_MS };
  instances.set(parentElement, own);
  page.listeners.add(own);
  setTimeout(listen, 0);  // once all that listen are here
  return own;
}

function drawn(own, data) {
  own.kinds = data.kinds;
  own.besideDialogs = data.besideDialogs;
  if (own.shown === data.seq) return;
  own.shown = data.seq;
  own.patience = LOST_MS;
  if (own.state === "asked") {
    clearTimeout(own.timer);
    own.state = "still";
  }
  consider(own);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const own = instances.get(parentElement) ?? begin(parentElement);
  own.trigger = setTriggerValue;
  drawn(own, data);
  return ending(parentElement, () => {
    clearTimeout(own.timer);
    instances.delete(parentElement);
    page.listeners.delete(own);
  });
}
