// @ts-check
/** The app's own versions: a new one is offered, never forced upon somebody who is entering. */

const WORKER = "/field/sw.js";
const LOOK_MS = 30 * 60_000;

/**
 * @param {() => Promise<void>} keepDrafts called before the page is loaded anew
 */
export async function watchVersions(keepDrafts) {
  const notice = document.getElementById("update");
  if (!("serviceWorker" in navigator) || !notice) return;
  const { serviceWorker } = navigator;
  let isTaking = false;
  serviceWorker.addEventListener("controllerchange", async () => {
    if (!isTaking) return;  // the first worker of a new device, or another tab took it
    await keepDrafts();
    location.reload();
  });
  const registration = await serviceWorker.register(WORKER, { scope: "/field/", updateViaCache: "none" });
  // A page that was on its way while the worker became active was not there to be claimed.
  if (registration.active && !serviceWorker.controller) registration.active.postMessage({ type: "claim" });
  const offer = () => { notice.hidden = !(registration.waiting && serviceWorker.controller); };
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
  offer();
  document.getElementById("take-update")?.addEventListener("click", async () => {
    isTaking = true;
    await keepDrafts();
    registration.waiting?.postMessage({ type: "take" });
  });
  const look = () => registration.update().catch(() => {});  // no network: the next look will tell
  setInterval(look, LOOK_MS);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) look(); });
}
