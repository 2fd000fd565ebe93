"use strict";
(() => {
  const cases = [...document.querySelectorAll(".case")];
  const controls = ["search", "verdict", "flip", "tag"].map((id) => document.getElementById(id));
  const [search, verdict, flip, tag] = controls;
  const count = document.getElementById("count");
  let texts = null;
  let waiting = 0;

  function show() {
    // Read once, and not before somebody searches.
    if (search.value && !texts) texts = cases.map((one) => one.textContent.toLowerCase());
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    cases.forEach((one, place) => {
      const fits =
        (!verdict.value || one.dataset.v === verdict.value) &&
        (!flip || !flip.value || one.dataset.f === flip.value) &&
        (!tag.value || one.dataset.t.includes(` ${tag.value} `)) &&
        words.every((word) => texts[place].includes(word));
      one.hidden = !fits;
      shown += fits;
    });
    count.textContent = `${shown.toLocaleString("en")} of ${cases.length.toLocaleString("en")} cases`;
  }

  function openTarget() {
    const target = document.getElementById(location.hash.slice(1));
    for (let one = target; one; one = one.parentElement) if (one.matches("details")) one.open = true;
    // Parts that were never on screen have guessed heights: after each look the target moves.
    let looks = 5;
    const look = () => {
      target.scrollIntoView({ block: "center" });
      if (--looks) requestAnimationFrame(look);
    };
    if (target) look();
  }

  for (const control of controls.filter(Boolean)) {
    control.addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(show, control === search ? 120 : 0);
    });
  }
  document.querySelector(".filters").addEventListener("submit", (event) => event.preventDefault());
  addEventListener("hashchange", openTarget);
  // What is printed is open: nobody can unfold paper.
  addEventListener("beforeprint", () => {
    for (const one of cases) if (!one.hidden && one.dataset.v !== "right") one.open = true;
  });
  if (location.hash) openTarget();
})();
