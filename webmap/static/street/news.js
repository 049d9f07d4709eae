// Hears of a new version of the plan while the page lies idle: it listens to the server's stream, and where no place is free
// there asks again, more and more seldom. Only while somebody looks at the page: a phone put away asks nothing and keeps no
// session open. It loads no other page and touches nothing that was said at a stop.
const FIRST_MS = 60000;
const MOST_MS = 600000;
const IDLE_MS = 1200000;

export function listen(task, tell) {
  const path = `/api/plans/${encodeURIComponent(task.plan)}/teams/${task.team}/newer.json`;
  let stream = null;
  let wait = FIRST_MS;
  let later = null;
  let touched = Date.now();
  let opening = null;

  // The number of the last change that the answer knows of; null where there is no answer.
  async function check() {
    const answer = await fetch(path, { cache: "no-store" }).catch(() => null);
    if (!answer?.ok) return null;
    const told = await answer.json();
    if (told.plan) tell(told);
    return told.seq;
  }

  function close() {
    stream?.close();
    stream = null;
    clearTimeout(later);
  }

  async function start() {
    close();
    if (document.hidden || !navigator.onLine) return;
    const seq = await check();
    // Signed out or out of reach: asked again when somebody looks, or when the network is back.
    if (seq === null || document.hidden) return;
    stream = new EventSource(`/live?since=${seq}`);
    stream.onopen = () => { wait = FIRST_MS; };
    stream.onmessage = (event) => { if (JSON.parse(event.data).changes.some((change) => change.layer === "plans")) check(); };
    stream.onerror = () => {
      if (stream?.readyState !== EventSource.CLOSED) return;
      close();
      if (Date.now() - touched > IDLE_MS) return;
      later = setTimeout(open, wait);
      wait = Math.min(MOST_MS, 2 * wait);
    };
  }

  function open() {
    opening ??= start().finally(() => { opening = null; });
    return opening;
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
  window.addEventListener("online", open);
  window.addEventListener("offline", close);
  window.addEventListener("pointerdown", () => {
    const slept = Date.now() - touched > IDLE_MS;
    touched = Date.now();
    if (slept && !stream) open();
  });
  return { open, check };
}
