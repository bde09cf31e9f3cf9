// The base of board and calendar: the server's state, and on top of it the moves that it has not confirmed yet.

const SETTLED = 500; // ms in which a dialog may take the place of the one before it
const ASK_AGAIN = 3000; // ms after which moves without an answer are sent again; each is written once

class Surface {
  constructor(root, element) {
    this.root = root;
    this.element = element;
    this.live = root.querySelector(".live");
    this.client = Array.from(crypto.getRandomValues(new Uint32Array(3))).join("-");
    this.seq = 0;
    this.moves = [];
    this.held = null; // what is in somebody's hand: nothing that arrives may tear it away
    this.menu = new Menu(this);
    this.element.onclick = (event) => this.clicked(event);
    watchPointer(this);
    watchKeys(this);
    this.beforeLeaving = (event) => this.moves.length && event.preventDefault(); // the browser asks whether to leave
    window.addEventListener("beforeunload", this.beforeLeaving);
  }

  confirm(acks) {
    this.moves = this.moves.filter((move) => move.seq > (acks[this.client] || 0));
    this.awaitAnswer();
  }

  // Sent with every move that is not confirmed, so that a rerun which swallows a trigger loses none.
  sendMove(move) {
    this.moves.push({ client: this.client, seq: ++this.seq, ...move });
    this.send("moves", this.moves);
    this.awaitAnswer();
  }

  // While a move has no answer the surface is busy, and asks again: its last trigger may be the one that was swallowed.
  awaitAnswer() {
    clearTimeout(this.waiting);
    this.element.setAttribute("aria-busy", String(this.moves.length > 0));
    if (!this.moves.length) return;
    this.waiting = setTimeout(() => {
      this.send("moves", this.moves);
      this.awaitAnswer();
    }, ASK_AGAIN);
  }

  // The focus comes back to the item that opened a dialog, once that is closed and no other has taken its place.
  comeBack(item) {
    this.returning?.disconnect();
    const dialog = () => document.querySelector("[data-testid=stDialog]");
    let was = false;
    this.returning = new MutationObserver(() => {
      if (dialog()) was = true;
      else if (was) {
        clearTimeout(this.landing);
        this.landing = setTimeout(() => {
          if (dialog() || !this.returning) return;
          this.returning.disconnect();
          item()?.focus({ preventScroll: true });
        }, SETTLED);
      }
    });
    this.returning.observe(document.body, { childList: true, subtree: true });
  }

  say(text) {
    this.live.textContent = text;
  }

  leave() {
    clearTimeout(this.waiting);
    clearTimeout(this.landing);
    this.returning?.disconnect();
    window.removeEventListener("beforeunload", this.beforeLeaving);
    if (this.held) this.held.abandon();
    this.menu.close();
  }
}

// What Streamlit calls at each run: one surface of this class for each place in the page.
function mounted(Kind) {
  const surfaces = new WeakMap();
  return ({ parentElement, data, setTriggerValue }) => {
    let surface = surfaces.get(parentElement);
    if (!surface) surfaces.set(parentElement, (surface = new Kind(parentElement)));
    surface.send = setTriggerValue;
    const { acks, shown } = JSON.parse(new TextDecoder().decode(data));
    surface.show({ ...shown, acks });
    return ending(parentElement, () => {
      surface.leave();
      surfaces.delete(parentElement);
    });
  };
}
