// Streamlit goes to another page in two steps: the page that one is on with the new page's words, /contacts?contact=5,
// then /contact?contact=5. Both would be entries of the browser's history, and Back would lead to the first, a list that
// has lost its search. So the second takes the first one's place.
const WITHIN = 3000; // milliseconds between the two steps, on a slow machine
const push = history.pushState;
let step = { href: "", at: 0 };

history.pushState = function (state, unused, url) {
  const to = new URL(url ?? location.href, location.href);
  const isSecond = location.href === step.href && performance.now() - step.at < WITHIN
    && to.pathname !== location.pathname && to.search === location.search && to.search !== "";
  if (isSecond) history.replaceState(state, unused, url);
  else push.call(history, state, unused, url);
  step = { href: isSecond ? "" : location.href, at: performance.now() };
};
