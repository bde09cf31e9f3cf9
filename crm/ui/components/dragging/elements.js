// Elements of board and calendar. Text from people is only ever set as text, never as HTML.

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text != null) element.textContent = text;
  return element;
}

function icon(name, title) {
  const element = make("span", "icon", name);
  if (title) element.title = title;
  element.setAttribute("aria-hidden", "true");
  return element;
}
