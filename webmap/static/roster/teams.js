// What single teams of a template have of their own, and the skills that must-visits need: rows added and taken away, read as
// the server takes them. Nothing is checked here.
const rows = document.getElementById("team-rows");
const words = (text) => text.split(/[,\uff0c\u3001;\uff1b]/).map((word) => word.trim()).filter(Boolean);
const clock = (text) => text.replace("\uff1a", ":").replace(/^(\d{1,2})(\d{2})$/, "$1:$2");

document.getElementById("team-add")?.addEventListener("click", () => {
  const row = document.getElementById("team-row").content.firstElementChild.cloneNode(true);
  row.querySelector("[data-drop-row]").addEventListener("click", () => { row.remove(); document.getElementById("team-add").focus(); });
  rows.append(row);
  row.querySelector("input").focus();
});

function read(row) {
  const said = {};
  for (const field of row.querySelectorAll("[data-own]")) {
    const [name, value] = [field.dataset.own, field.value.trim()];
    if (!value) continue;
    if (name === "skills") said.skills = words(value);
    else if (field.type === "number") said[name] = Number(value);
    else said[name] = ["from", "to", "break_from", "break_to"].includes(name) ? clock(value) : value;
  }
  return said;
}

export function readTeams() {
  const skills = [...document.querySelectorAll("[data-must]")].map((field) => [field.dataset.must, words(field.value)]);
  return { team_settings: [...rows.children].map(read), must_skills: Object.fromEntries(skills.filter(([, list]) => list.length)) };
}
