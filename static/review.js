// Answering: one key per decision, labels that decide others, categories by the beginning of their name.
//
// keys.js asks here first (event review:key). Which key does what stands on #review (data-keys); digits are fixed.
// A label field is a fieldset.field: .own while blind, .confirm after the reveal, else an open one.
"use strict";
(() => {
  const one = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const say = (text) => { one("#status").textContent = text; };

  const fields = () => all("#review fieldset.field");
  const current = () => one("#review .field[aria-current]") ?? fields()[0];
  const kind = (field) => field.dataset.kind;
  const isOwn = (field) => field.matches(".own");
  const verdict = (field) => one(".answer .seg input:checked", field)?.value ?? "";
  const ticked = (field) => all(".picker :checked", field);
  const isAnswered = (field) => "settled" in field.dataset || verdict(field) !== "" || (isOwn(field) && ticked(field).length > 0);
  const radio = (field, value) => one(`.answer input[value="${value}"]`, field);

  // ---- keys

  document.addEventListener("review:key", (event) => {
    if (one("#review") && press(event.detail.key, event.detail.at)) event.preventDefault();
  });

  function press(key, at) {
    const action = Object.entries(JSON.parse(one("#review").dataset.keys)).find(([, its]) => its === key)?.[0];
    if (/^\d$/.test(key)) return pressDigit(key, at);
    if (action === "tie") return chooseSide("tie");
    if (action === "safe" || action === "unsafe") return giveSafety(action === "safe");
    if (action === "take_back") return takeBack(current());
    if (action) return give(action);
    if (key === " " && !at.closest("a, button, input, summary, label, [tabindex='0']")) return click(one("#review .dock .primary"));
    if (key.startsWith("Arrow") && at.matches(".picker input")) return moveInPicker(key, at);
    return false;
  }

  function click(control) {
    control?.click();
    return Boolean(control);
  }

  function pressDigit(key, at) {
    const flags = at.closest(".flag-kinds");
    if (flags) {
      if (choose(all("input[type=radio]", flags)[key])) flags.hidePopover();
      return true;
    }
    const field = current(), fix = at.closest(".fix");
    if (!field) return false;
    const choices = all("input[type=radio]", fix ?? one(".answer", field)).filter((choice) => /^\d$/.test(choice.value));
    if (kind(field) === "severity" && (fix || isOwn(field)) && key < "4") {
      if (choose(choices.find((choice) => choice.value === key))) goOn(field);
      return true;
    }
    if (kind(field) === "categories" && isOwn(field) && key === "0") {
      choose(radio(field, "none"));
      goOn(field);
      return true;
    }
    if (kind(field) === "side" && (fix || isOwn(field)) && (key === "1" || key === "2")) return chooseSide(key);
    go(fields()[key - 1]);
    return true;
  }

  /** On a preference: 1 is the left response, 2 the right one, or a tie. */
  function chooseSide(which) {
    const field = current();
    if (!field || kind(field) !== "side" || field.matches(".confirm")) return false;
    if (isOwn(field)) choose(radio(field, { 1: "left", 2: "right" }[which] ?? which));
    else {
      choose(radio(field, "disagree"));
      const wanted = all(".fix input[type=radio]", field).find((choice) => choice.value === which || one("kbd", choice.parentElement)?.textContent === which);
      if (!choose(wanted)) return true;
    }
    goOn(field);
    return true;
  }

  function give(action) {
    const field = current();
    if (!field) return false;
    const input = radio(field, isOwn(field) && action === "unsure" ? "cannot_judge" : action);
    if (!input) return true;
    choose(input);
    const fix = action === "disagree" && !field.matches(".confirm") && (one(".fix .prefix", field) ?? one(".fix input:checked", field) ?? one(".fix input:not([type=text])", field));
    if (fix) fix.focus();
    else goOn(field);
    return true;
  }

  /** Of the label at hand, or else of the response that it speaks of. */
  function giveSafety(isSafe) {
    const at = current();
    const field = at && (kind(at) === "safe" ? at : fields().find((other) => kind(other) === "safe" && responseOf(other) === responseOf(at)));
    if (!field || field.matches(".confirm")) return Boolean(field);
    if (isOwn(field)) choose(radio(field, String(isSafe)));
    else if (field.dataset.stored === String(isSafe)) choose(radio(field, "agree"));
    else if (field.dataset.stored) choose(radio(field, "disagree"));
    else {
      choose(radio(field, "disagree"));
      choose(one(`.fix input[value="${isSafe}"]`, field));
    }
    goOn(field);
    return true;
  }

  const responseOf = (field) => field.dataset.of ?? field.dataset.answer?.split(".")[0] ?? "";

  function choose(input) {
    if (!input) return false;
    input.checked = true;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  function takeBack(field) {
    if (!field) return false;
    clear(field);
    field.focus();
    one("#entry").dataset.changed = "";
    field.dispatchEvent(new Event("change", { bubbles: true }));
    return true;
  }

  function clear(field) {
    for (const input of all(`.answer input, .fix input[type=radio]${isOwn(field) ? ", .picker input[type=checkbox]" : ""}`, field)) input.checked = false;
    delete field.dataset.filled;
  }

  function goOn(field) {
    const list = fields(), place = list.indexOf(field);
    go([...list.slice(place + 1), ...list.slice(0, place)].find((other) => !isAnswered(other)) ?? field);
  }

  function go(field) {
    if (!field) return;
    const prefix = isOwn(field) && !isAnswered(field) && one(".prefix", field);
    field.focus(); // which shows the categories
    if (prefix && !matchMedia("(pointer: coarse)").matches) prefix.focus();
  }

  // ---- what one label says of another; everything filled in may be overruled, and goes with what filled it in

  /** true, false, or undefined while it is not said. */
  function safety(field) {
    const said = verdict(field), stored = field.dataset.stored;
    if (isOwn(field)) return { true: true, false: false }[said];
    const chosen = one(".fix input:checked", field)?.value;
    if (said === "disagree") return stored ? stored !== "true" : { true: true, false: false }[chosen];
    return said === "agree" || !said ? { true: true, false: false }[stored] : undefined;
  }

  function fill(field, decide) {
    if (!field || field.matches(".confirm") || (isAnswered(field) && !("filled" in field.dataset))) return false;
    const wasFilled = "filled" in field.dataset;
    if (wasFilled) clear(field);
    if (!decide || !decide()) return false;
    field.dataset.filled = "";
    return true;
  }

  const check = (input) => {
    if (input) input.checked = true;
    return Boolean(input);
  };

  function fillFrom(field) {
    const of = (its) => fields().find((other) => kind(other) === its && responseOf(other) === responseOf(field));
    const severity = of("severity"), categories = of("categories"), isSafe = safety(field);
    const isSaid = isOwn(field) ? isSafe !== undefined : verdict(field) === "disagree";
    let filled = false;
    if (isOwn(field)) {
      filled = fill(severity, isSafe === true && (() => check(radio(severity, "0"))));
      filled = fill(categories, isSafe === true && (() => check(radio(categories, "none")))) || filled;
    } else {
      const no = (other) => check(radio(other, "disagree"));
      const none = () => no(categories) && all(".picker input", categories).every((box) => { box.checked = false; return true; });
      filled = fill(severity, isSaid && isSafe === true && severity?.dataset.stored > "0" && (() => no(severity) && check(one(".fix input[value='0']", severity))));
      filled = fill(categories, isSaid && isSafe === true && categories?.dataset.stored && none) || filled;
      fill(severity, isSaid && isSafe === false && severity?.dataset.stored === "0" && (() => no(severity)));
      fill(categories, isSaid && isSafe === false && !categories?.dataset.stored && (() => no(categories)));
    }
    if (filled) say("Severity 0 and no category are filled in; overrule them if they are not right.");
    fillSafer();
  }

  /** Exactly one safe response suggests the safer one. */
  function fillSafer() {
    const safer = fields().find((field) => kind(field) === "side" && /safer/.test(field.dataset.answer ?? one("input", field)?.name ?? ""));
    const said = fields().filter((field) => kind(field) === "safe");
    if (!safer || said.length !== 2) return;
    const safe = said.filter((field) => safety(field) === true), unsafe = said.filter((field) => safety(field) === false);
    const isClear = safe.length === 1 && unsafe.length === 1;
    if (isOwn(safer)) return void fill(safer, isClear && (() => check(radio(safer, responseOf(safe[0])))));
    const better = isClear && said.some((field) => verdict(field) === "disagree") && responseOf(safe[0]);
    const isStored = better === safer.dataset.stored;
    fill(safer, better && !isStored && (() => check(radio(safer, "disagree")) && check(one(`.fix input[value="${better}"]`, safer))));
  }

  // ---- categories

  /** "None" and "cannot judge" leave no category, and a category leaves neither. */
  function keepApart(input, field) {
    if (!isOwn(field) || kind(field) !== "categories" || !input.checked) return;
    const others = input.type === "radio" ? all(".picker :checked", field) : all(".answer :checked", field);
    for (const other of others) other.checked = false;
  }

  function moveInPicker(key, at) {
    const boxes = all("input[type=checkbox]", at.closest(".picker"));
    const step = key === "ArrowDown" || key === "ArrowRight" ? 1 : -1;
    boxes.at((boxes.indexOf(at) + step) % boxes.length).focus();
    return true;
  }

  const fits = (label, typed) => label.textContent.toLowerCase().split(/[\s,/]+/).some((_, i, words) => words.slice(i).join(" ").startsWith(typed));

  function narrow(prefix) {
    const typed = prefix.value.trim().toLowerCase();
    const labels = all("label", prefix.parentElement), found = typed ? labels.filter((label) => fits(label, typed)) : labels;
    for (const label of labels) label.classList.toggle("off", !found.includes(label));
    labels.forEach((label) => label.classList.toggle("hit", typed !== "" && label === found[0]));
    return typed ? found : [];
  }

  function pressInPrefix(event) {
    const prefix = event.target, field = prefix.closest(".field"), found = narrow(prefix);
    if (event.key === "Enter") {
      event.preventDefault();
      if (!prefix.value.trim()) return goOn(field);
      if (!found.length) return say("No category begins like that.");
      tick(one("input", found[0]), found[0]);
      prefix.value = "";
      narrow(prefix);
    } else if (event.key === "Backspace" && !prefix.value) {
      event.preventDefault();
      const last = ticked(field).at(-1);
      if (last) tick(last, last.parentElement);
      else takeBack(field);
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      one("input[type=checkbox]", prefix.parentElement).focus();
    } else if (event.key === "0" && !prefix.value && isOwn(field)) {
      event.preventDefault();
      choose(radio(field, "none"));
      goOn(field);
    }
  }

  function tick(box, label) {
    box.checked = !box.checked;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    say(`${label.textContent} ${box.checked ? "ticked" : "no longer ticked"}`);
  }

  // ---- listeners

  document.addEventListener("keydown", (event) => {
    if (event.target.matches?.(".prefix") && !event.isComposing) pressInPrefix(event);
  }, true);
  document.addEventListener("input", ({ target }) => {
    if (target.matches(".prefix")) narrow(target);
  });
  document.addEventListener("change", ({ target }) => {
    const field = target.closest("#review fieldset.field");
    if (!field) return;
    one("#entry").dataset.changed = "";
    if (target.closest(".take-back")) return takeBack(field);
    if (target !== field) {
      delete field.dataset.filled;
      keepApart(target, field);
    }
    if (kind(field) === "safe" && !field.matches(".confirm")) fillFrom(field);
  });

  // ---- flags: their button says which one is chosen

  document.addEventListener("change", ({ target }) => {
    if (!target.closest(".flag-kinds")) return;
    one(".flag-face").textContent = target.value ? target.value.replaceAll("_", " ") : "Flag";
    for (const other of all(".flag-kinds input")) other.autofocus = other === target;
  });
  document.addEventListener("click", ({ target, detail }) => {
    if (detail) target.closest(".flag-kinds label")?.parentElement.hidePopover(); // arrow keys click too, without a detail
  });

  /** Shows where the first key will act. */
  function arrive() {
    if (!one("#review")) return;
    for (const prefix of all(".prefix")) prefix.hidden = false;
    const open = fields().find((field) => !isAnswered(field)) ?? fields()[0];
    for (const field of all(".field[aria-current]")) field.removeAttribute("aria-current");
    open?.setAttribute("aria-current", "true");
  }
  document.addEventListener("review:arrived", arrive);
  arrive();
})();
