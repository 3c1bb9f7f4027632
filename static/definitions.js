// Definitions and guideline in a dialog over the review screen, and a filter for the categories.
//
// Loaded when somebody asks for them first, or by their page, where only the filter is needed. Without this file the
// control is a link that leads to that page.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  let dialog = null;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-definitions]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open(link.href);
  });

  function open(address) {
    dialog ??= makeDialog();
    if (dialog.dataset.address !== address) {
      dialog.dataset.address = address;
      one(".definitions-place", dialog).textContent = "Loading …";
    }
    dialog.showModal();
    load(address);
  }

  function makeDialog() {
    const made = document.createElement("dialog");
    made.id = "definitions-dialog";
    made.setAttribute("aria-labelledby", "definitions-title");
    made.innerHTML = `<div class="dialog-head"><h2 id="definitions-title">Definitions</h2>
      <form method="dialog"><button>Close <kbd>Esc</kbd></button></form></div><div class="definitions-place" tabindex="-1"></div>`;
    document.body.append(made);
    return made;
  }

  /** Each time anew, since the guideline may have changed; what was there before stays until that, or without network. */
  async function load(address) {
    const place = one(".definitions-place", dialog);
    try {
      const answer = await fetch(address, { headers: { "HX-Request-Type": "partial" } });
      if (!answer.ok) throw new Error(answer.statusText);
      const found = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("definitions");
      const shown = one("#definitions", place);
      if (shown && shown.dataset.version === found.dataset.version) return;
      place.replaceChildren(document.adoptNode(found));
      one("#find-category")?.focus();
    } catch {
      if (!one("#definitions", place)) place.textContent = "The definitions could not be loaded.";
    }
  }

  // A row of the list stays while one of its words begins as what is typed.
  document.addEventListener("input", ({ target }) => {
    if (target.id !== "find-category") return;
    const typed = target.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const rows = [...document.querySelectorAll("#categories > div")];
    for (const row of rows) {
      const words = row.dataset.words.toLowerCase().split(/[^\p{L}\p{N}]+/u);
      row.hidden = !typed.every((start) => words.some((word) => word.startsWith(start)));
    }
    const left = rows.filter((row) => !row.hidden).length;
    one("#no-category").hidden = left > 0;
    one("#status").textContent = left === 1 ? "1 category" : `${left} categories`;
  });
})();
