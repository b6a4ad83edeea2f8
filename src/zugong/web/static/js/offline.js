// data-offline="name" on a form: one data-step is shown at a time; what was typed stays on this phone, with the form's own
// key, until the page after it bears data-done. A form that is sent without a network waits and goes by itself when there
// is one: the key makes it one record however often it is sent. Without this script all steps stand below one another.
(function () {
  "use strict";
  var form = document.querySelector("form[data-offline]"), SENT = "offline-sent", store, tab;
  try { store = window.localStorage; tab = window.sessionStorage; } catch (refused) { return; }
  var own = "draft:" + (document.body.dataset.user || "") + ":";  // signing out forgets it (drafts.js)
  var name = form && own + "offline:" + form.dataset.offline;
  var AGAIN = 15000, SHORT = 5000, timer;

  function typed() {
    return Array.from(form.elements).filter(function (field) {
      return field.name && field.name !== "csrfmiddlewaretoken" && !/^(file|submit|button)$/.test(field.type);
    });
  }

  function keep(waits) {
    var kept = typed().filter(function (field) { return !/^(radio|checkbox)$/.test(field.type) || field.checked; })
      .map(function (field) { return [field.name, field.value]; });
    try { store.setItem(name, JSON.stringify({ waits: waits, typed: kept })); } catch (full) { /* no room: typing goes on */ }
  }

  function restore() {
    var kept = null;
    try { kept = JSON.parse(store.getItem(name) || "null"); } catch (broken) { store.removeItem(name); }
    if (!kept || form.querySelector("[aria-invalid=true]")) return false;
    kept.typed.forEach(function (one) {
      typed().forEach(function (field) {
        if (field.name !== one[0]) return;
        if (!/^(radio|checkbox)$/.test(field.type)) field.value = one[1];
        else if (field.value === one[1]) field.checked = true;
      });
    });
    return kept.waits;
  }

  function alive(then, otherwise) {
    var over = new AbortController();
    var end = setTimeout(function () { over.abort(); }, SHORT);
    fetch(form.dataset.alive, { cache: "no-store", signal: over.signal })
      .then(function (answer) { clearTimeout(end); (answer.ok ? then : otherwise)(); }, otherwise);
  }

  function send() {
    clearTimeout(timer);
    alive(function () { tab.setItem(SENT, name); form.submit(); }, function () {
      keep(true);
      form.querySelector("[data-offline-note]").hidden = false;
      form.querySelector("[data-offline-note]").scrollIntoView();
      timer = setTimeout(send, AGAIN);
    });
  }

  function button(label, kind, deed) {
    var made = document.createElement("button");
    made.type = "button"; made.className = "button button-" + kind; made.textContent = label;
    made.addEventListener("click", deed);
    return made;
  }

  function inSteps() {
    var steps = Array.from(form.querySelectorAll("[data-step]")), last = form.querySelector("[data-last]");
    var wrong = steps.findIndex(function (step) { return step.querySelector("[aria-invalid=true], .field-wrong"); });
    var at = Math.max(wrong, 0);
    function show(place) {
      at = place;
      steps.forEach(function (step, here) { step.hidden = here !== at; });
      last.hidden = at !== steps.length - 1;
      var first = steps[at].querySelector("input:not([type=hidden]), textarea, select");
      if (first && place) first.focus();
    }
    if (steps.length < 2) return;
    steps.forEach(function (step, here) {
      if (here < steps.length - 1) step.append(button(form.dataset.next, "primary", function () { show(here + 1); }));
      if (here) step.append(button(form.dataset.back, "quiet", function () { show(here - 1); }));
    });
    show(at);
  }

  if (document.querySelector("[data-done]") && tab.getItem(SENT)) {
    store.removeItem(tab.getItem(SENT));
    tab.removeItem(SENT);
  }
  if (!form) return;
  var waits = restore();
  inSteps();
  form.addEventListener("input", function () { keep(false); });
  form.addEventListener("change", function () { keep(false); });
  form.addEventListener("submit", function (event) { event.preventDefault(); keep(true); send(); });
  window.addEventListener("online", function () { if (JSON.parse(store.getItem(name) || "{}").waits) send(); });
  if (waits) send();
})();
