"use strict";
(() => {
  const all = [...document.querySelectorAll("main details")];
  if (all.length > 1) {
    const buttons = document.createElement("p");
    buttons.className = "buttons";
    for (const [words, open] of [["Expand all", true], ["Collapse all", false]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.addEventListener("click", () => all.forEach((one) => { one.open = open; }));
      buttons.append(button);
    }
    document.querySelector("nav").append(buttons);
  }
  addEventListener("beforeprint", () => all.forEach((one) => { one.open = true; }));
  const show = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let one = target; one; one = one.parentElement) {
      if (one.tagName === "DETAILS") { one.open = true; }
    }
    if (target) { target.scrollIntoView(); }
  };
  addEventListener("hashchange", show);
  show();
})();
