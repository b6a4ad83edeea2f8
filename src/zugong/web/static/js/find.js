// data-find: a long list of choices is searched by typing a name, its pinyin or its initials.
// Its value is a list of [pinyin, initials], one for each option in order. Without script it stays an ordinary list.
(function () {
  "use strict";
  var SHOWN = 8;

  document.querySelectorAll("select[data-find]").forEach(function (list) {
    var keys = JSON.parse(list.dataset.find);
    var all = Array.from(list.options).map(function (option, place) {
      return { option: option, home: option.parentNode, name: option.text.toLowerCase(), keys: keys[place] || ["", ""] };
    });
    var homes = Array.from(new Set(all.map(function (one) { return one.home; })));
    var box = document.createElement("input");
    var kept = list.value;
    var said = document.createElement("p");
    box.type = "search";
    box.autocomplete = "off";
    box.className = "find-box";
    box.placeholder = list.dataset.findAsks;
    box.setAttribute("aria-label", list.dataset.findAsks);
    said.className = "small muted";
    said.setAttribute("role", "status");
    list.before(box, said);

    function holds(one, words) {
      return one.name.indexOf(words) >= 0 || one.keys[0].indexOf(words) === 0 || one.keys[1].indexOf(words) >= 0;
    }

    function find() {
      var words = box.value.trim().toLowerCase().replace(/\s+/g, "");
      var found = all.filter(function (one) { return !words || (one.option.value && holds(one, words)); });
      homes.forEach(function (home) {
        home.replaceChildren.apply(home, found.filter(function (one) { return one.home === home; }).map(function (one) { return one.option; }));
        if (home !== list && home.children.length) list.append(home);
        else if (home !== list) home.remove();
      });
      list.size = words ? Math.max(2, Math.min(SHOWN, found.length)) : 1;
      said.textContent = words ? list.dataset.findSaid.replace("{n}", String(found.length)) : "";
      list.value = kept;
    }

    function choose() { kept = list.value; box.value = ""; find(); }

    box.addEventListener("input", function (event) {
      if (list.value) kept = list.value;
      if (!event.isComposing) find();
    });
    box.addEventListener("compositionend", find);
    box.addEventListener("keydown", function (event) {
      if (event.isComposing) return; // Enter and arrows belong to the pinyin input method
      if (event.key === "Escape" && box.value) { event.preventDefault(); box.value = ""; find(); }
      else if (event.key === "ArrowDown" && box.value) { event.preventDefault(); list.focus(); }
      else if (event.key === "Enter") {
        event.preventDefault();
        if (!box.value || !list.options.length) return;
        list.selectedIndex = 0;
        choose();
        list.dispatchEvent(new Event("change", { bubbles: true }));
      }
    });
    list.addEventListener("change", function () { kept = list.value; });
    ["click", "blur"].forEach(function (done) {
      list.addEventListener(done, function () { if (box.value && list.value) choose(); });
    });
    list.addEventListener("keydown", function (event) {
      if (event.key === "Enter" && box.value && list.value) { event.preventDefault(); choose(); }
    });
  });
})();
