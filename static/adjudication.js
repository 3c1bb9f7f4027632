// Settling by key: a digit adopts a value of the label at hand and goes to the next one that has none.
//
// keys.js asks here first (event review:key). Without this file the values are radio buttons like any others.
"use strict";
(() => {
  const labels = () => [...document.querySelectorAll("#adjudication .dispute")].filter((label) => label.checkVisibility());
  const isChosen = (label) => label.querySelector(".adopt input[type=radio]:checked") !== null;
  let last = null;

  const current = () => (last?.isConnected && last.checkVisibility() ? last : labels().find((label) => !isChosen(label)) ?? labels()[0]);

  function go(label) {
    if (!label) return;
    label.focus({ preventScroll: true });
    label.scrollIntoView({ block: "nearest" });
  }

  function mark(label) {
    last?.removeAttribute("aria-current");
    last = label;
    label?.setAttribute("aria-current", "true");
  }

  function adopt(digit) {
    const label = current();
    const cap = [...(label?.querySelectorAll(".adopt kbd") ?? [])].find((key) => key.textContent === digit);
    const input = cap?.parentElement.querySelector("input");
    if (!input) return;
    input.checked = true;
    document.getElementById("status").textContent = `${label.querySelector("legend").firstChild.textContent}: ${cap.nextSibling.textContent}`;
    const list = labels(), place = list.indexOf(label);
    go([...list.slice(place + 1), ...list.slice(0, place)].find((other) => !isChosen(other)) ?? label);
  }

  function step(by) {
    const list = labels(), now = last ? list.indexOf(last) : -1;
    go(list[Math.min(Math.max(now + by, 0), list.length - 1)]);
  }

  document.addEventListener("review:key", (event) => {
    const { key } = event.detail;
    if (!labels().length) return;
    if (/^[0-9]$/.test(key)) adopt(key);
    else if (key === "j" || key === "k") step(key === "j" ? 1 : -1);
    else return;
    event.preventDefault();
  });

  document.addEventListener("focusin", ({ target }) => {
    const label = target.closest("#adjudication .dispute");
    if (label) mark(label);
  });

  mark(current() ?? null);
})();
