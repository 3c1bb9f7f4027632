// Keyboard, focus and announcements. Everything here also works by mouse, and without this file by plain forms.
//
// A control says itself which key it has, by aria-keyshortcuts: a button or link is clicked, a field is focused.
// Only what has no control of its own (moving through rows) is written out below; of label fields review.js knows.
// All listeners sit on the document, so that swaps by htmx need no rebinding.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const isTyping = (element) => element.matches("textarea, select, input:not([type=radio], [type=checkbox])");

  // Single keys can be switched off, as WCAG 2.1.4 asks for.
  const stored = (value) => {
    try {
      if (value === undefined) return localStorage.getItem("keys") !== "off";
      localStorage.setItem("keys", value ? "on" : "off");
    } catch { /* without storage the choice holds for this page */ }
    return value ?? true;
  };
  let keysAct = stored();

  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const at = event.target;
    if (!(at instanceof Element) || one("dialog[open]")) return;
    if (event.key === "Escape") return leave(at);
    if (isTyping(at) || !keysAct) return;
    const key = event.key.length === 1 && !event.shiftKey ? event.key.toLowerCase() : event.key;
    if (event.repeat && !"jk".includes(key)) return;
    if (isBusy() || loading || press(key, at)) event.preventDefault();
  });

  const isBusy = () => one("#review")?.ariaBusy === "true";

  function press(key, at) {
    // review.js knows what a key means where labels are judged.
    if (!document.dispatchEvent(new CustomEvent("review:key", { cancelable: true, detail: { key, at } }))) return true;
    if (key === "j" || key === "k") return moveInRows(key === "j" ? 1 : -1);
    if (key === "x" || key === "o") return click(one(`.row[aria-current] ${key === "x" ? ".pick" : ".unfold"}`));
    if (key.startsWith("Arrow") && usesArrows(at)) return false;
    if (key === "Enter" && at.closest("a, button, summary")) return false;
    const control = all("[aria-keyshortcuts]").find(
      (element) => element.getAttribute("aria-keyshortcuts").split(" ").includes(key) && element.checkVisibility(),
    );
    if (!control) return false;
    if (isTyping(control)) {
      control.focus();
      control.select();
    } else control.click();
    return true;
  }

  const usesArrows = (at) => at.matches("input, summary, [tabindex='0']");

  function click(control) {
    control?.click();
    return Boolean(control);
  }

  function leave(at) {
    if (at.closest(".fix, .answer")) at.closest(".field").focus();
    else if (isTyping(at)) at.blur();
  }

  // ---- the list

  function moveInRows(step) {
    const rows = all(".rows > .row");
    if (!rows.length) return false;
    const now = rows.findIndex((row) => row.hasAttribute("aria-current"));
    const next = rows[Math.min(Math.max(now + step, 0), rows.length - 1)];
    one("h2 a", next).focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  function mark(element, among) {
    for (const other of all(`${among}[aria-current]`)) if (other !== element) other.removeAttribute("aria-current");
    element?.setAttribute("aria-current", "true");
  }

  // A field that is chosen may unfold, and another fold: not between a button going down and up, or the click would
  // land on something else.
  let isPressed = false, pressedField = null;
  document.addEventListener("pointerdown", () => { isPressed = true; }, true);
  for (const end of ["pointerup", "pointercancel"]) {
    document.addEventListener(end, () => {
      isPressed = false;
      setTimeout(() => {
        if (pressedField?.isConnected) mark(pressedField, ".field");
        pressedField = null;
      });
    }, true);
  }

  document.addEventListener("focusin", ({ target }) => {
    const field = target.closest("fieldset.field"), row = target.closest(".row");
    if (field && isPressed) pressedField = field;
    else if (field) mark(field, ".field");
    if (row) mark(row, ".row");
  });

  document.addEventListener("change", ({ target }) => {
    if (target.id === "keys-on") keysAct = stored(target.checked);
    if (target.closest("#review")) one("#entry").dataset.changed = "";
  });
  document.addEventListener("input", ({ target }) => {
    if (target.closest("#review")) one("#entry").dataset.changed = "";
  });

  // ---- nothing typed is lost by a slip

  const isChanged = () => one("#entry")?.dataset.changed !== undefined;
  let isSending = false;
  addEventListener("beforeunload", (event) => {
    if (isChanged() && !isSending) event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a");
    if (link?.id === "keys-link") {
      event.preventDefault();
      one("#keys-on").checked = keysAct;
      one("#keys-dialog").showModal();
    }
    if (link?.hasAttribute("data-leaves") && isChanged() && !confirm("Leave this entry without saving your verdicts?")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
  }, true);

  document.addEventListener("submit", () => {
    isSending = true;
    setTimeout(() => { isSending = false; });
  });

  // ---- what is used seldom: its file is loaded when somebody asks for it first, and then asked again

  const loaded = new Set();
  let loading = 0; // no key acts meanwhile: it may be meant for what is being opened
  async function load(script) {
    loaded.add(script);
    loading += 1;
    try {
      await import(script);
      return true;
    } catch {
      loaded.delete(script);
      say("This could not be loaded; try again.");
      return false;
    } finally {
      loading -= 1;
    }
  }
  document.addEventListener("click", async (event) => {
    const tool = event.target.closest("[data-script]");
    if (!tool || loaded.has(tool.dataset.script) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await load(tool.dataset.script)) tool.click();
  }, true);
  document.addEventListener("scroll", ({ target }) => {
    const script = target.dataset?.scrolls;
    if (script && !loaded.has(script)) load(script);
  }, { capture: true, passive: true });

  // ---- swaps

  const say = (text) => { one("#status").textContent = text; };
  let open = [], scrolled = 0, left = {};

  document.addEventListener("htmx:before:swap", ({ detail }) => {
    open = all("#browse details[open]").map((details) => details.id);
    scrolled = one(".facets")?.scrollTop ?? 0;
    const source = detail.ctx.sourceElement;
    left = {
      row: one(".row[aria-current]")?.id,
      focus: document.activeElement.id,
      popover: source?.closest?.("[popover]:popover-open")?.id,
      scroll: source?.closest?.("[data-stays]") ? scrollY : source === document.body ? null : 0,
    };
  });

  document.addEventListener("htmx:after:swap", ({ detail }) => {
    if (detail.ctx.sourceElement?.closest?.(".aside")) arriveInAside();
    else arrive();
  });
  document.addEventListener("review:put", arrive); // of saving.js

  function arrive() {
    const root = one("#browse, #entry, #import, #error");
    if (!root) return;
    const here = location.pathname + location.search;
    one("#texts").elements.next.value = here;
    one(".who").search = new URLSearchParams({ next: here });
    if (root.dataset.title) document.title = `${root.dataset.title} - SafeRLHF Review`;
    // Before the focus moves, for which the browser lays the page out.
    if (root.id === "entry") document.dispatchEvent(new Event("review:arrived"));
    const problem = one("#error, #form-alert");
    if (problem) {
      problem.focus();
      problem.scrollIntoView({ block: "nearest" });
    } else if (root.id === "import") {
      if (root.dataset.announce && document.activeElement === document.body) one("h1", root).focus({ preventScroll: true });
    } else if (root.id === "browse") {
      for (const id of open) document.getElementById(id)?.setAttribute("open", "");
      if (left.popover) document.getElementById(left.popover)?.showPopover({ source: one(`[popovertarget=${left.popover}]`) });
      one(".facets").scrollTop = scrolled;
      for (const id of [left.focus, "list-title"]) {
        if (document.activeElement === document.body) document.getElementById(id)?.focus({ preventScroll: true });
      }
      if (left.scroll) mark(document.getElementById(left.row), ".row");
      if (left.scroll !== null) scrollTo(0, left.scroll);
    } else {
      one("#entry-title").focus({ preventScroll: true });
      scrollTo(0, 0);
    }
    const announced = one("#flag-notice p")?.textContent ?? root.dataset.announce;
    if (announced && document.activeElement?.id !== "q") say(announced); // else search.js does
  }

  /** What stands beside an entry comes and changes without the entry being left. */
  function arriveInAside() {
    const aside = one("#thread"), place = one("[aria-invalid]", aside ?? undefined) ?? document.getElementById(left.focus);
    if (document.activeElement === document.body || place?.matches("[aria-invalid]")) place?.focus();
    if (aside) say(aside.dataset.announce);
  }

  document.addEventListener("htmx:error", () => {
    const text = "The server did not answer. Nothing was saved, what you entered is still here; try again.";
    const notice = one("#notice");
    if (notice) notice.textContent = `✕ ${text}`;
    say(text);
  });

  // ---- what the page of an entry could not send any more

  try {
    const isLeft = Object.keys(localStorage).some((key) => key.startsWith("unsent "));
    if (isLeft && !one("#entry")) import(document.currentScript.dataset.outbox);
  } catch { /* without storage nothing is left */ }
})();
