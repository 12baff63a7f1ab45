// What pages cannot do without script. Everything here makes something nicer that works without it.
(() => {
  "use strict";

  const language = document.documentElement.lang || "en";
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });

  // Times are written in UTC by the server; here they become the reader's own.
  const localize = (root) => {
    for (const element of root.querySelectorAll("time[datetime]")) {
      const text = date.format(new Date(element.dateTime));
      element.title = text;
      if (!("relative" in element.dataset)) element.textContent = text;
    }
  };

  const copy = async (button) => {
    const source = document.getElementById(button.dataset.copy);
    const text = "value" in source ? source.value : source.textContent;
    const label = button.querySelector("[data-label]") || button;
    const before = label.textContent;
    try {
      await navigator.clipboard.writeText(text);
      label.textContent = "Copied";
    } catch {
      const range = document.createRange();
      range.selectNodeContents(source);
      getSelection().removeAllRanges();
      getSelection().addRange(range);
      label.textContent = "Press Ctrl+C";
    }
    setTimeout(() => { label.textContent = before; }, 2000);
  };

  // Buttons name the dialog they open; browsers that know `commandfor` do it themselves.
  const command = (button) => {
    if ("commandForElement" in HTMLButtonElement.prototype) return;
    const target = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") target.showModal();
    if (button.getAttribute("command") === "close") target.close();
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button?.dataset.copy) copy(button);
    if (button?.hasAttribute("commandfor")) command(button);
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    if (event.target.matches("dialog")) event.target.close();
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of document.querySelectorAll("details.menu[open]")) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });

  document.addEventListener("change", (event) => {
    if (event.target.closest("[data-autosubmit]")) event.target.form.requestSubmit();
  });

  // A form is sent once, however often its button is pressed.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method === "dialog" || "repeatable" in form.dataset) return;
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = "1";
  });
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
  });

  // Rows that can be ordered by their buttons can be dragged too.
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-sortable] > *") ?? null;
    dragged?.classList.add("dragged");
  });
  document.addEventListener("dragover", (event) => {
    const over = event.target.closest?.("[data-sortable] > *");
    if (!dragged || !over || over.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    const middle = over.getBoundingClientRect().top + over.offsetHeight / 2;
    if (over !== dragged) over[event.clientY < middle ? "before" : "after"](dragged);
  });
  document.addEventListener("dragend", () => {
    dragged?.classList.remove("dragged");
    dragged?.closest("form")?.requestSubmit(dragged.closest("form").querySelector("[data-save-order]"));
    dragged = null;
  });

  // What the page follows is over: what comes next is a page of its own.
  document.addEventListener("over", () => location.reload());

  // Whoever has no mouse scrolls wide tables with the arrow keys.
  const letScroll = () => {
    for (const element of document.querySelectorAll(".table-wrap, .chart-wrap")) {
      if (element.scrollWidth > element.clientWidth) element.tabIndex = 0;
      else element.removeAttribute("tabindex");
    }
  };
  addEventListener("resize", letScroll);

  letScroll();
  localize(document);
  document.addEventListener("htmx:after:swap", (event) => {
    localize(event.target instanceof Element ? event.target : document);
    letScroll();
    for (const dialog of document.querySelectorAll("dialog[data-open]:not([open])")) dialog.showModal();
  });
  for (const dialog of document.querySelectorAll("dialog[data-open]")) dialog.showModal();
})();
