// The list of entries: rows that unfold, entries that are selected, and how a list comes back as it was left.
//
// Without this file rows lead to their entries, ticked boxes are sent by the form at the end of the list, and menus
// have a button. What one does to a list is kept in its place of the browser's history: focus and unfolded rows.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("#status").textContent = text; };
  const rowOf = (element) => element?.closest(".row");
  const idOf = (row) => row.id.slice(1);

  // ---- rows that unfold

  async function unfold(button) {
    const row = rowOf(button), open = one(".reading", row);
    if (open) {
      open.remove();
      button.setAttribute("aria-expanded", "false");
    } else {
      const q = new URLSearchParams(one("h2 a", row).search).get("q");
      const query = q ? `?${new URLSearchParams({ q })}` : "";
      const answer = await fetch(`/entries/${idOf(row)}/texts${query}`, { headers: { "HX-Request-Type": "partial" } });
      if (!answer.ok) return say("The texts could not be read.");
      const reading = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".reading");
      if (!reading || one(".reading", row)) return;
      reading.removeAttribute("id");
      row.append(reading);
      button.setAttribute("aria-expanded", "true");
    }
    remember();
  }

  // ---- selected entries: kept while the tab is open, so that they may come from several pages of the list

  const selected = () => one("#selected");
  const place = () => `selected ${selected().dataset.dataset}`;
  let ticked = new Set(), last = null;

  function recall() {
    if (!selected()) return;
    try {
      ticked = new Set(JSON.parse(sessionStorage.getItem(place()) ?? "[]"));
    } catch { /* without storage they are those of this page */ }
    if (one("#flag-notice")) ticked.clear();
    for (const box of all(".pick")) box.checked = ticked.has(box.value);
    showSelected();
  }

  function keep() {
    try {
      sessionStorage.setItem(place(), JSON.stringify([...ticked]));
    } catch { /* see above */ }
    showSelected();
  }

  function showSelected() {
    const boxes = all(".pick"), here = boxes.filter((box) => box.checked).length, everything = one("#select-all");
    const elsewhere = ticked.size - here ? `, ${ticked.size - here} not on this page` : "";
    selected().textContent = everything?.checked ? `${everything.dataset.total} selected` : `${ticked.size} selected${elsewhere}`;
    one("#selection").toggleAttribute("data-any", ticked.size > 0 || Boolean(everything?.checked));
    const these = one("#select-page");
    these.checked = here > 0 && here === boxes.length;
    these.indeterminate = here > 0 && here < boxes.length;
  }

  function tick(boxes, checked) {
    for (const box of boxes) {
      box.checked = checked;
      ticked[checked ? "add" : "delete"](box.value);
    }
    keep();
  }

  function tickRange(box) {
    const boxes = all(".pick"), ends = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    tick(boxes.slice(ends[0], ends[1] + 1), box.checked);
  }

  /** Asks before all that match are changed; adds what was ticked on other pages. */
  function send(event, form) {
    for (const added of all("[data-added]", form)) added.remove();
    const everything = one("#select-all"), asksItself = event.submitter?.hasAttribute("formaction");
    if (asksItself) event.stopImmediatePropagation();  // a page of its own, which the browser opens and htmx would not
    else if (everything?.checked) {
      const remove = event.submitter?.value === "unflag";
      if (!confirm(`${remove ? "Remove your flag of" : "Flag"} all ${everything.dataset.total} entries that match?`)) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      add(form, "confirmed", "yes");
    }
    const here = new Set(all(".pick").map((box) => box.value));
    for (const id of ticked) if (!here.has(id)) add(form, "entry", id);
  }

  function add(form, name, value) {
    const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
    input.dataset.added = "";
    form.append(input);
  }

  // ---- the list as it was left

  function remember() {
    if (!one("#browse")) return;
    const at = document.activeElement, focus = at.id || (rowOf(at) && rowOf(at).id);
    const open = all(".reading").map((reading) => idOf(rowOf(reading)));
    history.replaceState({ ...history.state, htmx: true, list: { focus, open } }, "");
  }

  const target = (id) => {
    const found = id && document.getElementById(id);
    return found?.matches(".row") ? one("h2 a", found) : found;
  };

  function bringBack() {
    const left = history.state?.list;
    const asked = location.hash.slice(1) || `e${new URLSearchParams(location.search).get("entry")}`;
    for (const id of left?.open ?? []) {
      const button = one(`#e${id} .unfold[aria-expanded=false]`);
      if (button) unfold(button);
    }
    const at = target(left?.focus ?? asked);
    if (!at?.closest("#browse")) return;
    at.focus({ preventScroll: true });
    if (!left) rowOf(at)?.scrollIntoView({ block: "center" });
  }

  // ---- listeners

  document.addEventListener("click", (event) => {
    const button = event.target.closest(".unfold");
    if (button) unfold(button);
    const box = event.target.closest(".pick");
    if (!box) return;
    if (event.shiftKey && last?.isConnected) tickRange(box);
    last = box;
  });
  // Before anybody leaves the list.
  document.addEventListener("click", (event) => event.target.closest("#browse a") && remember(), true);
  document.addEventListener("focusin", ({ target: at }) => {
    if (!rowOf(at)) return;
    clearTimeout(remember.later);
    const here = location.href;
    remember.later = setTimeout(() => location.href === here && remember(), 300);
  });
  document.addEventListener("change", ({ target: at }) => {
    if (at.matches(".pick")) tick([at], at.checked);
    if (at.id === "select-page") tick(all(".pick"), at.checked);
    if (at.id === "select-all") showSelected();
    if (at.matches("[data-sends]")) at.form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id === "selection") send(event, event.target);
  }, true);
  document.addEventListener("reset", (event) => {
    if (event.target.id !== "selection") return;
    ticked.clear();
    setTimeout(keep);
  });
  // A facet that is folded stays so: the server reads this cookie.
  document.addEventListener("toggle", ({ target: at }) => {
    if (!at.matches("details.facet")) return;
    const stored = document.cookie.match(/(?:^|; )folded=([^;]*)/)?.[1].split(".").filter(Boolean) ?? [];
    const name = at.id.replace("facet-", ""), folded = stored.filter((other) => other !== name);
    if (!at.open) folded.push(name);
    if (folded.length !== stored.length) document.cookie = `folded=${folded.join(".")}; path=/; max-age=31536000; samesite=lax`;
  }, true);

  document.addEventListener("htmx:after:swap", () => {
    clearTimeout(remember.later);
    if (!one("#browse")) return;
    recall();
    if (document.activeElement.matches("body, h1, #jump-entry")) bringBack();
  });
  // Kept whole by the browser, a page knows nothing of what was reviewed since.
  addEventListener("pageshow", (event) => {
    if (event.persisted && one("#browse")) location.reload();
  });

  recall();
  // Not before: a browser that goes to a part of the page takes the focus away.
  addEventListener("load", () => document.activeElement === document.body && bringBack());
})();
