// A day that is typed in part, such as one whose year has two digits, never reaches the server: the box goes back to the
// day it held before as soon as it is left, and the button it is left for would write that one. So the press is held
// back, what was typed stays, and the person is told what is missing.

const WRITES = '[data-testid="stBaseButton-primary"], [data-testid$="FormSubmit"]';
const BOX = '[data-testid="stDateInputField"]';
const INCOMPLETE = tr("This day is not complete. Give the year in four digits, the month and the day.");

const STYLE = `
  .mallard-day-notice { position: fixed; inset: auto; box-sizing: border-box; max-width: min(22rem, calc(100vw - 16px));
    margin: 0; padding: 8px 12px; border: 1px solid #c8323b; border-radius: 8px; font-size: .875rem; line-height: 1.4;
    box-shadow: 0 4px 16px rgb(0 0 0 / 16%); }
`;

const page = { notice: null, held: false };

document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
for (const press of ["pointerdown", "mousedown", "click"]) addEventListener(press, hear, true);
for (const step of ["keydown", "focusout", "resize", "scroll"]) addEventListener(step, quiet, true);

function hear(event) {
  if (event.type === "pointerdown") {
    quiet();
    const box = document.activeElement?.closest(BOX);
    page.held = Boolean(box && event.target.closest?.(WRITES) && isPartial(box));
    if (page.held) tell(box);
  }
  if (!page.held) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (event.type === "click") page.held = false;
}

// An empty box is whole: it means no day.
function isPartial(box) {
  const parts = [...box.querySelectorAll("[role=spinbutton]")];
  const given = parts.filter((part) => /^\d+$/.test(part.textContent.trim()));
  const short = given.some((part) => part.dataset.type === "year" && part.textContent.trim().length < 4);
  return given.length > 0 && (given.length < parts.length || short);
}

function tell(box) {
  const notice = document.createElement("div");
  notice.className = "mallard-day-notice";
  notice.setAttribute("role", "alert");
  notice.popover = "manual";  // above the dialog that the box may stand in
  notice.textContent = INCOMPLETE;
  const app = getComputedStyle(document.querySelector(".stApp"));
  Object.assign(notice.style, { background: app.backgroundColor, color: app.color, fontFamily: app.fontFamily });
  document.body.append(notice);
  page.notice = notice;
  notice.showPopover();
  const { left, top } = box.getBoundingClientRect();
  notice.style.left = `${Math.max(8, Math.min(left, innerWidth - notice.offsetWidth - 8))}px`;
  notice.style.top = `${Math.max(8, top - notice.offsetHeight - 4)}px`;  // the calendar is below
}

function quiet() {
  page.notice?.remove();
  page.notice = null;
}
