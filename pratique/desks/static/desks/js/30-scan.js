// A reader is a keyboard that types in one burst. Wherever the cursor is, a burst lands in the scan
// field, and what it typed into another field meanwhile is put back as it was.
const BURST_MS = 35;
const BURST_KEYS = 12;

function listen() {
  const box = document.querySelector("[data-scan]");
  const field = box?.querySelector("input");
  if (!field) return;
  let keys = "";
  let last = 0;
  let victim = null;
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const now = event.timeStamp; // when the key was struck, however busy the page is
    if (now - last > BURST_MS) {
      keys = "";
      victim = event.target;
      before = victim.value ?? "";
    }
    last = now;
    if (event.key.length === 1) keys += event.key;
    else if (event.key === "Tab" && keys.length >= BURST_KEYS) { keys += "|"; event.preventDefault(); }
    else if (event.key === "Enter" && keys.length >= BURST_KEYS && event.target !== field) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (victim && "value" in victim) victim.value = before;
      field.value = keys;
      keys = "";
      box.classList.add("heard");
      box.querySelector("button")?.click();
    } else if (event.key === "Enter") keys = "";
  }, true);
}

// What was entered survives a back button and a dead session: kept in this tab until it is recorded.
function keep() {
  for (const done of document.querySelectorAll("[data-recorded]")) sessionStorage.removeItem(`draft:${done.dataset.recorded}`);
  for (const form of document.querySelectorAll("form[data-keep]")) {
    const name = `draft:${form.dataset.keep}`;
    const fields = () => [...form.elements].filter((f) => f.name && !["hidden", "file", "password", "submit"].includes(f.type));
    const draft = JSON.parse(sessionStorage.getItem(name) || "null");
    const untouched = fields().every((f) => f.type === "checkbox" || f.type === "radio" || f.tagName === "SELECT" || f.value === f.defaultValue);
    if (draft && untouched && "fresh" in form.dataset) {
      for (const field of fields()) {
        const said = draft[`${field.name}=${field.type === "checkbox" || field.type === "radio" ? field.value : ""}`];
        if (said === undefined) continue;
        if (field.type === "checkbox" || field.type === "radio") field.checked = said; else field.value = said;
      }
    }
    form.addEventListener("input", () => {
      const said = {};
      for (const field of fields()) {
        const mark = field.type === "checkbox" || field.type === "radio";
        said[`${field.name}=${mark ? field.value : ""}`] = mark ? field.checked : field.value;
      }
      sessionStorage.setItem(name, JSON.stringify(said));
    });
  }
}

// A list of suggestions under a field, fetched while one types (counties by name or pinyin).
function suggest() {
  for (const field of document.querySelectorAll("input[data-suggest]")) {
    const list = document.getElementById(field.getAttribute("list"));
    let wait = 0;
    const places = document.getElementById("places");
    const known = () => [...list.options].some((option) => option.value === field.value);
    const show = () => { if (known() && field.value !== field.defaultValue) places?.click(); };
    field.addEventListener("change", show);
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || field.value === field.defaultValue) return;
      event.preventDefault();
      event.stopPropagation();
      places?.click();
    });
    field.addEventListener("input", () => {
      clearTimeout(wait);
      wait = setTimeout(async () => {
        if (!field.value.trim()) return;
        const answer = await fetch(`${field.dataset.suggest}?q=${encodeURIComponent(field.value)}`);
        if (!answer.ok) return;
        const options = (await answer.json()).map((word) => Object.assign(document.createElement("option"), {value: word}));
        list.replaceChildren(...options);
      }, 120);
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) button.addEventListener("click", () => print());
  for (const all of document.querySelectorAll("input[data-all]")) {
    all.addEventListener("change", () => document.querySelectorAll(`input[name="${all.dataset.all}"]`).forEach((box) => { box.checked = all.checked; }));
  }
  document.querySelector(".summary[tabindex]")?.focus();
}

listen();
keep();
suggest();
