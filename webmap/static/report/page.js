// The report form: what is told goes into a draft on this phone as it is typed; sending takes it from there. The server is asked
// before sending (grid, masked text, what may be the same) where there is a network, and to take what waits.
import { categoryName, startCategories } from "./category.js";
import { drawList, showReceipt } from "./cards.js";
import { change, drop, forget, isWaiting, mine, newDraft, newId, post, put, replay, session, strange, take } from "./drafts.js";
import { drawPhotos, isPending, startPhotos } from "./photos.js";
import { askPosition, cellAt, clearPlace, drawFound, find, placeWords, setPlace, showPlace, startMap } from "./place.js";
import { ago, el, lang, metres, moment, named, t } from "./words.js";

const told = JSON.parse(document.getElementById("told").textContent);
const id = (name) => document.getElementById(name);
const AGAIN_MS = 20000;
const SAVE_MS = 250;

let draft = null;
let code = "";
let records = [];
let last = navigator.onLine ? "sent" : "offline";
let ready = false;
let sending = null;
let saving = 0;

const hasContent = () => Boolean(draft.category || draft.text || draft.lon !== null || draft.photos.length || draft.address);

async function save() {
  clearTimeout(saving);
  saving = 0;
  if (draft.state !== "draft" || !hasContent()) return true;
  try {
    await put(draft);
    return true;
  } catch {
    id("help").replaceChildren(el("p", { class: "refused" }, t("report.no_room")));
    return false;
  }
}

function keep(values) {
  Object.assign(draft, values);
  clearTimeout(saving);
  saving = setTimeout(() => save().then(drawRecords), SAVE_MS);
  id("review").hidden = true;
  id("problem").textContent = "";
}

function tellPlace() {
  const box = id("lies-in");
  box.classList.toggle("bad", draft.lon !== null && !code);
  if (draft.lon === null) box.textContent = t("report.no_place");
  else box.textContent = code ? t("report.lies_in", { grid: placeWords(code) }) : t("report.outside", { area: told.area });
  box.dataset.code = code;
}

function picked(at) {
  code = at.code;
  keep({ lon: at.lon, lat: at.lat });
  tellPlace();
}

function tellCategory() {
  const name = categoryName(draft.category);
  id("category").textContent = name || t("report.no_category_yet");
  id("category").dataset.code = draft.category;
}

// The clock of the form is the district's, whatever zone the device stands in.
const wall = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: told.zone });
const local = (iso) => wall.format(iso ? new Date(iso) : new Date()).replace(" ", "T");
function fromLocal(text) {
  const guess = Date.parse(`${text}Z`);
  return new Date(2 * guess - Date.parse(`${local(new Date(guess))}Z`)).toISOString();
}

function fill() {
  code = draft.lon === null ? "" : cellAt(draft.lon, draft.lat);
  clearPlace();
  if (draft.lon !== null) { setPlace(draft.lon, draft.lat, picked); showPlace(draft.lon, draft.lat); clearTimeout(saving); }
  id("when").value = local(draft.occurred_at);
  id("when").max = local("");
  id("text").value = draft.text;
  id("address").value = draft.address;
  id("order").value = draft.work_order;
  for (const radio of document.querySelectorAll("[name=source]")) radio.checked = radio.value === draft.source;
  id("order-row").hidden = draft.source !== "12345";
  id("position").textContent = t("report.position_note");
  id("review").hidden = true;
  id("problem").textContent = "";
  tellPlace();
  tellCategory();
  drawPhotos(draft, keep);
}

function begin(values = {}) {
  draft = { ...newDraft(told.who, told.sources[0]?.code ?? ""), ...values };
  fill();
}

async function drawRecords() {
  records = await mine(told.who);
  drawList(id("records"), records.filter((each) => each.id !== draft.id || each.state !== "draft"), told.zone, { edit, remove, again });
  id("records-part").hidden = id("records").children.length === 0;
  drawState();
}

function drawState() {
  const box = id("state");
  const count = records.filter(isWaiting).length;
  const online = !["offline", "later"].includes(last);
  box.dataset.state = last === "sent" ? "online" : last;
  box.dataset.waiting = String(count);
  box.replaceChildren(el("strong", {}, t(online ? "report.online" : "report.offline")), ` · ${count ? t("report.waiting", { n: count }) : t("report.nothing_waiting")}`, ready ? ` · ${t("report.ready")}` : "");
  const help = id("help");
  help.replaceChildren();
  if (last === "sign-in") help.append(el("p", {}, t("report.sign_in_again")), el("a", { class: "big", id: "sign-in", href: `/sign-in?next=${encodeURIComponent(location.pathname)}` }, t("report.sign_in")));
  if (last === "refused") help.append(el("p", {}, t("report.not_granted")));
  if (last === "other") help.append(el("p", {}, t("report.other_account")), el("a", { class: "big", href: location.pathname }, t("report.reload")));
  if (last === "later" && count) help.append(el("p", {}, t("report.later")));
}

