// Changes of plans, sent with the page's token; what goes wrong is said in the reader's language.
import { say } from "wangge/api";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";

async function post(path, body) {
  return fetch(path, {
    method: "POST", body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-CSRF-Token": boot.csrf },
  });
}

async function refusal(answer) {
  const problem = await answer.json().catch(() => ({}));
  return problem[lang] ?? problem.title ?? String(answer.status);
}

// The answer, or null after the reason was said.
export async function change(path, body = {}) {
  try {
    const answer = await post(path, body);
    if (answer.status === 401) window.location.reload();
    if (answer.ok) return await answer.json();
    say(t("state.error", { text: await refusal(answer) }), true);
  } catch {
    say(t("state.offline"), true);
  }
  return null;
}

// What a question is answered, or why it is not: shown where it was asked rather than over the map.
export async function answerOf(path) {
  try {
    const answer = await fetch(path);
    return answer.ok ? { told: await answer.json() } : { problem: await refusal(answer) };
  } catch {
    return { problem: t("state.offline") };
  }
}

// A plan is made line by line: each step is told as it is reached, and at last the plan's id, or what went wrong.
export const make = (body, tell) => planned("/api/plans", body, "plan", tell);

// A forecast is made in the same way.
export const makeForecast = (body, tell) => planned("/api/forecasts", body, "forecast", tell);

// What one more team would bring, planned anew for each base.
export const oneMore = (id) => planned(`/api/plans/${encodeURIComponent(id)}/one-more`, {}, "more", () => null);

async function planned(path, body, last, tell) {
  const answer = await post(path, body);
  if (!answer.ok) throw new Error(await refusal(answer));
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let made = null;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.map((text) => JSON.parse(text))) {
      if (line.problem) throw new Error(line.problem[lang]);
      if (line[last]) made = line[last];
      else tell(line);
    }
  }
  // An answer that breaks off, such as when the server stops, is no plan.
  if (!made) throw new TypeError("no plan");
  return made;
}
