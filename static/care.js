// What spares the people who read harmful texts: showing and blurring at once, reading while held, a way out, breaks.
// Without this file all of it works by plain forms and links, but for the holding and the breaks.
//
// The page of an entry says on #entry whether its texts are blurred, every other page on the root.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const state = () => one("#entry") ?? document.documentElement;
  const say = (text) => { one("#status").textContent = text; };

  // ---- shown or blurred in place, so that what is not yet saved stays

  let shownEntry = null; // an entry that comes back, since its form was refused, is not blurred again

  function show(isShown) {
    const root = state();
    if (!isShown) for (const text of all("#entry .text")) text.classList.add("veil");
    root.dataset.texts = isShown ? "shown" : "blurred";
    for (const text of all(".veil", root)) hide(text, !isShown);
    const switched = one("#texts")?.elements.shown;
    if (switched) switched.value = isShown ? "no" : "yes";
    shownEntry = isShown ? root.dataset.entry : null;
  }

  const hide = (text, isHidden) => (isHidden ? text.setAttribute("aria-hidden", "true") : text.removeAttribute("aria-hidden"));

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.id === "texts") {
      event.preventDefault();
      const isShown = form.elements.shown.value === "yes";
      if (!form.elements.entry) send(form); // an entry arrives blurred the next time
      show(isShown);
      say(isShown ? "Texts are shown." : "Texts are blurred.");
    } else if (form.id === "accept-note") {
      event.preventDefault();
      send(form);
      isAccepted = true;
      takeNoteAway();
      one("#entry-title")?.focus({ preventScroll: true });
    }
  });

  const send = (form) => fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });

  // ---- the note before the first text; pages that were fetched before it was read have it still

  let isAccepted = false;

  function takeNoteAway() {
    const entry = one("#entry");
    if (!entry || !("note" in entry.dataset)) return;
    one("#content-note").remove();
    delete entry.dataset.note;
    if (!one("[data-hold]", entry)) show(true); // nothing else blurs it
    for (const text of all(".veil", entry)) {
      if (one("[data-hold]", text.parentElement) || text.closest(".extra")) continue; // it stays as it arrives
      text.classList.remove("veil"); // it was blurred for the note alone
      hide(text, false);
    }
  }

  // ---- read while held

  let held = null, heldBy = null; // the text, and the button on which a key is down

  function hold(veiled, by = null) {
    held = veiled;
    heldBy = by;
    veiled.classList.add("held");
    for (const text of all(".veil", veiled)) hide(text, false);
  }

  function letGo() {
    if (!held) return;
    held.classList.remove("held");
    if (state().dataset.texts !== "shown") for (const text of all(".veil", held)) hide(text, true);
    held = heldBy = null;
  }

  const veiledAt = (at) => {
    const veiled = at instanceof Element && at.closest("[data-hold], .veil") ? at.closest(".veiled") : null;
    return veiled?.closest("[data-texts=blurred]:not([data-note])") && one("[data-hold]", veiled) && veiled;
  };

  document.addEventListener("pointerdown", (event) => {
    const veiled = event.button === 0 && veiledAt(event.target);
    if (veiled) hold(veiled);
  });
  for (const end of ["pointerup", "pointercancel", "dragstart"]) document.addEventListener(end, letGo);
  addEventListener("blur", letGo);
  document.addEventListener("focusout", ({ target }) => { if (heldBy === target) letGo(); });
  document.addEventListener("contextmenu", (event) => { if (held) event.preventDefault(); });
  const holdsByKey = (event) => (event.key === " " || event.key === "Enter") && event.target.closest?.("[data-hold]");
  document.addEventListener("keydown", (event) => {
    if (!holdsByKey(event)) return;
    event.preventDefault(); // keys.js leaves it alone then
    if (!held && veiledAt(event.target)) hold(veiledAt(event.target), event.target);
  }, true);
  document.addEventListener("keyup", (event) => {
    if (held && (event.key === " " || event.key === "Enter")) letGo();
  });

  // ---- the way out: at once, without a question, and Back does not lead to the text

  let isLeaving = false;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-leave]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    isLeaving = true;
    document.documentElement.dataset.leaving = "";
    location.replace(link.href);
  }, true);
  addEventListener("beforeunload", (event) => { if (isLeaving) event.stopImmediatePropagation(); }, true);
  addEventListener("pagehide", () => { if (one("#entry")) show(false); }); // the browser may keep the page for Back
  addEventListener("pageshow", () => {
    isLeaving = false;
    delete document.documentElement.dataset.leaving;
  });

  // ---- breaks: counted in this tab alone, and told to nobody

  const LONGEST_STILL = 60e3, A_BREAK = 10 * 60e3, LATER = 10 * 60e3;
  const fresh = () => ({ active: 0, severe: [], last: 0, quietUntil: 0 });
  let work = fresh();
  try { Object.assign(work, JSON.parse(sessionStorage.getItem("work"))); } catch { /* counted for this page */ }

  const keep = () => { try { sessionStorage.setItem("work", JSON.stringify(work)); } catch { /* likewise */ } };

  function rest() {
    work = fresh();
    keep();
  }
  if (one("[data-resting]")) rest();

  /** Active is who does something at least once a minute; who does nothing for ten had their break. */
  function stir() {
    const now = Date.now(), still = now - work.last;
    if (still < 1000 || document.hidden || !one("#review")) return;
    if (work.last && still > A_BREAK) rest();
    else if (work.last && still < LONGEST_STILL) work.active += still;
    work.last = now;
    suggest();
    keep();
  }
  for (const kind of ["keydown", "pointerdown", "pointermove", "wheel"]) document.addEventListener(kind, stir, { passive: true });

  function suggest() {
    const line = one("#break-line");
    if (!line) return;
    const minutes = Math.floor(work.active / 60e3), most = Number(line.dataset.minutes), severe = Number(line.dataset.severe);
    const isLong = most && minutes >= most, isMuch = severe && work.severe.length >= severe;
    const isTime = Boolean(isLong || isMuch) && work.active >= work.quietUntil;
    if (line.hidden !== isTime) return;
    line.hidden = !isTime;
    if (isTime) one("span", line).textContent = isLong ? `${minutes} minute${minutes === 1 ? "" : "s"} of reviewing: time for a break?` : `${work.severe.length} severe ${work.severe.length === 1 ? "entry" : "entries"}: time for a break?`;
  }

  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-later]")) return;
    work.quietUntil = work.active + LATER;
    keep();
    suggest();
    one("#entry-title")?.focus({ preventScroll: true });
  });

  // ---- an entry arrives, whoever put it there

  function arrive() {
    const entry = one("#entry");
    if (!entry) return;
    if (isAccepted) takeNoteAway();
    if (shownEntry && shownEntry === entry.dataset.entry) show(true);
    else shownEntry = entry.dataset.texts === "shown" ? entry.dataset.entry : null;
    if ("severe" in entry.dataset && one("#review") && !work.severe.includes(entry.dataset.entry)) work.severe.push(entry.dataset.entry);
    keep();
    suggest();
  }
  document.addEventListener("review:arrived", arrive);
  arrive();
})();
