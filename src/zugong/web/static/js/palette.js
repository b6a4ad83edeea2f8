// data-palette: Ctrl K goes to the search box; arrows, Enter and Esc move among what was found.
// htmx fetches the list. Without script the box is an ordinary form.
(function () {
  "use strict";
  var form = document.querySelector("[data-palette]");
  if (!form) return;
  var input = form.querySelector("input");
  var found = form.querySelector(".palette-found");

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", "palette-found");
  say();

  function options() { return Array.from(found.querySelectorAll("[role=option]")); }
  function chosen() { return found.querySelector("[aria-selected=true]"); }

  function say() {
    input.setAttribute("aria-expanded", String(options().length > 0));
    var now = chosen();
    if (now) input.setAttribute("aria-activedescendant", now.id);
    else input.removeAttribute("aria-activedescendant");
  }

  function choose(option) {
    options().forEach(function (other) { other.setAttribute("aria-selected", String(other === option)); });
    if (option) option.scrollIntoView({ block: "nearest" });
    say();
  }

  function move(by) {
    var all = options();
    if (!all.length) return;
    var at = all.indexOf(chosen());
    choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
  }

  function close() { found.textContent = ""; say(); }

  document.addEventListener("keydown", function (event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
      event.preventDefault();
      input.focus();
      input.select();
    }
  });
  input.addEventListener("keydown", function (event) {
    if (event.isComposing) return; // Enter and arrows belong to the pinyin input method
    if (event.key === "ArrowDown") { event.preventDefault(); move(1); }
    else if (event.key === "ArrowUp") { event.preventDefault(); move(-1); }
    else if (event.key === "Escape") { close(); input.blur(); }
    else if (event.key === "Enter" && chosen()) { event.preventDefault(); window.location.assign(chosen().href); }
  });
  input.addEventListener("input", function () { if (!input.value.trim()) close(); });
  found.addEventListener("htmx:afterSwap", function () { choose(options()[0]); });
  document.addEventListener("click", function (event) { if (!form.contains(event.target)) close(); });
})();
