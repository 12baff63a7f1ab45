// The selection of leads, kept while the table is refreshed; and the search field, when filters are taken away.
(() => {
  "use strict";

  const picked = new Set();
  const boxes = () => [...document.querySelectorAll('#selection input[name="lead"]')];

  const show = () => {
    const found = boxes();
    const whole = document.querySelector("[data-pick-page]");
    const label = document.querySelector("[data-picked]");
    const all = document.querySelector("[data-pick-all]");
    if (whole) {
      whole.checked = found.length > 0 && found.every((box) => box.checked);
      whole.indeterminate = !whole.checked && picked.size > 0;
    }
    if (label) {
      const count = picked.size.toLocaleString("en");
      label.textContent = all?.checked ? all.closest("label").textContent.trim() : `${count} selected`;
    }
    document.getElementById("selection")?.classList.toggle("picked", picked.size > 0);
  };

  // Boxes of the page that is shown; those of another page are not selected any more.
  const restore = () => {
    const found = boxes();
    const there = new Set(found.map((box) => box.value));
    for (const value of picked) if (!there.has(value)) picked.delete(value);
    for (const box of found) box.checked = picked.has(box.value);
    if (!picked.size) {
      const all = document.querySelector("[data-pick-all]");
      if (all) all.checked = false;
    }
    show();
  };

  const clear = () => {
    picked.clear();
    restore();
  };

  document.addEventListener("change", (event) => {
    const box = event.target;
    if (box.matches('#selection input[name="lead"]')) {
      if (box.checked) picked.add(box.value);
      else picked.delete(box.value);
    } else if (box.matches("[data-pick-page]")) {
      for (const each of boxes()) {
        each.checked = box.checked;
        if (box.checked) picked.add(each.value);
        else picked.delete(each.value);
      }
    } else if (!box.matches("[data-pick-all]")) return;
    show();
  });

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-pick-none]")) clear();
    if (event.target.closest("[data-clear]")) document.getElementById("search").value = "";
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && picked.size && !document.querySelector("dialog[open], :popover-open")) clear();
    if (event.key === "/" && !event.target.closest("input, textarea, select")) {
      event.preventDefault();
      document.getElementById("search")?.focus();
    }
  });

  // The table is fetched again when the list has moved, one time after the other: what moves meanwhile is
  // fetched behind it, and what could not be fetched is when the server can be reached.
  let isBusy = false;
  let isBehind = false;
  const refresh = async () => {
    isBehind = isBusy;
    const leads = document.getElementById("leads");
    if (isBusy || !leads) return;
    isBusy = true;
    try {
      await htmx.ajax("GET", leads.dataset.refresh, { target: "#leads", swap: "outerMorph" });
    } finally {
      isBusy = false;
      if (isBehind) refresh();
    }
  };
  let again = 0;
  document.addEventListener("moved", refresh);
  document.addEventListener("htmx:error", () => {
    clearTimeout(again);
    again = setTimeout(refresh, 2000);
  });

  document.addEventListener("htmx:after:swap", restore);
  for (const box of boxes()) if (box.checked) picked.add(box.value);
  restore();
})();
