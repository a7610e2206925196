// Boards fetch their changing part again and say how old it is; without this script they are pages.
const POLL_SECONDS = 5;
const STALE_SECONDS = 20;

function live() {
  const part = document.getElementById("live");
  const age = document.getElementById("age");
  if (!part || !part.dataset.live) return;
  let heard = Date.now();
  let tag = null;
  const show = () => {
    if (!age) return;
    const seconds = Math.round((Date.now() - heard) / 1000);
    const stale = seconds > STALE_SECONDS;
    const words = stale ? age.dataset.stale : seconds < 2 ? age.dataset.fresh : age.dataset.seconds;
    age.textContent = words.replace("{n}", seconds);
    age.classList.toggle("stale", stale);
  };
  const busy = () => part.contains(document.activeElement) && document.activeElement.matches("input, select, textarea")
    || part.querySelector("details[open]") || !document.getSelection().isCollapsed;
  const fetchAgain = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(part.dataset.live, {headers: tag ? {"If-None-Match": tag} : {}});
      if (answer.redirected) { location.reload(); return; }
      if (answer.status === 200 && !busy()) {
        const focused = document.activeElement?.closest("#live a")?.getAttribute("href");
        const fresh = document.createRange().createContextualFragment(await answer.text());
        part.replaceChildren(fresh);
        tag = answer.headers.get("ETag");
        if (focused) part.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
      }
      if (answer.ok || answer.status === 304) heard = Date.now();
    } catch { /* no network: the age goes on growing and says so */ }
    show();
  };
  setInterval(show, 1000);
  setInterval(fetchAgain, POLL_SECONDS * 1000);
  document.addEventListener("visibilitychange", fetchAgain);
}

// The bar's clock goes on by itself in earnest; in a drill it stands where the drill put it.
function clock() {
  const shown = document.getElementById("clock");
  if (!shown || "driven" in shown.dataset) return;
  const start = Date.parse(shown.dateTime);
  const opened = performance.now();
  setInterval(() => {
    const now = new Date(start + performance.now() - opened);
    const time = now.toLocaleTimeString("en-GB", {hour: "2-digit", minute: "2-digit", timeZone: document.documentElement.dataset.zone});
    shown.textContent = shown.textContent.replace(/\d\d:\d\d$/, time);
  }, 5000);
}

live();
clock();
