// Keeps the report page, the ground of its map and its assets, so that they open without a network. It never keeps an answer
// of the API and never sends anything: the queue is the page's.
const VERSION = "__VERSION__";
const ASSETS = __ASSETS__;
const FILES = `wangge-report-files-${VERSION}`;
const PAGES = "wangge-report-pages";
const PATIENCE_MS = 4000;
const KEPT_PAGES = 2;
const GROUND = "/report/ground.json";

self.addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(ASSETS.map((path) => new Request(path, { cache: "reload" })))).then(() => self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const stale = (name) => name.startsWith("wangge-report-files-") && name !== FILES;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(stale).map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

// A page is kept by its path alone; only a page that the server gave, never the sign-in it may lead to.
async function keep(path, answer) {
  if (answer.status !== 200 || answer.redirected || answer.type !== "basic") return false;
  const cache = await caches.open(PAGES);
  await cache.put(path, answer);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - KEPT_PAGES)).map((request) => cache.delete(request)));
  return true;
}

async function page(request) {
  const path = new URL(request.url).pathname;
  const kept = async () => (await caches.open(PAGES)).match(path);
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS)).then(kept);
  const asked = fetch(request).then(async (answer) => {
    // Signed out or taken ill: the page that is kept goes on working, and says what is wrong.
    if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 401 || answer.status >= 500) return (await kept()) ?? answer;
    await keep(path, answer.clone());
    return answer;
  });
  const first = await Promise.race([asked, late]).catch(() => null);
  if (first) return first;
  const found = await kept();
  return found ?? asked;
}

async function file(request) {
  const cache = await caches.open(FILES);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin) return;
  if ((event.request.mode === "navigate" && url.pathname === "/report/") || url.pathname === GROUND) event.respondWith(page(event.request));
  else if (ASSETS.includes(url.pathname)) event.respondWith(file(event.request));
});

self.addEventListener("message", (event) => {
  const paths = event.data?.keep;
  if (!Array.isArray(paths) || !paths.every((path) => path === "/report/" || path === GROUND)) return;
  const one = async (path) => {
    const known = await (await caches.open(PAGES)).match(path);
    const fresh = await fetch(path, { cache: "no-store" }).then((answer) => keep(path, answer)).catch(() => false);
    return Boolean(known || fresh);
  };
  event.waitUntil(Promise.all(paths.map(one)).then((kept) => { if (kept.every(Boolean)) event.source.postMessage("kept"); }));
});
