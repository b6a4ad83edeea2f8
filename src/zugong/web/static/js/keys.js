// data-keys: "?" shows and hides the keys; "g d" goes home; "j" and "k" walk the rows of the first table.
(function () {
  "use strict";
  var sheet = document.querySelector("[data-keys]");
  var before = "";

  function typing(target) { return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName); }

  function toggleKeys() {
    if (!sheet) return;
    sheet.open = !sheet.open;
  }

  function walk(by) {
    var links = Array.from(document.querySelectorAll("main table tbody tr")).map(function (row) {
      return row.querySelector("a, button, summary, input");
    }).filter(Boolean);
    if (!links.length) return;
    var row = document.activeElement.closest("tr");
    var at = links.findIndex(function (link) { return link.closest("tr") === row; });
    var next = links[at < 0 ? 0 : Math.min(links.length - 1, Math.max(0, at + by))];
    next.focus();
  }

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (event.key === "?") toggleKeys();
    else if (event.key === "Escape" && sheet) sheet.open = false;
    else if (event.key === "j") walk(1);
    else if (event.key === "k") walk(-1);
    else if (event.key === "d" && before === "g") {
      var home = document.querySelector(".mark");
      if (home) window.location.assign(home.href);
    }
    before = event.key;
  });
})();
