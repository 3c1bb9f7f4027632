// Results while one types. Without this file the form searches when it is sent, as any form does.
//
// What is shown while typing has no address of its own: Enter gives it one. A word that is still being typed stands for
// all that begin with it. The field itself stays as it is while the list round it changes.
"use strict";
(() => {
  const PAUSE = 200, SAYING_PAUSE = 700, SHORTEST = 3;
  let timer = 0, saying = 0, shown = null; // the address of a list that is not in the URL

  const fieldOf = (target) => (target instanceof HTMLInputElement && target.id === "q" && target.form?.closest("#browse") ? target : null);
  const addressed = () => new URLSearchParams(location.search).get("q") ?? "";

  /** What is typed, with a star where the last word may not be complete. */
  function unfinished(field) {
    const typed = field.value.trim();
    if (field.selectionEnd !== field.value.length || /\s$/.test(field.value)) return typed;
    if ((typed.match(/["“”„]/g) ?? []).length % 2) return /[\p{L}\p{N}]$/u.test(typed) ? `${typed}"*` : typed;
    const word = typed.split(/\s/).at(-1).replace(/^(prompt|response):/i, "");
    return /^[\p{L}\p{N}]+$/u.test(word) && word.length >= SHORTEST ? `${typed}*` : typed;
  }

  function addressOf(form, q) {
    const address = new URL(form.action);
    const pairs = [...new FormData(form)].filter(([name, value]) => name !== "q" && value);
    if (q) pairs.push(["q", q]);
    address.search = new URLSearchParams(pairs);
    return address.pathname + address.search;
  }

  function show(form, q) {
    clearTimeout(timer);
    const address = addressOf(form, q);
    if (address === (shown ?? addressOf(form, addressed()))) return stop(form);
    shown = address;
    htmx.ajax("GET", form.action, { source: form, target: "#browse", swap: "outerMorph", push: "false", values: { q } });
  }

  /** Gives up a request that is on its way: what it would bring is shown already. */
  const stop = (form) => htmx.trigger(form, "htmx:abort");

  function typed(field) {
    clearTimeout(timer);
    timer = setTimeout(() => field.isConnected && show(field.form, unfinished(field)), PAUSE);
  }

  document.addEventListener("input", (event) => {
    const field = fieldOf(event.target);
    if (field && !event.isComposing) typed(field);
  });
  document.addEventListener("compositionend", ({ target }) => fieldOf(target) && typed(target));

  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event.target);
    if (!field || event.key !== "Escape" || event.isComposing) return;
    event.preventDefault(); // a browser would empty the field
    if (field.value === addressed() && shown === null) return field.blur();
    field.value = addressed();
    show(field.form, field.value);
    shown = null;
  }, true);

  document.addEventListener("submit", ({ target }) => {
    if (!target.closest("#browse")) return;
    clearTimeout(timer);
    shown = null;
  }, true);

  // Who follows a link out of such a list comes back to it.
  document.addEventListener("click", ({ target }) => {
    if (!target.closest("#browse a[href]")) return;
    clearTimeout(timer);
    if (shown === null) return;
    history.pushState({ htmx: true }, "", shown);
    shown = null;
  }, true);

  addEventListener("popstate", () => {
    clearTimeout(timer);
    shown = null;
  });

  document.addEventListener("htmx:after:swap", () => {
    clearTimeout(saying);
    if (!fieldOf(document.activeElement)) return;
    saying = setTimeout(() => {
      document.getElementById("status").textContent = document.getElementById("browse")?.dataset.announce ?? "";
    }, SAYING_PAUSE);
  });
})();
