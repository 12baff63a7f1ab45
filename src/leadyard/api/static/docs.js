"use strict";

const darkTheme = window.matchMedia("(prefers-color-scheme: dark)");

function followTheme() {
  document.documentElement.classList.toggle("dark-mode", darkTheme.matches);
}

darkTheme.addEventListener("change", followTheme);
followTheme();

// validatorUrl: null keeps the page from sending the document to another host.
window.SwaggerUIBundle({
  url: "/openapi.json",
  dom_id: "#reference",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
});
