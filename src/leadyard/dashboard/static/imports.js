// Sending a file: a bar that tells how far it is, and dropping the file on the page. Without it the form sends it too.
(() => {
  "use strict";
  const form = document.querySelector("form[data-upload]");
  if (!form) return;
  const input = form.querySelector("input[type=file]");
  const zone = form.querySelector("[data-dropzone]");
  const box = form.querySelector("[data-upload-progress]");
  const bar = box.querySelector("progress");
  const text = box.querySelector("[data-upload-text]");
  const button = form.querySelector("button");

  const stop = (message) => {
    button.disabled = false;
    bar.hidden = true;
    text.textContent = message;
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!input.files.length) return;
    const request = new XMLHttpRequest();
    box.hidden = bar.hidden = false;
    button.disabled = true;
    if (input.files[0].size > Number(form.dataset.upload)) { stop("The file is too large."); return; }
    request.upload.addEventListener("progress", (sent) => {
      bar.value = sent.lengthComputable ? (100 * sent.loaded) / sent.total : 0;
      text.textContent = bar.value < 100 ? `Sending the file: ${Math.floor(bar.value)} percent` : "Reading the rows";
      if (bar.value === 100) bar.removeAttribute("value");
    });
    request.addEventListener("load", () => {
      const page = new DOMParser().parseFromString(request.responseText, "text/html");
      const fault = page.querySelector(".notice.error");
      if (request.status < 400) location.assign(request.responseURL);
      else stop(fault ? fault.textContent.trim() : "The file could not be read.");
    });
    request.addEventListener("error", () => stop("The connection was lost. Send the file again."));
    request.open("POST", form.action);
    request.send(new FormData(form));
  });

  for (const name of ["dragenter", "dragover"]) {
    document.addEventListener(name, (event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      zone.classList.add("over");
    });
  }
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) zone.classList.remove("over"); });
  document.addEventListener("drop", (event) => {
    zone.classList.remove("over");
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    input.files = event.dataTransfer.files;
    form.requestSubmit();
  });
})();
