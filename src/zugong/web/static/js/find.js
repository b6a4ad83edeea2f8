// data-find: a long list of choices is searched by typing a name, its pinyin or its initials.
// Its value is a list of [pinyin, initials], one for each option in order. Without script it stays an ordinary list.
// On a group of tick boxes the box narrows what is shown; what is ticked stays in sight.
(function () {
  "use strict";
  var SHOWN = 8;

  function holds(one, words) {
    return one.name.indexOf(words) >= 0 || one.keys[0].indexOf(words) === 0 || one.keys[1].indexOf(words) >= 0;
  }

  function searching(list) {
    var box = document.createElement("input");
    box.type = "search";
    box.autocomplete = "off";
    box.className = "find-box";
    box.placeholder = list.dataset.findAsks;
    box.setAttribute("aria-label", list.dataset.findAsks);
    return box;
  }

  function counting() {
    var said = document.createElement("p");
    said.className = "small muted";
    said.setAttribute("role", "status");
    return said;
  }

  function plain(words) { return words.trim().toLowerCase().replace(/\s+/g, ""); }

  document.querySelectorAll("select[data-find]").forEach(function (list) {
    var keys = JSON.parse(list.dataset.find);
    var all = Array.from(list.options).map(function (option, place) {
      return { option: option, home: option.parentNode, name: option.text.toLowerCase(), keys: keys[place] || ["", ""] };
    });
    var homes = Array.from(new Set(all.map(function (one) { return one.home; })));
    var box = searching(list);
    var said = counting();
    var kept = list.value;
    list.before(box, said);

    function find() {
      var words = plain(box.value);
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

  document.querySelectorAll(".choices[data-find]").forEach(function (group) {
    var keys = JSON.parse(group.dataset.find);
    var all = Array.from(group.querySelectorAll("label")).map(function (label, place) {
      return { label: label, tick: label.querySelector("input"), name: label.textContent.trim().toLowerCase(), keys: keys[place] || ["", ""] };
    });
    var box = searching(group);
    var said = counting();
    group.before(box, said);

    function find() {
      var words = plain(box.value);
      var found = all.filter(function (one) { return !words || holds(one, words); });
      all.forEach(function (one) { one.label.hidden = !one.tick.checked && found.indexOf(one) < 0; });
      said.textContent = words ? group.dataset.findSaid.replace("{n}", String(found.length)) : "";
    }

    box.addEventListener("input", function (event) { if (!event.isComposing) find(); });
    box.addEventListener("compositionend", find);
    box.addEventListener("keydown", function (event) {
      if (event.isComposing) return;
      if (event.key === "Escape" && box.value) { event.preventDefault(); box.value = ""; find(); }
      else if (event.key === "Enter") event.preventDefault(); // it searches, it does not send
    });
  });
})();
