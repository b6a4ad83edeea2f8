// data-lined: keep one number beside each line of the text while it is written.
(function () {
  "use strict";
  document.querySelectorAll("[data-lined]").forEach(function (lined) {
    var text = lined.querySelector("textarea");
    var numbers = lined.querySelector("ol");
    text.addEventListener("input", function () {
      var lines = text.value.split("\n").length;
      while (numbers.children.length > lines) numbers.lastElementChild.remove();
      while (numbers.children.length < lines) {
        var number = document.createElement("li");
        number.textContent = String(numbers.children.length + 1);
        numbers.append(number);
      }
      text.rows = lines + 1;
    });
  });
})();