async function sync() {
  sending ??= replay(told.who).finally(() => { sending = null; });
  last = await sending;
  await drawRecords();
}

async function edit(record) {
  await save();
  const taken = await take(record.id);
  if (!taken) { await drawRecords(); return; }
  draft = { ...taken, code: "", zh: "", en: "" };
  // Under a taken id nothing new can be kept; the words go on under another one.
  if (record.state === "conflict") {
    draft.id = newId();
    await drop(record.id);
  }
  await save();
  fill();
  await drawRecords();
  id("form").scrollIntoView();
  id("where").focus();
}

async function remove(record) {
  if (!window.confirm(t("report.drop_sure"))) return;
  await drop(record.id);
  if (record.id === draft.id) begin();
  await drawRecords();
}

async function again(record) {
  await change(record.id, (kept) => ({ photos: kept.photos.map((photo) => (photo.state === "refused" ? { ...photo, state: "waiting" } : photo)) }));
  await sync();
}

function missing() {
  if (draft.lon === null) return ["report.no_place", "where"];
  if (!code) return ["report.outside", "where"];
  if (!draft.category) return ["report.no_category_yet", "category-search"];
  if (draft.source === "12345" && !draft.work_order.trim()) return ["report.no_order", "order"];
  if (Date.parse(draft.occurred_at) > Date.now() + 6e5) return ["report.in_future", "when"];
  if (isPending()) return ["report.photo_pending", "photo-keep"];
  return null;
}

const line = (name, value) => (value ? [el("dt", {}, t(name)), el("dd", {}, value)] : []);

function similar(each) {
  const words = [metres(each.distance_m), ago(each.hours), each.same_kind ? t("report.same_kind") : named({ zh: each.category_zh, en: each.category_en }), named({ zh: each.state_zh, en: each.state_en })];
  return el("li", {}, el("span", {}, words.filter(Boolean).join(lang === "zh" ? "，" : ", ")), el("button", { type: "button", class: "same", onclick: () => send({ same_as: each.ref }) }, t("report.it_is_same")));
}

function review(answer) {
  const box = id("review");
  const found = answer?.similar ?? [];
  const place = answer ? named(answer.place) : placeWords(code);
  const changed = answer && answer.text !== draft.text.trim();
  box.replaceChildren(
    el("h2", { tabindex: "-1" }, t("report.review")),
    el("dl", {}, ...line("report.place", `${place}`), ...line("report.address", answer?.address ?? draft.address), ...line("report.category", categoryName(draft.category)),
      ...line("report.when", moment(draft.occurred_at, told.zone)), ...line("report.text", answer ? answer.text : draft.text),
      ...line("report.photos", draft.photos.length ? String(draft.photos.length) : "")),
    changed ? el("p", { class: "note", id: "masked" }, t("report.was_masked")) : "",
    answer ? "" : el("p", { class: "note" }, t("report.unchecked")),
    found.length ? el("div", { class: "similar", id: "similar" }, el("h3", {}, t("report.similar", { n: found.length })), el("ul", {}, ...found.map(similar))) : "",
    el("button", { type: "button", class: "big", id: "send", onclick: () => send({ same_as: "" }) }, t(found.length ? "report.send_all_the_same" : "report.send")),
  );
  box.hidden = false;
  box.querySelector("h2").focus();
  box.scrollIntoView({ block: "nearest" });
}

function problem(text, where = "") {
  id("problem").textContent = text;
  id(where)?.focus();
}

// Asked of the server: where it lies, how the text reads when masked, what may be the same. Null without a network.
async function checked() {
  try {
    const asked = await session();
    const stopped = !asked.csrf ? asked.state : asked.who === told.who ? "" : strange(asked.who);
    if (stopped) { last = stopped; drawState(); return null; }
    const body = Object.fromEntries(["id", "lon", "lat", "category", "occurred_at", "text", "address", "source", "work_order"].map((name) => [name, draft[name]]));
    const answer = await post("/api/reports/check", asked.csrf, JSON.stringify(body));
    if (answer.ok) return await answer.json();
    if (answer.status === 400) return { refused: await answer.json() };
    return null;
  } catch (error) {
    if (error instanceof TypeError) { last = "offline"; drawState(); return null; }
    throw error;
  }
}

