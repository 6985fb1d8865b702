// The day: every press is kept on the device until the server has answered it. Without this file the same buttons are plain forms.
(() => {
  "use strict";
  const box = document.querySelector("[data-outbox]");
  if (!box || !window.fetch || !window.localStorage) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const { who, url, guest = "" } = box.dataset;
  const words = JSON.parse($("script", box).textContent);
  const KEPT = `press:${who}:`, HELD = `held:${who}:`, BATCH = 100;

  // what is kept, one entry per press, so that two tabs never overwrite each other
  function read(prefix) {
    const found = [];
    for (let at = 0; at < localStorage.length; at += 1) {
      const name = localStorage.key(at);
      if (!name.startsWith(prefix)) continue;
      try { found.push(JSON.parse(localStorage.getItem(name))); } catch { localStorage.removeItem(name); }
    }
    return found.filter(Boolean).sort((a, b) => (a.at < b.at ? -1 : 1));
  }
  function uuid() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 15) | 64;
    bytes[8] = (bytes[8] & 63) | 128;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
  function note(press) {
    const twin = read(KEPT).some((kept) => kept.sign_up === press.sign_up && kept.token === press.token && kept.what === press.what);
    if (!twin) {
      const key = uuid();
      localStorage.setItem(KEPT + key, JSON.stringify({ key, at: new Date().toISOString(), ...press }));
    }
    show();
    send();
  }

  // sending: one tab at a time where the browser can say so; the server takes each key once in any case
  let isSending = false, isWanted = false, isBehind = false; // behind: sent, but the page does not show it yet
  let wait = 0, later = 0; // a network that has just come back often fails the first try: again soon, then ever more rarely
  async function send() {
    if (isSending) { isWanted = true; return; } // pressed while the last ones are on their way
    if (navigator.onLine === false || !(read(KEPT).length || isBehind)) return;
    clearTimeout(later);
    isSending = true;
    try {
      if (navigator.locks) await navigator.locks.request(`presses-${who}`, { ifAvailable: true }, (lock) => lock && sendAll());
      else await sendAll();
    } catch { /* no connection after all: kept, and tried again */ } finally { isSending = false; }
    show();
    const isLeft = isBehind || (read(KEPT).length > 0 && !said);
    wait = isLeft ? Math.min(wait * 3 || 1000, 60000) : 0;
    if (isLeft) later = setTimeout(send, wait);
    if (isWanted) { isWanted = false; send(); }
  }
  async function sendAll() {
    const hello = await (await fetch(url, { cache: "no-store" })).json();
    if (!guest && String(hello.who) !== who) { say(words.signed_out); return; }
    for (let batch = read(KEPT).slice(0, BATCH); batch.length; batch = read(KEPT).slice(0, BATCH)) {
      const presses = batch.map(({ key, what, at, sign_up, token, point }) => ({ key, what, at, sign_up, token, point }));
      const answer = await fetch(url, {
        method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": hello.csrf }, body: JSON.stringify({ presses, guest }) });
      if (!answer.ok) { say(words.not_taken); return; }
      const answers = new Map((await answer.json()).answers.map((one) => [one.key, one]));
      for (const press of batch) {
        const one = answers.get(press.key);
        if (!one) return;
        if (!one.is_done) localStorage.setItem(HELD + press.key, JSON.stringify({ ...press, why: one.words }));
        localStorage.removeItem(KEPT + press.key);
      }
      isBehind = true;
    }
    say("");
    if (isBehind) await renew();
    isBehind = false;
  }

  // the page as the server sees it now; names that were opened stay open
  async function renew() {
    const live = $("[data-live]");
    if (!live || document.activeElement?.matches("#day input")) return;
    const answer = await fetch(live.dataset.live, { cache: "no-store" });
    if (!answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(live.id);
    if (!fresh) return;
    if ("opened" in live.dataset) {
      all("[data-name]", fresh).forEach((cell) => {
        const old = $(`#${cell.dataset.name} [data-name]`, live) || document.getElementById(cell.dataset.name)?.querySelector("[data-name]");
        if (old) cell.replaceWith(old.cloneNode(true));
      });
    }
    const focused = document.activeElement?.closest?.(".dayline")?.id;
    live.replaceChildren(...fresh.childNodes);
    narrow();
    if (focused) $(`#${focused} button`)?.focus({ preventScroll: true });
  }

  // showing
  let said = "";
  const say = (text) => { said = text; };
  const clock = (at) => new Date(at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" });
  function element(tag, className, text) {
    const made = document.createElement(tag);
    if (className) made.className = className;
    made.textContent = text;
    return made;
  }
  function lineOf(press, text, prefix) {
    const line = element("li", "", "");
    const button = element("button", "btn btn--quiet btn--s", prefix === KEPT ? words.drop : words.seen);
    button.type = "button";
    button.addEventListener("click", () => { localStorage.removeItem(prefix + press.key); show(); });
    line.append(element("span", "", text), button);
    return line;
  }
  function show() {
    const kept = read(KEPT), held = read(HELD);
    const list = element("ul", "", "");
    kept.forEach((press) => list.append(lineOf(press, `${press.name} · ${press.noted} ${clock(press.at)} · ${words.will_be_sent}`, KEPT)));
    held.forEach((press) => list.append(lineOf(press, `${press.name} · ${press.noted} ${clock(press.at)} · ${press.why}`, HELD)));
    all(".note", box).forEach((old) => old.remove());
    if (list.childElementCount || said) {
      const frame = element("div", held.length ? "note note--alarm" : "note note--wait", "");
      frame.setAttribute("role", "status");
      const inside = element("div", "grow", said);
      inside.append(list);
      frame.append(inside);
      box.append(frame);
    }
    let more = 0;
    all(".dayline").forEach((line) => {
      const own = kept.filter((press) => `s${press.sign_up}` === line.id);
      const has = (what) => own.some((press) => press.what === what);
      all("[data-press]", line).forEach((form) => {
        form.hidden = form.dataset.press === "out" && "later" in form.dataset ? !has("in") || has("out") : own.length > 0;
      });
      if (has("in") && line.dataset.stage !== "in") more += Number(line.dataset.people);
      const mark = $("[data-noted-for]", line);
      if (mark) {
        mark.hidden = !own.length;
        mark.textContent = own.map((press) => `${press.noted} ${clock(press.at)}`).concat(words.will_be_sent).join(" · ");
      }
    });
    const came = $("[data-came]");
    if (came) came.textContent = Number(came.dataset.came) + more;
    all("[data-waits-for]").forEach((part) => { part.hidden = kept.length > 0; });
  }

  // a name narrowed down while typing, also without a connection
  function narrow() {
    const field = $("[data-narrow]");
    if (!field) return;
    const wanted = field.value.trim().toLocaleLowerCase();
    all(field.dataset.narrow).forEach((line) => { line.hidden = !line.dataset.find.toLocaleLowerCase().includes(wanted); });
    show();
  }

  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-press]");
    if (!form) return;
    const press = { what: form.dataset.press, sign_up: Number(form.dataset.signUp), name: form.dataset.name, noted: form.dataset.noted };
    try { note(press); } catch { return; } // nothing can be kept here: then it is a plain form
    event.preventDefault();
    event.stopPropagation();
  }, true);
  document.addEventListener("input", (event) => { if (event.target.matches("[data-narrow]")) narrow(); });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-near]");
    if (!button) return;
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      button.disabled = false;
      note({ what: button.dataset.near, sign_up: Number(button.dataset.signUp), name: button.dataset.name, noted: button.dataset.noted, point: [coords.latitude, coords.longitude] });
    }, () => { button.disabled = false; say(words.no_position); show(); }, { enableHighAccuracy: true, timeout: 15000, maximumAge: 0 });
  });
  if ("geolocation" in navigator) all("[data-near][hidden]").forEach((button) => { button.hidden = false; });
  let soon = 0;
  window.addEventListener("storage", (event) => {
    show();
    if (!event.key?.startsWith(KEPT) || event.newValue) return;
    clearTimeout(soon); // another tab has sent something
    soon = setTimeout(() => renew().then(show, () => { isBehind = true; send(); }), 300);
  });
  window.addEventListener("online", send);
  setInterval(() => { if (read(KEPT).length) send(); else if (!document.hidden && navigator.onLine !== false) renew().then(show, () => {}); }, 60000);
  if (navigator.serviceWorker) {
    const loaded = new Promise((go) => (document.readyState === "complete" ? go() : window.addEventListener("load", go)));
    const parts = () => performance.getEntriesByType("resource").map((part) => new URL(part.name)).filter((part) => part.origin === location.origin).map((part) => part.pathname);
    navigator.serviceWorker.register(box.dataset.worker).then(() => Promise.all([navigator.serviceWorker.ready, loaded]))
      .then(([{ active }]) => active.postMessage({ keep: [location.pathname, ...new Set(parts())] }), () => {});
  }
  narrow();
  show();
  send();
})();
