// @ts-check
/**
 * Keeps the app on the device, whole: every file of a version, checked by its digest, or none.
 *
 * It knows the app's files and nothing else: neither the API nor the database of entries. A new
 * version waits until the page says that nobody is in the middle of something.
 */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const { version, files, first } = /** @type {any} */ (worker).PRECACHE;
const PREFIX = "pratique-field-";
const HERE = PREFIX + version;
const HOME = "/field/";
const LANGUAGE = "/field/.language";
const PACKED = "/field/files.json";
const PAGES = Object.keys(files).filter((address) => address.startsWith(HOME) && address.endsWith("/"));

worker.addEventListener("install", (event) => {
  event.waitUntil(fill());
  // Where the browser knows it, files come straight out of the cache and wait for no script: a start
  // of sixty modules is half as long. (Service Worker Static Routing; without it `fetch` answers.)
  /** @type {any} */ (event).addRoutes?.(Object.keys(files).filter((address) => !PAGES.includes(address)).map(
    (pathname) => ({ condition: { urlPattern: { pathname } }, source: { cacheName: HERE } }))).catch(() => {});
});
worker.addEventListener("activate", (event) => event.waitUntil(tidy()));
worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== location.origin) return;
  if (request.mode === "navigate" && address.pathname === HOME) event.respondWith(home(address));
  else if (Object.hasOwn(files, address.pathname)) event.respondWith(kept(request, address.pathname));
});
worker.addEventListener("message", (event) => {
  if (event.data?.type === "take") event.waitUntil(worker.skipWaiting());
  if (event.data?.type === "claim") event.waitUntil(worker.clients.claim());
});

/** A file that an older version had in the same form is not fetched again: lines are thin. */
async function fill() {
  const older = await Promise.all((await caches.keys()).filter((name) => name.startsWith(PREFIX))
    .map((name) => caches.open(name)));
  const cache = await caches.open(HERE), told = older.length ? {} : await packed();
  for (const [address, digest] of Object.entries(files)) {
    await cache.put(address, await from(older, told, address, digest));
  }
}

/** On the first visit the files come together; what is missing or wrong there is fetched by itself. */
async function packed() {
  try {
    return await (await fetch(PACKED)).json();
  } catch {
    return {};
  }
}

async function from(older, told, address, digest) {
  for (const cache of older) {
    const known = await cache.match(address);
    if (known && await digestOf(known) === digest) return known;
  }
  if (Object.hasOwn(told, address)) {
    const [type, text] = told[address];
    const made = new Response(text, { headers: { "Content-Type": type, "X-Content-Type-Options": "nosniff" } });
    if (await digestOf(made) === digest) return made;
  }
  // What the page itself has just fetched is not fetched twice; the digest says whether it is right.
  for (const cache of /** @type {RequestCache[]} */ (["default", "reload"])) {
    const answer = await fetch(address, { cache });
    if (answer.ok && await digestOf(answer) === digest) return answer;
  }
  throw new Error(`${address} is of another version`);
}

async function digestOf(response) {
  const bytes = await response.clone().arrayBuffer();
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function tidy() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX) && name !== HERE)
    .map((name) => caches.delete(name)));
  await worker.clients.claim();
}

async function kept(request, pathname) {
  const cache = await caches.open(HERE);
  if (request.mode === "navigate" && PAGES.includes(pathname)) await cache.put(LANGUAGE, new Response(pathname));
  return await cache.match(pathname) ?? fetch(request);
}

/** The page in the language read last; else in the browser's. */
async function home(address) {
  const last = await (await (await caches.open(HERE)).match(LANGUAGE))?.text();
  const language = navigator.language.startsWith("en") ? "en" : first;
  const page = PAGES.includes(last ?? "") ? last : `${HOME}${language}/`;
  return Response.redirect(new URL(page + address.search, address.origin).href);
}
