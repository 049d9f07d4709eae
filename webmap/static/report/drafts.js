// Reports on this phone: several drafts, what waits to be sent, and the receipts of what was sent. Each has an id made here, so
// it can be sent any number of times and is kept once. Nothing is taken out before the server has told that it holds it.
const NAME = "wangge-report";
const KEPT_MS = 400 * 864e5;

let opened = null;

function open() {
  opened ??= new Promise((resolve, reject) => {
    const asked = indexedDB.open(NAME, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("drafts", { keyPath: "id" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  return opened;
}

async function within(mode, run) {
  const database = await open();
  return new Promise((resolve, reject) => {
    // Strict: the report is on the disk, not in a buffer, before the page says so.
    const step = database.transaction("drafts", mode, { durability: "strict" });
    const asked = run(step.objectStore("drafts"));
    step.oncomplete = () => resolve(asked?.result);
    step.onerror = step.onabort = () => reject(step.error);
  });
}

export const put = (draft) => within("readwrite", (store) => store.put(draft));
export const drop = (id) => within("readwrite", (store) => store.delete(id));
const read = () => within("readonly", (store) => store.getAll());

// Only what this account made: on a shared phone nobody sees or sends what another one wrote.
export const mine = async (who) => (await read()).filter((draft) => draft.who === who).sort((a, b) => (a.made < b.made ? 1 : -1));

// Changes one draft inside one transaction, so that two tabs never write over each other's word.
export function change(id, values) {
  return within("readwrite", (store) => {
    const asked = store.get(id);
    asked.onsuccess = () => { if (asked.result) store.put({ ...asked.result, ...values(asked.result) }); };
  });
}

// Takes a record back into the form, unless it was once on its way: then the server may hold it, and the answer is null.
export async function take(id) {
  const free = (kept) => kept.state !== "sent" && !(kept.state === "waiting" && kept.attempted);
  await change(id, (kept) => (free(kept) ? { state: "draft" } : {}));
  const kept = await within("readonly", (store) => store.get(id));
  return kept?.state === "draft" ? kept : null;
}

// RFC 9562, version 7: 48 bits of milliseconds, then chance. randomUUID is offered to secure pages only; these bytes are to all.
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(now / 2 ** (8 * (5 - i))) % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export const newDraft = (who, source) => ({
  id: newId(), who, state: "draft", made: new Date().toISOString(), source, lon: null, lat: null, category: "", occurred_at: "", text: "",
  address: "", work_order: "", same_as: "", photos: [], attempted: false,
});

const photosLeft = (draft) => draft.state === "sent" && draft.photos.some((photo) => photo.state === "waiting");
export const isWaiting = (draft) => draft.state === "waiting" || photosLeft(draft);

// Receipts are forgotten after a year; drafts and what waits never are.
export function forget(now) {
  return within("readwrite", (store) => {
    const asked = store.openCursor();
    asked.onsuccess = () => {
      const cursor = asked.result;
      if (!cursor) return;
      const over = cursor.value.state === "sent" && !photosLeft(cursor.value) && now - Date.parse(cursor.value.made) > KEPT_MS;
      if (over) cursor.delete();
      cursor.continue();
    };
  });
}

const FIELDS = ["id", "lon", "lat", "category", "occurred_at", "text", "address", "source", "work_order", "same_as"];
const told = (draft) => Object.fromEntries(FIELDS.map((name) => [name, draft[name]]));

// The session, and with it the token, may be another one than when the page was loaded.
export async function session() {
  const answer = await fetch("/api/reports/session.json", { cache: "no-store" });
  if (answer.status === 401) return { state: "sign-in" };
  if (answer.status === 403) return { state: "refused" };
  if (!answer.ok) return { state: "later" };
  return answer.json();
}

export function post(path, csrf, body, type = "application/json") {
  return fetch(path, { method: "POST", cache: "no-store", body, headers: { "Content-Type": type, "X-CSRF-Token": csrf } });
}

// What an answer means for a draft. A conflict is the id taken by other content; a refusal is for the reporter to mend.
async function outcome(answer) {
  if (answer.ok) return { state: "sent", ...(await answer.json()) };
  if (answer.status === 401) return { stop: "sign-in" };
  if (answer.status === 403) return { stop: "refused" };
  if (![400, 404, 409, 413].includes(answer.status)) return { stop: "later" };
  const problem = await answer.json().catch(() => ({}));
  const state = answer.status === 409 ? "conflict" : "refused";
  return { state, code: problem.code ?? "", zh: problem.zh ?? "", en: problem.en ?? "" };
}

async function sendOne(draft, csrf) {
  // From here on the server may hold it, so it is not changed any more until the server has answered.
  await change(draft.id, () => ({ attempted: true }));
  const got = await outcome(await post("/api/reports", csrf, JSON.stringify(told(draft))));
  if (got.stop) return got.stop;
  const { state, receipt = "", place = null, code = "", zh = "", en = "" } = got;
  const kept = state === "sent" ? { text: got.text, receipt, place, sent_at: new Date().toISOString() } : { attempted: false };
  await change(draft.id, () => ({ state, code, zh, en, ...kept }));
  return "";
}

async function sendPhotos(draft, csrf) {
  for (const photo of draft.photos.filter((each) => each.state === "waiting")) {
    const path = `/api/reports/${draft.id}/photos/${photo.id}?${new URLSearchParams(photo.hide.map((area) => ["hide", area]))}`;
    const asked = { method: "POST", cache: "no-store", body: photo.blob, headers: { "Content-Type": photo.blob.type, "X-CSRF-Token": csrf, "X-Receipt": draft.receipt } };
    const got = await outcome(await fetch(path, asked));
    if (got.stop) return got.stop;
    const known = { ...photo, state: got.state === "sent" ? "sent" : "refused", zh: got.zh ?? "", en: got.en ?? "", blob: got.state === "sent" ? null : photo.blob };
    await change(draft.id, (kept) => ({ photos: kept.photos.map((each) => (each.id === photo.id ? known : each)) }));
  }
  return "";
}

// Where everybody may report, a session that ended leaves somebody without an account; what an account wrote waits for it.
export const strange = (who) => (who === "reporter" ? "sign-in" : "other");

// Sends all that waits, reports before photos, oldest first; one that the server cannot take now keeps no other back.
// The answer: "sent", "sign-in", "refused", "other", "later" or "offline".
async function sendAll(who) {
  let last = "sent";
  try {
    for (const [chosen, send] of [[(draft) => draft.state === "waiting", sendOne], [photosLeft, sendPhotos]]) {
      for (const draft of (await mine(who)).filter(chosen).reverse()) {
        const asked = await session();
        if (!asked.csrf) return asked.state;
        if (asked.who !== who) return strange(asked.who);
        const stop = await send(draft, asked.csrf);
        if (stop === "later") last = "later";
        else if (stop) return stop;
      }
    }
    return last;
  } catch (error) {
    if (error instanceof TypeError) return "offline";
    throw error;
  }
}

// One tab sends at a time; a second one would be harmless, since ids are kept once, but would say everything twice.
export function replay(who) {
  if (!navigator.locks) return sendAll(who);
  return navigator.locks.request(`${NAME}-replay`, () => sendAll(who));
}
