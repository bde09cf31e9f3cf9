// What Streamlit reads when it starts.

// Where its server is. Else it looks below the address of the page first, is refused, and waits 200 ms before it looks here.
window.__streamlit = { BACKEND_BASE_URL: location.origin };

// The look that was chosen in this browser, told to Streamlit before it starts: it keeps one for each address, and we one
// for all of them. Where none was chosen, Streamlit follows the system.
const CHOSEN = "mallard-theme";

const theme = {
  get: () => {
    try {
      return localStorage.getItem(CHOSEN) || "System";
    } catch {
      return "System"; // a browser that keeps nothing
    }
  },
  set: (name) => {
    localStorage.setItem(CHOSEN, name);
    location.reload();
  },
};
window.mallardTheme = theme;

try {
  localStorage.setItem(`stActiveTheme-${location.pathname}-v2`, JSON.stringify(theme.get()));
} catch {
  // It then looks as the system does.
}
