// data-fill="id" data-value="x": a proposal, clicked, answers its question; without script the page is asked again with it.
(function () {
  "use strict";
  document.querySelectorAll("[data-fill]").forEach(function (link) {
    link.addEventListener("click", function (event) {
      var field = document.getElementById(link.dataset.fill);
      if (!field) return;
      event.preventDefault();
      field.value = link.dataset.value;
      field.dispatchEvent(new Event("change", { bubbles: true }));
      field.focus();
    });
  });
})();
