// Keeps an open map in step with the store: listens, and polls where listening is not to be had.
import { onChange, boot, offline, tell } from "wangge/state";

const POLL_MS = 15000;
const TOGETHER_MS = 400;
let since = boot.seq ?? 0;
let waiting = null;
const changed = new Set();

// Changes that come in a row are shown once.
function note(news) {
  since = Math.max(since, news.seq);
  for (const change of news.changes) changed.add(change.layer);
  if (!changed.size) return;
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const layers = new Set(changed);
    changed.clear();
    tell("live", layers);
  }, TOGETHER_MS);
}

async function poll() {
  try {
    const answer = await fetch(`/api/changes.json?since=${since}`);
    if (answer.status === 401) window.location.reload();
    else if (answer.ok) note(await answer.json());
  } catch {
    tell("connection", false);
  }
}

export function follow() {
  if (offline) return;
  const stream = new EventSource(`/live?since=${since}`);
  let polling = null;
  stream.onopen = () => {
    tell("connection", true);
    clearInterval(polling);
    polling = null;
  };
  stream.onmessage = (event) => note(JSON.parse(event.data));
  stream.onerror = () => {
    if (stream.readyState !== EventSource.CLOSED) return tell("connection", false);
    // A browser does not try again after an answer that is no stream: all places are taken.
    polling ??= setInterval(poll, POLL_MS);
    return poll();
  };
}

onChange("online", poll);
