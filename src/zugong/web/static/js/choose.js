// data-choose-all ticks every row's box, and is ticked while they all are.
(function () {
  "use strict";
  document.querySelectorAll("[data-choose-all]").forEach(function (all) {
    var form = all.closest("form");
    function boxes() { return Array.from(form.querySelectorAll("tbody input[type=checkbox]")); }
    function tell() {
      var ticked = boxes().filter(function (box) { return box.checked; });
      boxes().forEach(function (box) { box.closest("tr").classList.toggle("is-chosen", box.checked); });
      all.checked = ticked.length > 0 && ticked.length === boxes().length;
      all.indeterminate = ticked.length > 0 && !all.checked;
    }
    all.addEventListener("change", function () {
      boxes().forEach(function (box) { box.checked = all.checked; });
      tell();
    });
    form.addEventListener("change", tell);
    tell();
  });
})();
