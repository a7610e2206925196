/**
 * An officer in a hurry, at the app's own screens: vehicles are entered and registered, then the
 * swabs taken, by the same events that keys and thumbs make; dispatched inside the page, because
 * twenty thousand keys from outside would take an hour. What a screen says is saved is told on the
 * console the moment it stands there: "SAVED <ids>". "DONE <plate>": nothing of it is left to do.
 *
 * vehicles: [{ plate, people: [[document, name], …] }]; tubes: labels, one a swab.
 * What a dying page left half entered is gone on with, as an officer would; a vehicle that stands at
 * the post already is not entered again.
 */
async ({ vehicles, tubes, county }) => {
  const app = await (await import("/static/field/app.js")).ready;
  const { slipOf } = await import("/static/field/core/scans.js");
  const $ = (selector) => document.querySelector(selector);
  const tell = (target) => target.dataset?.saved && console.log(`SAVED ${target.dataset.saved}`);
  new MutationObserver((seen) => { for (const { target } of seen) tell(target); })
    .observe(document.body, { subtree: true, attributeFilter: ["data-saved"] });

  async function until(holds, what) {
    for (const end = performance.now() + 20_000; performance.now() < end;) {
      if (holds()) return;
      await new Promise((done) => setTimeout(done, 4));
    }
    throw new Error(`${what}: ${location.hash} ${$("#toast").textContent} ${$("#screen").innerText.slice(0, 300)}`);
  }
  const press = (key) => (document.activeElement ?? document.body)
    .dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  const scan = (text) => { for (const sign of text) press(sign); press("Enter"); };
  function type(field, value) {
    field.focus();
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }
  async function open(path, selector) {
    location.hash = `#/${path}`;
    await until(() => $(selector) && app.current.scan, path);
  }

  /** Swabs for all who are on the list without one. */
  async function swabs(path) {
    await open(path, "#sample-list");
    await until(() => $("#headline").textContent, "sample");
    const rows = [...document.querySelectorAll("#sample-list button")].filter((row) => !row.querySelector(".is-go"));
    for (const { dataset: { person } } of rows) {
      const before = $("#sample-said").dataset.saved;
      scan(slipOf(person));
      await until(() => !$("#sample-person").hidden, "person");
      scan(tubes.shift());
      await until(() => $("#sample-said").dataset.saved !== before && $("#sample-person").hidden, "tube");
    }
  }

  const cards = () => document.querySelectorAll("#gate-people > li");
  async function people(planned) {
    for (const [document_, name] of planned) {
      const card = () => [...cards()].find((each) => each.querySelector("[data-text=document]").value === document_);
      if (!card()) scan(document_);
      await until(card, "document");
      const field = card().querySelector("[data-text=name]");
      if (!field.value) type(field, name);
    }
  }
  async function stays() {
    if (!$("[data-county]").value) {
      type($("[data-county]"), county);
      press("Enter");
    }
    await until(() => $("[data-places]").childElementCount, "county");
    if ($("[data-place-of]") && !$("[data-place-of]:checked")) $("[data-place-of]").click();
    const towns = $("#destination");
    if (!towns.value) type(towns, towns.options[1].value);
  }

  async function register({ plate, people: planned }) {
    await open("gate", "#gate-register");
    const here = [...document.querySelectorAll("#gate-here a")].find((each) => each.querySelector("b").textContent === plate);
    if (here) {
      await swabs(here.hash.replace("#/gate", "sample"));
      return console.log(`DONE ${plate}`);
    }
    const goesOn = Boolean($("#plate").value);
    if (!goesOn) type($("#plate"), plate);
    else console.log("GOES ON");
    $("#plate").blur();
    if (!$("#occupants").value) $(`[data-occupants="${planned.length}"]`).click();
    await people(planned);
    await stays();
    $("#gate-register").click();
    await until(() => $("#stop-people"), "register");
    await swabs(location.hash.replace("#/gate", "sample"));
    return console.log(`DONE ${plate}`);
  }

  await swabs("sample");  // whom the life before left without one
  for (const vehicle of vehicles) await register(vehicle);
}
