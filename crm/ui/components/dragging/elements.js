// What board and calendar are made of. Text from people is only ever set as text.

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
