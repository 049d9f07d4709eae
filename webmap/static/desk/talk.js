// Questions and moves to the server. What goes wrong comes back as words in the reader's language and is never swallowed.
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";

export class Refused extends Error {
  constructor(status, problem = {}) {
    super(problem[lang] ?? problem.title ?? t("desk.problem", { status }));
    this.status = status;
    this.code = problem.code ?? "";
    this.faults = problem.faults ?? [];
  }
}

export async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
  const sent = method === "GET" ? headers : { "Content-Type": "application/json", "X-CSRF-Token": boot.csrf, ...headers };
  let answer;
  try {
    answer = await fetch(path, { method, headers: sent, signal, body: body === undefined ? undefined : JSON.stringify(body) });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { [lang]: t("desk.offline") });
  }
  if (answer.ok) return answer.json();
  // The page is not reloaded: what somebody typed must not go with it.
  if (answer.status === 401) throw new Refused(401, { [lang]: t("desk.signed_out") });
  throw new Refused(answer.status, await answer.json().catch(() => ({})));
}

// An id made here, so that a move sent twice on a bad line is done once (UUIDv7: milliseconds first, then chance).
export function newId(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  for (let place = 5, rest = now; place >= 0; place -= 1, rest = Math.floor(rest / 256)) bytes[place] = rest % 256;
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

const box = document.getElementById("said");
let fading = null;

export function say(words, bad = false) {
  clearTimeout(fading);
  box.textContent = words;
  box.classList.toggle("bad", bad);
  if (words) fading = setTimeout(() => { box.textContent = ""; }, bad ? 9000 : 4000);
}
