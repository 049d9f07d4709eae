// Photos and the file of a case. A photo is loaded when somebody asks to see it: each look is a row of the audit log.
import { el, momentOf } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";
import { ask } from "desk/talk";

export function drawLinks(id) {
  const links = document.getElementById("case-links");
  const path = `/api/events/${encodeURIComponent(id)}`;
  links.append(el("button", { type: "button", onclick: () => window.print() }, t("menu.print")));
  if (boot.parts.includes("case_pdf")) links.append(el("a", { href: `${path}/case.pdf?lang=${lang}`, download: true }, t("case.file_pdf")));
  if (boot.parts.includes("case_zip")) links.append(el("a", { href: `${path}/case.zip`, download: true }, t("case.file_zip")));
}

export async function drawPhotos(id) {
  if (!boot.parts.includes("photos")) return;
  const path = `/api/events/${encodeURIComponent(id)}/photos`;
  const { photos } = await ask(`${path}.json`).catch(() => ({ photos: [] }));
  if (!photos.length) return;
  const one = (photo, at) => {
    const words = t("case.photo", { n: at + 1 });
    if (photo.deleted_at) return el("span", { class: "hint" }, t("case.photo_gone", { n: at + 1, at: momentOf(photo.deleted_at) }));
    const button = el("button", { type: "button", onclick: () => button.replaceWith(el("img", { src: `${path}/${encodeURIComponent(photo.id)}.jpg`, alt: words, width: photo.width, height: photo.height })) }, words);
    return button;
  };
  document.getElementById("photos").replaceChildren(el("h3", {}, t("case.photos")), el("div", { class: "photos" }, ...photos.map(one)));
}
