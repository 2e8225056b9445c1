// What HTML cannot do alone. Every page works without this file.
"use strict";

// A form that came back with errors: begin at the list of them.
document.getElementById("errors")?.focus();

// Ctrl+K or Cmd+K: search for a customer from anywhere.
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  const box = document.getElementById("search");
  if (box) box.select();
  else if (document.querySelector("nav")) location.assign("/customers/");
});

// A press that sends a form is enough: a second one must not send it twice.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
// The page may be shown again out of the browser's memory: let its forms work.
addEventListener("pageshow", () => {
  for (const form of document.forms) delete form.dataset.sent;
});

// A button beside a text that is meant for elsewhere: copy it, and say so.
for (const button of document.querySelectorAll("button[data-copy]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    const words = document.getElementById(button.dataset.copy);
    const told = document.getElementById(`${button.dataset.copy}-told`);
    try {
      await navigator.clipboard.writeText(words.value);
      told.textContent = "Copied.";
    } catch {
      words.select();
      told.textContent = "Selected: copy it with Ctrl+C.";
    }
  });
}

// The live part of a campaign: it does not ask while nobody looks …
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const bar = document.getElementById("progress-bar");
  if (!document.hidden && bar?.hasAttribute("hx-get")) htmx.trigger(bar, "wake");
});
// … and an answer from elsewhere (the log-in page, once logged out) is not put in.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (new URL(event.detail.xhr.responseURL).pathname === event.detail.pathInfo.requestPath.split("?")[0]) return;
  event.preventDefault();
  location.reload();
});
