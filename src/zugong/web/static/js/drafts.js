// data-draft="name": what was typed into this form survives a closed window, on this machine only.
// Never kept: passwords, files, hidden fields, and whatever stands under data-no-draft.
// data-draft-done="name" on a later page (the deed succeeded) clears it.
(function () {
  "use strict";
  var SKIP = /^(password|file|hidden|submit|button|reset)$/;
  var store;
  try { store = window.localStorage; } catch (refused) { return; }

  function key(name) { return "draft:" + name; }

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
    if (!kept || form.querySelector("[aria-invalid=true]")) return;
    try { write(form, JSON.parse(kept)); } catch (broken) { store.removeItem(key(form.dataset.draft)); return; }
    form.querySelectorAll("[data-draft-note]").forEach(function (note) { note.hidden = false; });
  }

  document.querySelectorAll("[data-draft-done]").forEach(function (done) { store.removeItem(key(done.dataset.draftDone)); });
  document.querySelectorAll("form[data-draft]").forEach(function (form) {
    restore(form);
    var waiting;
    form.addEventListener("input", function () { clearTimeout(waiting); waiting = setTimeout(keep, 300, form); });
    form.addEventListener("change", function () { keep(form); });
    form.addEventListener("reset", function () { store.removeItem(key(form.dataset.draft)); });
  });
})();
