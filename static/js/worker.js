// Pages of the day for when there is no connection: only what this person has opened, forgotten at sign-in and sign-out.
"use strict";
const ASSETS = "assets-1", PAGES = "pages-1";
const KEPT = [/^\/desk\/shifts\/\d+\/day$/, /^\/sign-ups\/\d+$/, /^\/volunteer\/mine$/, /^\/guests\/[^/]+$/];
const isKept = (path) => KEPT.some((pattern) => pattern.test(path));
const isAsset = (path) => path.startsWith("/static/");

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => {
  event.waitUntil(caches.keys()
    .then((names) => Promise.all(names.filter((name) => name !== ASSETS && name !== PAGES).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

async function keep(path, answer) {
  if (!answer.ok || answer.redirected || answer.type !== "basic") return;
  const cache = await caches.open(isAsset(path) ? ASSETS : PAGES);
  await cache.put(path, answer);
}
// the network first: what is kept is only for when there is none
async function get(request, path) {
  try {
    const answer = await fetch(request);
    await keep(path, answer.clone());
    return answer;
  } catch (error) {
    const old = request.mode === "navigate" || isAsset(path) ? await caches.match(path) : undefined;
    if (old) return old;
    throw error;
  }
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (url.origin !== self.location.origin) return;
  if (event.request.method !== "GET") {
    if (/^\/sign-(in|out)(\/|$)/.test(url.pathname)) event.waitUntil(caches.delete(PAGES));
    return;
  }
  if (isAsset(url.pathname) || (isKept(url.pathname) && !url.search)) event.respondWith(get(event.request, url.pathname));
});

// the page that brought this worker was there before it: it names itself and its parts
self.addEventListener("message", (event) => {
  const paths = Array.isArray(event.data?.keep) ? event.data.keep.filter((path) => typeof path === "string" && (isAsset(path) || isKept(path))) : [];
  event.waitUntil(Promise.all(paths.slice(0, 50).map((path) => fetch(path).then((answer) => keep(path, answer)).catch(() => {}))));
});
