// Small comforts. Every page works without this file.
(() => {
  "use strict";
  document.documentElement.classList.add("js");
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));

  // htmx requests carry the CSRF token
  document.addEventListener("htmx:configRequest", (event) => {
    const token = $('meta[name="csrf-token"]');
    if (token) event.detail.headers["X-CSRFToken"] = token.content;
  });

  // things that need a script appear only when there is one
  const wake = (root) => {
    all("[data-copy][hidden], [data-print][hidden], [data-back][hidden], [data-pick-all][hidden], [data-mirror][hidden]", root).forEach((el) => { el.hidden = false; });
    all("[data-count]", root).forEach(count);
    all("[data-bulk]", root).forEach((bar) => picked(bar.dataset.bulk));
    all(".rail, .chips--scroll, .switch", root).forEach((strip) => {
      const here = $("[aria-current]", strip);
      if (here && here.offsetLeft + here.offsetWidth > strip.clientWidth) strip.scrollLeft = here.offsetLeft - (strip.clientWidth - here.offsetWidth) / 2;
    });
  };

  // character counters; code points, as the server counts
  function count(input) {
    const line = document.getElementById(input.dataset.count);
    if (!line) return;
    const used = Array.from(input.value).length;
    $("span", line).textContent = used;
    line.classList.toggle("is-over", used > Number(line.dataset.limit));
  }

  // photo preview
  function preview(input) {
    const place = $(`[data-thumbs-for="${CSS.escape(input.id)}"]`);
    if (!place) return;
    place.replaceChildren(...Array.from(input.files).filter((f) => f.type.startsWith("image/")).slice(0, 9).map((file) => {
      const image = new Image();
      image.alt = file.name;
      image.src = URL.createObjectURL(file);
      image.onload = () => URL.revokeObjectURL(image.src);
      return image;
    }));
  }

  // several at once
  function picked(id) {
    const bar = $(`[data-bulk="${CSS.escape(id)}"]`);
    const boxes = all(`[data-pick="${CSS.escape(id)}"]`);
    const n = boxes.filter((box) => box.checked).length;
    const everything = bar && $('input[name="all"]', bar);
    boxes.forEach((box) => { const row = box.closest("tr"); if (row) row.classList.toggle("is-sel", box.checked); });
    all(`[data-pick-all="${CSS.escape(id)}"]`).forEach((box) => { box.checked = n > 0 && n === boxes.length; box.indeterminate = n > 0 && n < boxes.length; });
    if (!bar) return;
    const label = $("[data-picked]", bar);
    if (label) label.textContent = label.dataset.picked.replace("{n}", n);
    all("button", bar).forEach((button) => { button.disabled = n === 0 && !(everything && everything.checked); });
  }

  document.addEventListener("input", (event) => {
    const el = event.target;
    if (el.matches("[data-count]")) count(el);
    const twin = el.dataset.mirror ? document.getElementById(el.dataset.mirror) : $(`[data-mirror="${CSS.escape(el.id)}"]`);
    if (twin) twin.value = el.value;
  });
  document.addEventListener("change", (event) => {
    const el = event.target;
    if (el.matches("[data-autosubmit]") && el.form) el.form.requestSubmit();
    else if (el.matches('input[type="file"]')) preview(el);
    else if (el.matches("[data-pick-all]")) {
      all(`[data-pick="${CSS.escape(el.dataset.pickAll)}"]`).forEach((box) => { box.checked = el.checked; });
      picked(el.dataset.pickAll);
    } else if (el.matches("[data-pick]")) picked(el.dataset.pick);
    else if (el.matches('.bulk input[name="all"]')) picked(el.closest("[data-bulk]").dataset.bulk);
  });

  document.addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      try { await navigator.clipboard.writeText(copy.dataset.copy); } catch { return; }
      const word = $("span", copy), before = word.textContent;
      word.textContent = copy.dataset.copied;
      copy.classList.add("copied");
      setTimeout(() => { word.textContent = before; copy.classList.remove("copied"); }, 2000);
    }
    const fault = event.target.closest('[role="alert"] a[href^="#"]');
    const field = fault && document.getElementById(fault.hash.slice(1));
    if (field) {
      event.preventDefault();
      (field.matches("input, select, textarea") ? field : $("input, select, textarea", field) || field).focus();
    }
    if (event.target.closest("[data-print]")) window.print();
    if (event.target.closest("[data-back]")) history.back();
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });

  // a form is sent once; the second press of an impatient finger does nothing
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => { delete form.dataset.sent; }));

  // keys: / search, ? help, and in tables marked data-review j k a r x Enter
  const typing = (el) => el.matches("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");
  const rows = () => all("[data-review] tbody tr");
  function move(step) {
    const list = rows();
    if (!list.length) return;
    const at = list.findIndex((row) => row.classList.contains("is-at"));
    const next = Math.max(0, Math.min(list.length - 1, at + step));
    list.forEach((row, i) => row.classList.toggle("is-at", i === next));
    list[next].scrollIntoView({ block: "nearest" });
    const first = $("a, button", list[next]);
    if (first) first.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || $("dialog[open]")) return;
    if (event.key === "/") {
      const box = $("[data-search]");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "?") {
      const keys = document.getElementById("keys");
      if (keys && keys.showModal) { event.preventDefault(); keys.showModal(); }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else {
      const row = $("[data-review] tr.is-at");
      if (!row) return;
      if (event.key === "x") { const box = $("[data-pick]", row); if (box) box.click(); }
      const button = (event.key === "a" || event.key === "r") && $(`[data-key="${event.key}"]`, row);
      if (button) { event.preventDefault(); button.click(); }
    }
  });

  document.addEventListener("htmx:afterSwap", (event) => wake(event.target));
  wake(document);
  const focus = $("[data-focus]");
  if (focus) focus.focus();
})();
