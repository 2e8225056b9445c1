// The preview of a text follows what is written and chosen. Without this file a
// button does the same.
"use strict";

const live = document.querySelector("[data-live]");
const form = live?.closest("form") ?? live;
const button = live?.querySelector("button[type=submit]");
let waiting;

// Words that were refused are shown as they stand, not as they were saved.
if (form && document.querySelector(".errornote")) form.requestSubmit(button);

// The turns are taken with what was saved, so they wait for what is typed.
const words = document.getElementById("templateversion_form");
words?.addEventListener("input", (event) => {
  const note = document.getElementById("unsaved");
  if (!note || !event.target.matches("#id_subject, #id_body, #id_note")) return;
  note.hidden = false;
  for (const turn of document.querySelectorAll(".turns button")) turn.disabled = true;
});

form?.addEventListener("input", (event) => {
  const patience = event.target.matches("textarea, input[type=text]") ? 700 : 0;
  clearTimeout(waiting);
  waiting = setTimeout(() => form.requestSubmit(button), patience);
});
