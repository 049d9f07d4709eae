// A day and a time as people of the district say them, as a moment with its zone.
import { isoDay } from "wangge/format";
import { boot } from "wangge/state";

const parts = new Intl.DateTimeFormat("en-CA", {
  timeZone: boot.zone, year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});

// Minutes that the district's clocks are ahead of UTC at a moment.
function ahead(moment) {
  const told = Object.fromEntries(parts.formatToParts(moment).map(({ type, value }) => [type, Number(value)]));
  return Math.round((Date.UTC(told.year, told.month - 1, told.day, told.hour, told.minute, told.second) - moment.getTime()) / 6e4);
}

// null for what is no day or no time.
export function moment(dayText, timeText) {
  const day = isoDay(dayText);
  const time = timeText.trim().match(/^(\d{1,2})[:.](\d{2})$/);
  if (!day || !time || Number(time[1]) > 23 || Number(time[2]) > 59) return null;
  const wall = Date.parse(`${day}T${time[1].padStart(2, "0")}:${time[2]}:00Z`);
  // Once more with the shift at the moment found: across a change of the clocks the first guess is an hour off.
  const first = wall - ahead(new Date(wall)) * 6e4;
  return new Date(wall - ahead(new Date(first)) * 6e4).toISOString();
}
