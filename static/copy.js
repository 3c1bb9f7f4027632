// Buttons that copy a text of the page; without this file they are not there.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  const label = button.textContent;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const source = document.getElementById(button.dataset.copy);
    let said = "Copied";
    try {
      await navigator.clipboard.writeText(source.textContent);
    } catch { // without https, or when the browser forbids it
      getSelection().selectAllChildren(source);
      said = "Selected: copy it with your keyboard";
    }
    button.textContent = said;
    document.getElementById("status").textContent = said;
    setTimeout(() => { button.textContent = label; }, 3000);
  });
}
