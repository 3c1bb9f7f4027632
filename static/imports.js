// The form of a new import: a file that is too large is refused before it is sent, and a long upload says that it runs.
"use strict";
(() => {
  const file = document.getElementById("file");
  file.addEventListener("change", () => {
    const most = Number(file.dataset.mostBytes), chosen = file.files[0];
    file.setCustomValidity(chosen && chosen.size > most ? `This file is larger than ${Math.floor(most / 2 ** 20)} MiB.` : "");
    file.reportValidity();
  });
  file.form.addEventListener("submit", () => {
    if (!file.files.length || file.form.elements.origin.value !== "upload") return;
    file.form.querySelector("button.primary").textContent = "Uploading …";
    document.getElementById("status").textContent = "Uploading the file; this page changes when it is here.";
  });
})();
