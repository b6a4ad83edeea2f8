// data-phone-fold: what is over and done with is closed on a phone and open on a desk. Without script it is open on both.
(function () {
  "use strict";
  var phone = window.matchMedia("(max-width: 48rem)");

  function fold() {
    document.querySelectorAll("details[data-phone-fold]").forEach(function (past) { past.open = !phone.matches; });
  }

  phone.addEventListener("change", fold);
  fold();
})();
