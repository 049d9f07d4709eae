// Notifications of the account in the header: how many are unread, the latest lines, each leading to its case.
import { el, n0 } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang, onChange } from "wangge/state";
import { Refused, ask, say } from "desk/talk";
import { when } from "desk/words";

const WAIT_MS = 5000;
const SHOWN = 20;
const tools = document.querySelector(".tools");
let box = null;
let waiting = null;

function line(each) {
  const words = each[lang] || each.zh;
  const orders = boot.may.includes("see_own_orders") && each.topic.startsWith("order.");
  const about = orders ? el("a", { href: "/side#orders-title" }, words) : each.topic.startsWith("event.") && each.ref ? el("a", { href: `/desk/${encodeURIComponent(each.ref)}` }, words) : el("span", {}, words);
  return el("li", { class: each.read_at ? "" : "unread" }, about, el("small", {}, when(each.at)));
}

async function load() {
  try {
    const told = await ask("/api/notifications.json");
    const count = t("desk.notices", { n: n0(told.unread) });
    box.querySelector("summary").replaceChildren(count);
    box.classList.toggle("some", told.unread > 0);
    box.querySelector("ul").replaceChildren(...(told.notifications.length ? told.notifications.slice(0, SHOWN).map(line) : [el("li", { class: "hint" }, t("desk.no_notices"))]));
    box.querySelector("button").disabled = !told.unread;
  } catch (error) {
    // What is not told now is told by the next change; the page itself says when the line is gone.
    if (!(error instanceof Refused)) throw error;
  }
}

async function readAll() {
  try {
    await ask("/api/notifications/read", { method: "POST", body: { all: true } });
    await load();
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    say(error.message, true);
  }
}

export function startNotices() {
  if (!boot.parts.includes("notifications")) return;
  box = el("details", { class: "more notices" }, el("summary", {}, t("desk.notices", { n: 0 })), el("div", {}, el("ul", {}), el("button", { type: "button", onclick: readAll }, t("desk.notices_read"))));
  tools.prepend(box);
  load();
  onChange("live", (layers) => {
    if (!["events", "supervision", "notifications"].some((name) => layers.has(name))) return;
    clearTimeout(waiting);
    waiting = setTimeout(load, WAIT_MS);
  });
}
