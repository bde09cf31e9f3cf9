// Between the press of a button and its release lies a tenth of a second: time enough to read what a record's page shows.
// The pointer alone passes over ten links for each that is opened, so it is not heard.

const KINDS = new Set(["deal", "contact", "company", "order"]);

addEventListener("pointerdown", hear, true);

function hear(event) {
  const link = event.button === 0 && event.target.closest?.("a[href]");
  if (!link) return;
  const { origin, pathname, searchParams } = new URL(link.href, location);
  const kind = pathname.split("/").pop();
  const id = searchParams.get(kind);
  if (origin !== location.origin || !KINDS.has(kind) || !/^\d+$/.test(id || "")) return;
  // Whatever becomes of it: the page reads for itself what is not there.
  fetch(`./warm/${kind}/${id}`, { priority: "high" }).catch(() => {});
}
