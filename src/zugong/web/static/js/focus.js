// data-focus: where attention belongs when the page has come, such as the summary of errors.
(function () {
  "use strict";
  function look(within) {
    var wanted = within.querySelector("[data-focus]");
    if (wanted) wanted.focus();
  }
  look(document);
  document.addEventListener("htmx:afterSwap", function (event) { look(event.target); });
})();
