// Two dialogs outside of Streamlit's page: the list of shortcuts, on ? and in the user's menu, and the choice of a theme.
const isMac = /mac|iphone|ipad/i.test(navigator.platform);

const SHORTCUTS = [
  [tr("Everywhere"), [
    [isMac ? ["⌘", "K"] : ["Ctrl", "K"], tr("Search records, pages and actions")],
    [["?"], tr("Show these shortcuts")],
    [["Esc"], tr("Close what is open")],
  ]],
  [tr("Lists and pipeline"), [[["N"], tr("New record")]]],
  [tr("List, on a row"), [
    [["↑", "↓"], tr("Go to another row")],
    [["Enter"], tr("Open the record")],
    [[tr("Space")], tr("Pick it, to change many at once")],
  ]],
  [tr("Page of a record"), [[["E"], tr("Edit")]]],
  [tr("Board and calendar, on a deal"), [
    [["←", "↑", "→", "↓"], tr("Go to another deal")],
    [["Enter"], tr("Open the deal")],
    [[tr("Space")], tr("Pick up, move with the arrows, put down")],
    [["Esc"], tr("Put back where it was")],
    [["M"], tr("List the stages to move to (board)")],
  ]],
];
const THEMES = { System: tr("As the system"), Light: tr("Light"), Dark: tr("Dark") };

const STYLE = `
  .mallard-dialog { width: 30rem; max-width: calc(100vw - 2rem); max-height: calc(100vh - 4rem); padding: 1.25rem 1.5rem;
    border: 1px solid color-mix(in srgb, currentColor 18%, transparent); border-radius: .75rem;
    box-shadow: 0 1rem 3rem rgb(0 0 0 / .35); box-sizing: border-box; font-size: .95rem; }
  .mallard-dialog::backdrop { background: rgb(0 0 0 / .45); }
  .mallard-dialog header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; }
  .mallard-dialog h2 { font-size: 1.15rem; font-weight: 650; margin: 0; padding: 0; }
  .mallard-dialog h3 { font-size: .85rem; font-weight: 600; opacity: .8; margin: 1.1rem 0 .35rem; padding: 0; }
  .mallard-dialog dl { margin: 0; display: grid; grid-template-columns: 10rem 1fr; gap: .35rem 1rem; }
  .mallard-dialog dt, .mallard-dialog dd { margin: 0; }
  .mallard-dialog kbd { font: inherit; font-size: .85em; padding: .1rem .4rem; margin-right: .2rem; border-radius: .35rem;
    background: color-mix(in srgb, currentColor 10%, transparent);
    border: 1px solid color-mix(in srgb, currentColor 22%, transparent); }
  .mallard-dialog button { font: inherit; color: inherit; background: none; cursor: pointer; padding: .3rem .7rem;
    border: 1px solid color-mix(in srgb, currentColor 22%, transparent); border-radius: .5rem; }
  .mallard-dialog fieldset { border: 0; margin: .75rem 0 0; padding: 0; display: grid; gap: .25rem; }
  .mallard-dialog label { display: flex; gap: .6rem; align-items: center; padding: .4rem 0; cursor: pointer; }
  .mallard-dialog p { margin: .5rem 0 0; opacity: .8; font-size: .9em; }
  .mallard-dialog :focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
`;

// `back` has the focus once it is closed, where what had it before is gone.
function open(title, body, back) {
  if (document.querySelector("dialog[open], [role=dialog]:not([hidden] *, [hidden])")) return null;
  const dialog = document.createElement("dialog");
  dialog.className = "mallard-dialog";
  dialog.setAttribute("aria-label", title);
  const close = tr("Close");
  dialog.innerHTML = `<header><h2>${title}</h2><button type="button">${close}</button></header>${body}`;
  dialog.querySelector("button").addEventListener("click", () => dialog.close());
  dialog.addEventListener("mousedown", (event) => event.target === dialog && isOutside(dialog, event) && dialog.close());
  // Nothing pressed here is for the page below, which has keys of its own.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  dialog.addEventListener("close", () => {
    dialog.remove();
    if (document.activeElement === document.body) back?.focus();
  });
  const app = getComputedStyle(document.querySelector(".stApp") || document.body);
  Object.assign(dialog.style, { background: app.backgroundColor, color: app.color, fontFamily: app.fontFamily });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

function isOutside(dialog, { clientX, clientY }) {
  const box = dialog.getBoundingClientRect();
  return clientX < box.left || clientX > box.right || clientY < box.top || clientY > box.bottom;
}

const keys = (names) => names.map((name) => `<kbd>${name}</kbd>`).join("");
const group = ([title, lines]) =>
  `<h3>${title}</h3><dl>${lines.map(([names, does]) => `<dt>${keys(names)}</dt><dd>${does}</dd>`).join("")}</dl>`;

document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));

function openShortcuts(back) {
  open(tr("Keyboard shortcuts"), SHORTCUTS.map(group).join(""), back);
}

function openThemes(back) {
  const choices = Object.entries(THEMES).map(
    ([name, shown]) => `<label><input type="radio" name="theme" value="${name}">${shown}</label>`,
  );
  const theme = tr("Theme");
  const kept = tr("Kept in this browser. The page is loaded again to change it.");
  const apply = tr("Use this theme");
  const dialog = open(
    theme,
    `<fieldset aria-label="${theme}">${choices.join("")}</fieldset>
    <p>${kept}</p>
    <p><button type="button" value="apply">${apply}</button></p>`,
    back,
  );
  if (!dialog) return;
  const now = dialog.querySelector(`[value=${window.mallardTheme.get()}]`);
  now.checked = true;
  now.focus();
  dialog.querySelector("[value=apply]").addEventListener("click", () => {
    window.mallardTheme.set(dialog.querySelector("input:checked").value);
  });
}

function isTyped(event) {
  const [within] = event.composedPath();
  return within.isContentEditable || within.closest?.("input, textarea, select, [role=grid], canvas");
}

addEventListener("keydown", (event) => {
  if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey || isTyped(event)) return;
  event.preventDefault();
  openShortcuts();
});
addEventListener("click", (event) => {
  // The menu's entries are Streamlit's own; what they say is all that tells them apart.
  const entry = event.target.closest?.("[role=menuitem]");
  const opens = { [tr("Keyboard shortcuts")]: openShortcuts, [tr("Theme")]: openThemes }[entry?.textContent.trim()];
  // After the menu has closed, which gives the focus back.
  if (opens) setTimeout(() => opens(document.querySelector(".st-key-user-menu button")), 50);
}, true);
