// The keyboard of the list: j and k, Enter, x, and a help that says so. Nothing happens while somebody types.
const typing = (target) => target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

export function startKeys(does) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target) || document.querySelector("dialog[open]")) return;
    const action = { j: does.down, ArrowDown: does.down, k: does.up, ArrowUp: does.up, x: does.pick, r: does.take, f: does.filter, "?": does.help }[event.key];
    if (action) {
      // Arrows scroll the page as long as no row has the focus.
      if (event.key.startsWith("Arrow") && !event.target.closest("#rows")) return;
      event.preventDefault();
      action();
    }
    if (event.key === "Enter" && event.target.matches("#rows tr")) does.open(event.target);
  });
}
