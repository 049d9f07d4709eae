// What was said at the stops, kept on the phone until the server has it. One record each, with an id made here: it can be
// sent any number of times and is kept once. Nothing is taken out before the server has told that it holds it.
const NAME = "wangge-street";
const BATCH = 100;
const KEPT_MS = 3 * 864e5;

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("checkins", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function within(mode, run) {
  const database = await open();
  return new Promise((resolve, reject) => {
    // Strict: the word is on the disk, not in a buffer, before the page says so.
    const step = database.transaction("checkins", mode, { durability: "strict" });
    const asked = run(step.objectStore("checkins"));
    step.oncomplete = () => resolve(asked?.result);
    step.onerror = step.onabort = () => reject(step.error);
  });
}

export const all = () => within("readonly", (store) => store.getAll());
export const put = (record) => within("readwrite", (store) => store.put(record));

// randomUUID is offered to secure pages only; these bytes are to all.
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const waiting = (records) => records.filter((record) => record.state === "waiting");

// Records that the server holds are forgotten some days later; what waits is never forgotten.
export function forget(now) {
  return within("readwrite", (store) => {
    const asked = store.openCursor();
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (!cursor) return;
      if (cursor.value.state !== "waiting" && now - Date.parse(cursor.value.at) > KEPT_MS) cursor.delete();
      cursor.continue();
    };
  });
}

async function token() {
  const answer = await fetch("/api/patrol/session.json", { cache: "no-store" });
  if (answer.status === 401) return { state: "sign-in" };
  if (answer.status === 403) return { state: "refused" };
  if (!answer.ok) return { state: "later" };
  return { csrf: (await answer.json()).csrf };
}

async function send(records, csrf) {
  const checkins = records.map(({ id, plan, team, stop, kind, reason, at }) => ({ id, plan, team, stop, kind, reason, at }));
  return fetch("/api/checkins", {
    method: "POST", cache: "no-store", body: JSON.stringify({ checkins }),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": csrf },
  });
}

function note(results) {
  return within("readwrite", (store) => {
    for (const result of results) {
      const asked = store.get(result.id);
      asked.onsuccess = () => {
        if (!asked.result) return;
        const state = result.state === "refused" ? "refused" : "sent";
        store.put({ ...asked.result, state, zh: result.zh ?? "", en: result.en ?? "" });
      };
    }
  });
}

// Sends all that waits. The answer: "sent", "sign-in", "refused", "later" or "offline", and newer versions of the plans.
async function sendAll() {
  const plans = {};
  try {
    for (;;) {
      const records = waiting(await all()).slice(0, BATCH);
      if (!records.length) return { state: "sent", plans };
      // The session, and with it the token, may be another one than when the page was loaded.
      const session = await token();
      if (!session.csrf) return { state: session.state, plans };
      const answer = await send(records, session.csrf);
      if (answer.status === 401) return { state: "sign-in", plans };
      if (!answer.ok) return { state: answer.status === 403 ? "refused" : "later", plans };
      const told = await answer.json();
      await note(told.results);
      Object.assign(plans, told.plans);
    }
  } catch (error) {
    if (error instanceof TypeError) return { state: "offline", plans };
    throw error;
  }
}

// One tab sends at a time; a second one would be harmless, since ids are kept once, but would say everything twice.
export function replay() {
  if (!navigator.locks) return sendAll();
  return navigator.locks.request(`${NAME}-replay`, sendAll);
}
