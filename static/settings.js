// Keys by pressing them. Without this file they are typed.
"use strict";
(() => {
  const form = document.getElementById("keys-form"), clash = document.getElementById("keys-clash");
  const inputs = [...form.querySelectorAll("input[data-default]")];
  for (const hint of form.querySelectorAll(".if-script")) hint.hidden = false;

  document.addEventListener("keydown", (event) => {
    if (!inputs.includes(event.target) || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (/^(Tab|Escape|Shift|Arrow.*|F\d+|Dead|Unidentified|Process)$/.test(event.key)) return;
    event.preventDefault();
    event.target.value = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    compare();
  });
  form.addEventListener("input", compare);

  /** The server refuses it too, and then says more. */
  function compare() {
    const twice = inputs.filter((input) => inputs.some((other) => other !== input && other.value === input.value));
    for (const input of inputs) input.toggleAttribute("aria-invalid", twice.includes(input));
    clash.textContent = twice.length ? `✕ More than one action has the key ${twice[0].value}.` : "";
  }
})();
