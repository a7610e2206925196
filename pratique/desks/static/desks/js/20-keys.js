// Keys: "/" searches, F2 goes to the scan field, arrows walk a list, Enter goes on in a form.
const isTyping = (target) => target.matches("input:not([type=checkbox], [type=radio]), textarea, select");

function walk(event) {
  const rows = [...document.querySelectorAll("table[data-list] tbody tr")];
  if (!rows.length) return;
  const at = rows.findIndex((row) => row.contains(document.activeElement));
  const to = Math.max(0, Math.min(rows.length - 1, at + (event.key === "ArrowDown" ? 1 : -1)));
  rows.forEach((row, n) => row.toggleAttribute("data-at", n === to));
  rows[to].querySelector("a, button, input")?.focus();
  event.preventDefault();
}

// Enter goes on to the next field; on the last field, or a button, it does what the button says.
function goOn(event) {
  const form = event.target.closest("form[data-enter]");
  if (!form || !event.target.matches("input:not([type=submit]), select")) return;
  if (event.target.closest("[data-scan]")) return;
  const fields = [...form.querySelectorAll("input:not([type=hidden], [readonly]), select, textarea, button[data-go]")]
    .filter((field) => field.checkVisibility() && !field.closest("[data-scan]"));
  const group = event.target.closest(".ticks"); // one answer is enough: on to what follows the list
  const next = fields.slice(fields.indexOf(event.target) + 1).find((field) => !group || !group.contains(field));
  if (!next) return;
  event.preventDefault();
  next.focus();
  if (next.matches("input") && next.select && next.type !== "checkbox" && next.type !== "radio") next.select();
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (event.key === "/" && !isTyping(event.target)) {
    const find = document.getElementById("find");
    if (find) { find.focus(); find.select(); event.preventDefault(); }
  } else if (event.key === "F2") {
    const scan = document.querySelector("[data-scan] input");
    if (scan) { scan.focus(); scan.select(); event.preventDefault(); }
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !isTyping(event.target)) {
    walk(event);
  } else if (event.key === "Enter") {
    goOn(event);
  }
});
