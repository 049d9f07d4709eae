// Photos of a report: chosen, parts hidden, drawn anew and kept with the draft. What was chosen itself is kept nowhere.
import { PhotoMask } from "/static/js/photo_mask.js";
import { newId } from "./drafts.js";
import { el, t } from "./words.js";

const MOST = 5;
let mask = null;
let list = null;
let tools = null;
let shown = [];

export const isPending = () => Boolean(mask?.picture);

function reset() {
  mask.input.value = "";
  mask.choose(null);
}

export function drawPhotos(draft, keep) {
  for (const url of shown) URL.revokeObjectURL(url);
  const held = draft.photos.filter((photo) => photo.blob);
  shown = held.map((photo) => URL.createObjectURL(photo.blob));
  list.replaceChildren(...held.map((photo, i) => el("li", {}, el("img", { src: shown[i], alt: t("report.photo_alt", { n: i + 1 }) }),
    el("button", { type: "button", onclick: () => { keep({ photos: draft.photos.filter((each) => each !== photo) }); drawPhotos(draft, keep); } }, t("report.photo_remove")))));
  list.hidden = held.length === 0;
}

export function startPhotos(current, keep) {
  const root = el("div", { class: "mask" });
  list = el("ul", { class: "photos", hidden: true });
  const said = el("p", { class: "hint", role: "status" });
  const add = async () => {
    const draft = current();
    if (draft.photos.length >= MOST) { said.textContent = t("report.photo_most", { n: MOST }); return; }
    const made = await mask.result();
    if (!made) return;
    keep({ photos: [...draft.photos, { id: newId(), blob: made.blob, hide: made.hide, state: "waiting" }] });
    reset();
    drawPhotos(current(), keep);
  };
  tools = el("div", { class: "acts", hidden: true },
    el("button", { type: "button", id: "photo-keep", class: "strong", onclick: add }, t("report.photo_keep")),
    el("button", { type: "button", onclick: reset }, t("report.photo_discard")));
  document.getElementById("photos").replaceChildren(el("h3", {}, t("report.photos_add")), el("p", { class: "hint" }, t("report.photos_hint")), list, root, tools, said);
  const words = { choose: t("report.photo_choose"), add: t("report.photo_area_add"), remove: t("report.photo_area_remove"), area: t("report.photo_areas"), photo: t("report.photo_canvas"), bad: t("report.photo_bad") };
  mask = new PhotoMask(root, words, () => {
    const open = Boolean(mask?.picture);
    tools.hidden = !open;
    for (const button of root.querySelectorAll("button")) button.hidden = !open;
    if (open) said.textContent = "";
    // Without a picture there are no areas to count; that a file could not be opened stays to be read.
    else if (mask && mask.said.textContent.startsWith(words.area)) mask.said.textContent = "";
  });
  for (const button of root.querySelectorAll("button")) button.hidden = true;
}
