// data-sheet: a sheet of boxes filled by keyboard. Enter and the arrows walk; nothing is sent until the button.
(function () {
  "use strict";
  document.querySelectorAll("form[data-sheet]").forEach(function (form) {
    var boxes = Array.from(form.querySelectorAll(".sheet input"));
    form.addEventListener("keydown", function (event) {
      var at = boxes.indexOf(event.target);
      var by = { Enter: 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
      if (at < 0 || !by || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      var next = boxes[at + by];
      if (next) { next.focus(); next.select(); }
      else if (by > 0) form.querySelector("button").focus();
    });
  });
})();
