// Streamlit's own texts, which it has in English alone: where another language is read they are translated as they
// come. What it writes anew is translated anew; what it does not say in this version is never found, and does no harm.

const ATTRIBUTES = ["aria-label", "placeholder", "title", "alt"];

const WHOLE = () => ({
  "Choose an option": tr("Choose an option"),
  "Choose options": tr("Choose options"),
  "Choose date": tr("Choose date"),
  "Choose date range": tr("Choose date range"),
  "Previous month": tr("Previous month"),
  "Next month": tr("Next month"),
  "Clear all": tr("Clear all"),
  "Clear value": tr("Clear value"),
  "Select all": tr("Select all"),
  "No results": tr("No results"),
  "Type to search": tr("Type to search"),
  Open: tr("Open the list"),
  Close: tr("Close"),
  Dismiss: tr("Dismiss"),
  "Show password": tr("Show password"),
  "Hide password": tr("Hide password"),
  "Link to heading": tr("Link to heading"),
  "Navigate to home page": tr("Navigate to home page"),
  "Skip to main content": tr("Skip to main content"),
  "Press Enter to apply": tr("Press Enter to apply"),
  "Press Enter to submit form": tr("Press Enter to submit form"),
  "Press Ctrl+Enter to apply": tr("Press Ctrl+Enter to apply"),
  "Press Ctrl+Enter to submit form": tr("Press Ctrl+Enter to submit form"),
  "Press ⌘+Enter to apply": tr("Press ⌘+Enter to apply"),
  "Press ⌘+Enter to submit form": tr("Press ⌘+Enter to submit form"),
  "Show/hide columns": tr("Show or hide columns"),
  "Download as CSV": tr("Download as CSV"),
  Search: tr("Search"),
  Fullscreen: tr("Full screen"),
  "Close fullscreen": tr("Leave full screen"),
  "Sort ascending": tr("Sort ascending"),
  "Sort descending": tr("Sort descending"),
  Autosize: tr("Fit the width"),
  "Pin column": tr("Pin column"),
  "Unpin column": tr("Unpin column"),
  "Hide column": tr("Hide column"),
  "Add row": tr("Add row"),
  "Delete row(s)": tr("Delete rows"),
  "Clear selection": tr("Clear selection"),
  "View less": tr("View less"),
  "Copy to clipboard": tr("Copy to clipboard"),
  Upload: tr("Upload"),
  "Browse files": tr("Browse files"),
  "(required)": tr("(required)"),
  "Page not found": tr("Page not found"),
});

// [what it begins with, its translation with {rest}]
const BEGINNINGS = () => [
  [/^Show\/hide columns: (.+)$/s, tr("Show or hide columns: {rest}")],
  [/^Download as CSV: (.+)$/s, tr("Download as CSV: {rest}")],
  [/^Search: (.+)$/s, tr("Search: {rest}")],
  [/^Fullscreen: (.+)$/s, tr("Full screen: {rest}")],
  [/^Add row: (.+)$/s, tr("Add row: {rest}")],
  [/^Delete row\(s\): (.+)$/s, tr("Delete rows: {rest}")],
  [/^Clear selection: (.+)$/s, tr("Clear selection: {rest}")],
  [/^View (\d+) more$/, tr("View {rest} more")],
  [/^Drag and drop (?:file|files) here$/, tr("Drop files here")],
  [/^([\d.]+ ?[KMG]B) per file.*$/s, tr("{rest} per file")],
  [/^Selected (.+)$/s, tr("Selected {rest}")],
];

function begin() {
  const whole = new Map(Object.entries(WHOLE()));
  const beginnings = BEGINNINGS();

  const translated = (text) => {
    const found = whole.get(text.trim());
    if (found !== undefined) return found;
    for (const [pattern, other] of beginnings) {
      const match = pattern.exec(text.trim());
      if (match) return other.replace("{rest}", () => match[1] ?? "");
    }
    return text;
  };

  const ours = "[data-testid=stBidiComponentRegular], [data-testid=stMarkdownContainer], #search-everywhere, #help";

  const mendText = (node) => {
    const other = translated(node.nodeValue ?? "");
    if (other !== node.nodeValue && !node.parentElement?.closest(ours)) node.nodeValue = other;
  };
  const mendAttributes = (element) => {
    for (const name of ATTRIBUTES) {
      const said = element.getAttribute(name);
      const other = said && translated(said);
      if (other && other !== said) element.setAttribute(name, other);
    }
  };
  const mend = (root) => {
    if (root.nodeType === Node.TEXT_NODE) return mendText(root);
    if (root.nodeType !== Node.ELEMENT_NODE) return;
    mendAttributes(root);
    for (const each of root.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) mendAttributes(each);
    const texts = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) mendText(texts.currentNode);
  };

  mend(document.body);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") mendAttributes(change.target);
      else if (change.type === "characterData") mendText(change.target);
      else change.addedNodes.forEach(mend);
    }
  }).observe(document.body, {
    subtree: true, childList: true, characterData: true, attributes: true, attributeFilter: ATTRIBUTES,
  });
}

if (!document.documentElement.lang.startsWith("en")) begin();
