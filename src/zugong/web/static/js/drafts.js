// data-draft="name": what was typed into this form survives a closed window, on this machine only.
// Never kept: passwords, files, hidden fields, and whatever stands under data-no-draft.
// Each is the signed-in person's own (data-user on the body): a shared computer shows it to nobody else.
// It is forgotten when the deed succeeded (the page after it bears data-done) and when its person signs out.
// data-switch on a form (language, type size): what stands in the page's forms is there again on the page it leads to.
(function () {
  "use strict";
  var SKIP = /^(password|file|hidden|submit|button|reset)$/;
  var SENT = "draft-sent", SWITCHED = "switched";
  var store, tab;
  try { store = window.localStorage; tab = window.sessionStorage; } catch (refused) { return; }

  var own = "draft:" + (document.body.dataset.user || "") + ":";

  function key(name) { return own + name; }

  function forgetAll() {
    Object.keys(store).forEach(function (name) { if (name.indexOf(own) === 0) store.removeItem(name); });
  }

  function forgetSent() {
    var sent = tab.getItem(SENT);
    tab.removeItem(SENT);
    if (sent && document.querySelector("[data-done]")) store.removeItem(sent);
  }

  function fields(form) {
    return Array.from(form.elements).filter(function (field) {
      return field.name && !SKIP.test(field.type) && field.autocomplete !== "off" && !field.closest("[data-no-draft]");
    });
  }

  function read(form) {
    var kept = {};
    fields(form).forEach(function (field) {
      if (/^(checkbox|radio)$/.test(field.type)) { if (field.checked) (kept[field.name] = kept[field.name] || []).push(field.value); }
      else if (field.multiple) kept[field.name] = Array.from(field.selectedOptions).map(function (one) { return one.value; });
      else if (field.value) kept[field.name] = [field.value];
    });
    return kept;
  }

  function write(form, kept) {
    fields(form).forEach(function (field) {
      var values = kept[field.name] || [];
      if (/^(checkbox|radio)$/.test(field.type)) field.checked = values.indexOf(field.value) >= 0;
      else if (field.multiple) Array.from(field.options).forEach(function (one) { one.selected = values.indexOf(one.value) >= 0; });
      else if (values.length) field.value = values[0];
    });
  }

  function keep(form) {
    try { store.setItem(key(form.dataset.draft), JSON.stringify(read(form))); } catch (full) { /* no room: typing goes on */ }
  }

  function restore(form) {
    var kept = store.getItem(key(form.dataset.draft));
    // What the server sent back after an error is newer than the draft.
    if (!kept || form.querySelector("[aria-invalid=true], .errors")) return;
    try { write(form, JSON.parse(kept)); } catch (broken) { store.removeItem(key(form.dataset.draft)); return; }
    form.querySelectorAll("[data-draft-note]").forEach(function (note) { note.hidden = false; });
  }

  function forms() { return Array.from(document.querySelectorAll("main form[method=post]")); }

  function here() { return location.pathname + location.search; }

  function again(form, event) {
    var wizard = document.querySelector("form[data-again]");
    if (!wizard) { tab.setItem(SWITCHED, JSON.stringify({ page: here(), typed: forms().map(read) })); return; }
    // Its earlier steps stand in no address: the page is asked for once more with all of them.
    event.preventDefault();
    var asked = new FormData(form);
    asked.append(event.submitter.name, event.submitter.value);
    fetch(form.action, { method: "POST", body: asked, redirect: "manual" }).then(function () {
      var mark = document.createElement("input");
      mark.type = "hidden"; mark.name = "again"; mark.value = "1";
      wizard.append(mark);
      wizard.submit();
    });
  }

  function bringBack() {
    var kept = JSON.parse(tab.getItem(SWITCHED) || "null");
    tab.removeItem(SWITCHED);
    if (!kept || kept.page !== here()) return;
    forms().forEach(function (form, place) { if (kept.typed[place]) write(form, kept.typed[place]); });
  }

  forgetSent();
  document.querySelectorAll("form[data-sign-out]").forEach(function (form) { form.addEventListener("submit", forgetAll); });
  document.querySelectorAll("form[data-switch]").forEach(function (form) {
    form.addEventListener("submit", function (event) { again(form, event); });
  });
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    restore(form);
    var waiting;
    form.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(keep, 300, form); });
    form.addEventListener("change", function () { keep(form); });
    form.addEventListener("submit", function () { clearTimeout(waiting); keep(form); tab.setItem(SENT, key(form.dataset.draft)); });
    form.addEventListener("reset", function () { store.removeItem(key(form.dataset.draft)); });
  });
  bringBack();
})();
