// How amounts of seen ground are told: measures with units, shares, pixel bands. It asks for nothing.
import { n0, n1, n2, pct } from "wangge/format";
import { t } from "wangge/i18n";
import { boot, lang } from "wangge/state";

export const km2 = (square) => n2(square / 1e6);
// A little is not nothing: what rounds to nought is told as less than what the digits can say.
const LEAST = 0.0005;
export function shareOf(part, whole) {
  if (!whole) return "-";
  return part > 0 && part / whole < LEAST ? `<${pct(LEAST * 2)}` : pct(part / whole);
}

// Small ground is told in square metres, so that it is not told as nothing.
const SMALL_M2 = 1e4;
export const groundOf = (square) => (square < SMALL_M2 ? t("unit.m2", { v: n0(square) }) : t("unit.km2", { v: km2(square) }));

// Names of cameras are Chinese: a reader of another language is told the id.
export const cameraName = (camera) => (lang === "zh" && camera.name) || camera.id;

const WRITTEN = {
  area: (value) => t("unit.km2", { v: km2(value) }), area_m2: (value) => t("unit.m2", { v: n0(value) }),
  street: (value) => t("unit.km", { v: n1(value / 1000) }), street_m: (value) => t("popup.metres", { v: n0(value) }),
};
export const measure = (name, value) => (WRITTEN[name] ?? n0)(value);

const bands = boot.bands ?? [];
export const bandCodes = ["", ...bands.map((band) => band.code)];
export function pixelBand(code) {
  const band = bands.find((each) => each.code === code);
  return band ? t("band.named", { name: band[lang], px: n1(band.px_per_m) }) : t("band.all");
}
