// @ts-check
/**
 * Runs before anything else: asks for the modules of the screen that the address names, all at once,
 * while the app's own are still being read. A plain script, because a module would come after those.
 */

(() => {
  const told = document.getElementById("modules-of")?.textContent ?? "{}";
  const name = location.hash.slice(2).split("/")[0] || "home";
  for (const address of JSON.parse(told)[name] ?? []) {
    document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: address }));
  }
})();
