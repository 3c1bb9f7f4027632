// Tools to read a pair with: what differs, find in the pair, size and width of the texts, long responses side by side.
//
// Loaded when one of them is used first (data-script, data-scrolls; static/keys.js). Without this file what differs is a
// page of its own, size and width are plain forms, and the browser finds.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("#status").textContent = text; };
  const entry = () => one("#entry");

  // ---- what differs, in the place of the two texts

  async function toggleDifference(link) {
    const root = entry(), isShown = !("diff" in root.dataset);
    if (isShown && !one("#diff", root) && !(await loadDifference(link, root))) return;
    root.toggleAttribute("data-diff", isShown);
    link.setAttribute("aria-expanded", isShown);
    say(isShown ? one("#diff").dataset.announce : "The responses are shown as they are.");
    if (one("#find")) find();
  }

  async function loadDifference(link, root) {
    try {
      const answer = await fetch(link.href, { headers: { "HX-Request-Type": "partial" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("diff");
      if (!root.isConnected || one("#diff", root)) return false;
      hideAsTheTexts(one(".text", found), root);
      one("#responses", root).before(document.adoptNode(found));
      return true;
    } catch {
      say("What differs could not be loaded.");
      link.title = "What differs could not be loaded; try again.";
      return false;
    }
  }

  function hideAsTheTexts(text, root) {
    const isShown = root.dataset.texts === "shown" && !("note" in root.dataset);
    if (isShown) return void text.removeAttribute("aria-hidden");
    text.classList.add("veil");
    text.setAttribute("aria-hidden", "true");
  }

  // ---- find in the pair

  const MOST_FOUND = 1000;
  let hits = [], now = -1, before = null;

  function openFind() {
    const bar = one("#find") ?? makeFind();
    if (!bar.contains(document.activeElement)) before = document.activeElement;
    const field = one("input", bar);
    field.focus();
    field.select();
  }

  function makeFind() {
    const bar = document.createElement("form");
    bar.id = "find";
    bar.setAttribute("role", "search");
    bar.setAttribute("aria-label", "Find in this pair");
    bar.innerHTML = `<input type="search" aria-label="Find in this pair" placeholder="Find in this pair" autocomplete="off" spellcheck="false">
      <output role="status"></output>
      <button type="button" class="quiet" data-to="-1" aria-label="Previous">↑</button><button type="button" class="quiet" data-to="1" aria-label="Next">↓</button>
      <button type="button" class="quiet" data-close>Close <kbd>Esc</kbd></button>`;
    one(".place", entry()).after(bar);
    return bar;
  }

  function closeFind() {
    one("#find").remove();
    hits = [];
    mark();
    (before?.isConnected && before !== document.body ? before : one("#entry-title")).focus({ preventScroll: true });
  }

  /** Letters in either case, and any blanks for a blank. */
  function patternOf(typed) {
    const escaped = typed.trim().replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&").replace(/\s+/g, "\\s+");
    return escaped && new RegExp(escaped, "giu");
  }

  function find() {
    const pattern = patternOf(one("#find input").value);
    hits = pattern ? placesOfText().flatMap((place) => [...hitsIn(place, pattern)]).slice(0, MOST_FOUND) : [];
    now = hits.length ? 0 : -1;
    show();
  }

  function placesOfText() {
    const shown = all("#entry :is(.prompt, .response, .diff) .text").filter((text) => text.checkVisibility());
    return shown.flatMap((text) => (one("td", text) ? all("td", text) : [text]));
  }

  function* hitsIn(place, pattern) {
    const nodes = [], walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
    let text = "";
    while (walker.nextNode()) {
      nodes.push({ node: walker.currentNode, start: text.length });
      text += walker.currentNode.data;
    }
    let at = 0, count = 0;
    const put = (offset, set) => {
      while (at + 1 < nodes.length && nodes[at + 1].start <= offset) at += 1;
      set(nodes[at].node, offset - nodes[at].start);
    };
    for (const match of text.matchAll(pattern)) {
      if (++count > MOST_FOUND) return;
      const range = document.createRange();
      put(match.index, (node, offset) => range.setStart(node, offset));
      put(match.index + match[0].length - 1, (node, offset) => range.setEnd(node, offset + 1));
      yield range;
    }
  }

  function show() {
    const typed = one("#find input").value.trim(), most = hits.length === MOST_FOUND ? "+" : "";
    one("#find output").textContent = hits.length ? `${now + 1} of ${hits.length}${most}` : typed ? "not found" : "";
    mark();
    if (hits[now]) bringIntoView(hits[now]);
  }

  function mark() {
    if (!globalThis.CSS?.highlights) return;
    CSS.highlights.set("found", new Highlight(...hits));
    CSS.highlights.set("found-now", new Highlight(...(hits[now] ? [hits[now]] : [])));
    CSS.highlights.get("found-now").priority = 1;
  }

  function bringIntoView(range) {
    const pane = range.startContainer.parentElement.closest(".pane");
    if (pane) pane.scrollTop += range.getBoundingClientRect().top - pane.getBoundingClientRect().top - pane.clientHeight / 2;
    const { top, bottom } = range.getBoundingClientRect();
    if (top < 80 || bottom > innerHeight - 120) scrollBy({ top: top - innerHeight / 2 });
  }

  function step(by) {
    if (!hits.length) return;
    now = (now + by + hits.length) % hits.length;
    show();
  }

  // ---- size and width: at once, and kept a moment later

  const root = document.documentElement, SMALLEST = -2, LARGEST = 4, PAUSE = 400;
  let waiting = {}, timer = 0;

  function resize(by) {
    const size = Math.min(Math.max(Number(root.dataset.size ?? 0) + by, SMALLEST), LARGEST);
    root.dataset.size = size;
    say(`Text size ${size > 0 ? "+" : ""}${size}`);
    keep({ text_size: size });
  }

  function widen(width) {
    root.dataset.width = width;
    keep({ text_width: width });
  }

  function keep(change) {
    waiting = { ...waiting, ...change };
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }

  function send() {
    if (!Object.keys(waiting).length) return;
    const body = new URLSearchParams(waiting);
    waiting = {};
    const headers = { "HX-Request-Type": "partial" };
    fetch("/settings/texts", { method: "POST", body, headers, keepalive: true }).catch(() => say("The size of the texts holds for this page alone."));
  }
  addEventListener("pagehide", send);

  // ---- long responses scroll together, each as far as the other

  const driven = new WeakMap(); // how far a pane was scrolled by this, and not by somebody
  const isTogether = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("together") !== "off";
      localStorage.setItem("together", value ? "on" : "off");
    } catch { /* without storage they scroll together */ }
    return value ?? true;
  };
  const way = (pane) => pane.scrollHeight - pane.clientHeight;

  function scrollOthers(pane) {
    if (!isTogether() || Math.abs((driven.get(pane) ?? -9) - pane.scrollTop) < 2) return;
    driven.delete(pane);
    for (const other of all("#responses .pane")) {
      if (other === pane || way(other) <= 0) continue;
      other.scrollTop = (pane.scrollTop / Math.max(way(pane), 1)) * way(other);
      driven.set(other, other.scrollTop);
    }
  }

  function readMenu() {
    const menu = one("#reading-menu"), together = one("#scroll-together");
    const chosen = one(`[value="${root.dataset.width ?? "normal"}"]`, menu);
    if (chosen) chosen.checked = true;
    if (together) together.checked = isTogether();
  }

  // ---- listeners

  document.addEventListener("click", (event) => {
    const at = event.target, of = (selector) => at.closest(selector);
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (of("[data-diff][href]")) {
      event.preventDefault();
      toggleDifference(of("[data-diff][href]"));
    } else if (of("[data-step]")) {
      event.preventDefault();
      resize(Number(of("[data-step]").dataset.step));
    } else if (of("[data-find]")) openFind();
    else if (of("[data-reading]")) readMenu();
    else if (of("#find [data-to]")) step(Number(of("[data-to]").dataset.to));
    else if (of("#find [data-close]")) closeFind();
  });
  document.addEventListener("change", ({ target }) => {
    if (target.closest("#reading-menu") && target.name === "text_width") widen(target.value);
    if (target.id === "scroll-together") isTogether(target.checked);
  });
  document.addEventListener("input", ({ target }) => {
    if (target.closest("#find")) find();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "find") event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    if (!event.target.closest?.("#find")) return;
    if (event.key === "Escape") {
      event.preventDefault();
      closeFind();
    } else if (event.key === "Enter" && event.target.matches("input") && !event.isComposing) {
      event.preventDefault();
      step(event.shiftKey ? -1 : 1);
    }
  }, true);
  document.addEventListener("scroll", ({ target }) => {
    if (target.matches?.(".pane")) scrollOthers(target);
  }, { capture: true, passive: true });
})();
