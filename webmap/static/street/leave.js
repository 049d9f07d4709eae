// Signing out on the phone: whoever holds it next finds no assignment on it; what waits to be sent stays.
import { all, waiting } from "./queue.js";

const form = document.getElementById("leave");

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  // A browser that cannot keep records has none that wait.
  const held = await all().catch(() => []);
  if (waiting(held).length && !window.confirm(form.dataset.waiting)) return;
  for (const name of await (window.caches?.keys() ?? [])) if (name.startsWith("wangge-street-pages")) await caches.delete(name);
  // The page may be older than the session: its token is made new.
  const session = await fetch("/api/patrol/session.json", { cache: "no-store" }).catch(() => null);
  if (session?.ok) form.elements.csrf.value = (await session.json()).csrf;
  form.submit();
});