async function check() {
  const lacks = missing();
  if (lacks) { problem(t(lacks[0], { area: told.area }), lacks[1]); return; }
  if (!await save()) return;
  id("done").hidden = true;
  id("check").disabled = true;
  const answer = await checked();
  id("check").disabled = false;
  if (answer?.refused) problem(answer.refused[lang]);
  else review(answer);
}

async function send(values) {
  Object.assign(draft, values, { state: "waiting" });
  clearTimeout(saving);
  try {
    await put(draft);
  } catch {
    draft.state = "draft";
    problem(t("report.no_room"));
    return;
  }
  const sent = draft.id;
  begin();
  await drawRecords();
  await sync();
  showReceipt(records.find((each) => each.id === sent));
}

async function goOffline() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register("/report/sw.js", { scope: "/report/" });
  const worker = (await navigator.serviceWorker.ready).active;
  navigator.serviceWorker.addEventListener("message", (event) => {
    if (event.data !== "kept") return;
    ready = true;
    document.documentElement.dataset.offline = "ready";
    drawState();
  });
  // This very page was loaded before the worker was there: it keeps it, and the ground, now.
  worker.postMessage({ keep: [location.pathname, "/report/ground.json"] });
  registered.update().catch(() => null);
}

function startForm() {
  const results = id("place-found");
  id("place-search").addEventListener("input", () => drawFound(results, find(id("place-search").value), (each) => {
    results.hidden = true;
    // A name leads the map there; the exact spot is for the reporter to tap.
    showPlace(each.at[0], each.at[1]);
    if (each.row.lon !== undefined) setPlace(each.at[0], each.at[1], picked);
  }));
  id("place-search").addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); results.querySelector("button")?.click(); } });
  id("here").addEventListener("click", () => {
    id("position").textContent = t("report.asking_position");
    askPosition((lon, lat, accuracy) => {
      id("position").textContent = t("report.position_used", { n: Math.round(accuracy) });
      showPlace(lon, lat);
      setPlace(lon, lat, picked);
    }, (why) => { id("position").textContent = t(`report.position_${why}`); });
  });
  startCategories(told.groups, (chosen) => { keep({ category: chosen }); tellCategory(); });
  startPhotos(() => draft, keep);
  id("when").addEventListener("input", () => { if (id("when").value) keep({ occurred_at: fromLocal(id("when").value) }); });
  id("text").addEventListener("input", () => keep({ text: id("text").value }));
  id("address").addEventListener("input", () => keep({ address: id("address").value }));
  id("order").addEventListener("input", () => keep({ work_order: id("order").value }));
  for (const radio of document.querySelectorAll("[name=source]")) radio.addEventListener("change", () => { keep({ source: radio.value }); id("order-row").hidden = radio.value !== "12345"; });
  id("form").addEventListener("submit", (event) => {
    event.preventDefault();
    draft.occurred_at ||= id("when").value ? fromLocal(id("when").value) : new Date().toISOString();
    check();
  });
  id("new").addEventListener("click", async () => { await save(); begin(); await drawRecords(); id("where").focus(); });
}

async function leave(event) {
  // Whoever holds the phone next finds no page of this account on it; drafts and what waits stay for who wrote them.
  event.preventDefault();
  if (records.some(isWaiting) && !window.confirm(t("report.leave_waiting"))) return;
  for (const name of await (window.caches?.keys() ?? [])) if (name.startsWith("wangge-report-pages")) await caches.delete(name);
  const asked = await session().catch(() => ({}));
  if (asked.csrf) event.target.elements.csrf.value = asked.csrf;
  event.target.submit();
}

const ground = await (await fetch("/report/ground.json")).json();
startMap(ground, picked);
startForm();
begin();
id("leave")?.addEventListener("submit", leave);
window.addEventListener("online", sync);
window.addEventListener("offline", () => { last = "offline"; drawState(); });
window.addEventListener("pagehide", () => { if (saving) save(); });
document.addEventListener("visibilitychange", () => { if (!document.hidden && records.some(isWaiting)) sync(); });
// Asked again only while something waits: an idle page keeps no session open.
setInterval(() => { if (records.some(isWaiting) && last !== "sign-in") sync(); }, AGAIN_MS);
try {
  await forget(Date.now());
  await drawRecords();
} catch {
  id("help").replaceChildren(el("p", { class: "refused" }, t("report.no_room")));
}
await Promise.all([goOffline().catch(() => null), sync()]);
document.documentElement.dataset.ready = "yes";
