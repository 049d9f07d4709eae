// The choice of a team is kept too, so that the installed page opens without a network.
import "./leave.js";

if ("serviceWorker" in navigator) {
  await navigator.serviceWorker.register("/patrol/sw.js", { scope: "/patrol/" }).catch(() => null);
  (await navigator.serviceWorker.ready).active.postMessage({ keep: location.pathname });
}
document.documentElement.dataset.ready = "yes";
