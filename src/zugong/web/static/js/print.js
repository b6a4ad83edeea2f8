// What is folded on the screen is printed too: on paper nobody can open it.
(function () {
  "use strict";
  window.addEventListener("beforeprint", function () {
    document.querySelectorAll("details:not([open])").forEach(function (one) { one.dataset.folded = "yes"; one.open = true; });
  });
  window.addEventListener("afterprint", function () {
    document.querySelectorAll("details[data-folded]").forEach(function (one) { delete one.dataset.folded; one.open = false; });
  });
})();
