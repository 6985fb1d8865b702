// What every page must keep, read from the document as it stands. Returns {faults, latin}: sentences (none: a good page), and
// what stands on a Chinese page without a Chinese character, as [words, where]: the caller knows which of it should be Chinese.
() => {
  const faults = [], latin = [];
  const describe = (node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 160);
  const isShown = (node) => node.getClientRects().length > 0 && getComputedStyle(node).visibility !== "hidden";

  if (!document.title.trim()) faults.push("the page has no title");
  if (!document.documentElement.lang) faults.push("the page does not say its language");
  const headings = [...document.querySelectorAll("h1")].filter(isShown);
  if (headings.length !== 1) faults.push(`the page has ${headings.length} main headings (h1)`);

  for (const field of document.querySelectorAll("input, select, textarea")) {
    if (["hidden", "submit", "button", "image", "reset"].includes(field.type)) continue;
    const named = (field.labels && [...field.labels].some((label) => label.textContent.trim())) ||
      field.getAttribute("aria-label") || field.getAttribute("aria-labelledby") || field.title;
    if (!named) faults.push(`a field has no label: ${describe(field)}`);
  }
  for (const form of document.querySelectorAll("form")) {
    if ((form.getAttribute("method") || "get").toLowerCase() !== "post") continue;
    if (!form.querySelector("input[name=csrf_token]")) faults.push(`a POST form has no CSRF token: ${describe(form)}`);
  }
  for (const node of document.querySelectorAll("[style], style")) {
    if (!node.closest("[data-third-party]")) faults.push(`inline style: ${describe(node)}`);
  }
  const ids = new Map();
  for (const node of document.querySelectorAll("[id]")) ids.set(node.id, (ids.get(node.id) || 0) + 1);
  for (const [id, count] of ids) if (count > 1) faults.push(`the id "${id}" is used ${count} times`);

  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth + 1) {
    const wide = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > root.clientWidth + 1)
      .filter((node) => { for (let up = node.parentElement; up && up !== document.body; up = up.parentElement) {
        if (["auto", "scroll", "hidden", "clip"].includes(getComputedStyle(up).overflowX)) return false; } return true; });
    faults.push(`the page scrolls sideways (${root.scrollWidth} in ${root.clientWidth}): ${wide.slice(0, 3).map(describe).join(" | ")}`);
  }

  // Untranslated text: a message id standing where its Chinese should be, or three English words in a row.
  if (root.lang.toLowerCase().startsWith("zh")) {
    const english = /\b[A-Za-z][a-z]+(?:[ ,]+[a-z]{2,}){2,}/;
    const look = (text, where) => {
      const words = text.replace(/\s+/g, " ").trim();
      if (!words) return;
      if (english.test(words)) faults.push(`English on a Chinese page (${where}): “${words.slice(0, 80)}”`);
      else if (/[A-Za-z]/.test(words) && !/\p{Script=Han}/u.test(words)) latin.push([words, where]);
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const holder = node.parentElement;
      if (holder.closest("script, style, code, pre, kbd, samp, template, [translate=no]")) continue;
      const spoken = holder.closest("[lang]");
      if (spoken && !spoken.lang.toLowerCase().startsWith("zh")) continue;
      if (/%\(\w+\)[sd]/.test(node.data)) faults.push(`an unfilled placeholder: “${node.data.trim().slice(0, 80)}”`);
      look(node.data, holder.localName);
    }
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
      for (const node of document.querySelectorAll(`[${name}]`)) {
        if (!node.closest("[lang]:not([lang^=zh]), [translate=no]")) look(node.getAttribute(name), name);
      }
    }
  }
  return { faults, latin };
}
