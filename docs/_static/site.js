// What the pages do beyond being read. Without it they are complete, only longer to search.
const article = document.querySelector("article");

// The words of a text, and its pairs of neighbours.
function words(text) {
  const found = text.toLowerCase().match(/[a-z_]{2,}/g) ?? [];
  return new Set([...found, ...found.slice(1).map((word, number) => `${found[number]} ${word}`)]);
}

// Of the sections, the three that hold most of the rare words of a message; numbers and names in it are the reader's own.
function told(sections, message) {
  const texts = sections.map((section) => words(section.textContent));
  const titles = sections.map((section) => words(section.querySelector("h2").textContent));
  const scores = new Map(sections.map((section) => [section, 0]));
  for (const word of words(message)) {
    const holding = texts.filter((text) => text.has(word)).length;
    const weight = Math.log((sections.length + 1) / (holding || 1));
    sections.forEach((section, number) => {
      const times = texts[number].has(word) + 2 * titles[number].has(word);
      scores.set(section, scores.get(section) + weight * times);
    });
  }
  const best = Math.max(...scores.values());
  const fitting = sections.filter((section) => best > 0 && scores.get(section) >= 0.5 * best);
  return fitting.sort((one, other) => scores.get(other) - scores.get(one)).slice(0, 3);
}

function form(html) {
  const made = document.createElement("form");
  made.className = "narrow";
  made.setAttribute("role", "search");
  made.innerHTML = `${html}<output aria-live="polite"></output>`;
  made.addEventListener("submit", (event) => event.preventDefault());
  return made;
}

function errors() {
  const sections = [...article.querySelectorAll("section section")];
  const search = form('<label>Message or symptom <input type="search" name="q"></label>');
  const show = () => {
    const message = search.q.value.trim();
    const kept = message ? told(sections, message) : sections;
    for (const section of sections) section.hidden = !kept.includes(section);
    sections[0].parentElement.append(...kept);
    search.querySelector("output").textContent = message ? `${kept.length || "None"} of ${sections.length}` : "";
  };
  search.addEventListener("input", show);
  sections[0].before(search);
  search.q.value = new URLSearchParams(location.search).get("q") ?? "";
  show();
}

function index() {
  const rows = [...article.querySelectorAll("tbody tr")];
  const families = [...article.querySelectorAll("section section > h2")].map((title) => title.firstChild.textContent);
  const choice = (label, name, values) =>
    `<label>${label} <select name="${name}"><option value="">any</option>` +
    `${values.map((value) => `<option>${value}</option>`).join("")}</select></label>`;
  const search = form(
    '<label>Words <input type="search" name="q" placeholder="code, name, symptom"></label>' +
      choice("Family", "family", families) +
      choice("Fix", "fix", ["always", "sometimes", "never"]) +
      choice("On", "on", ["by default", "when selected"]),
  );
  const show = () => {
    const asked = search.q.value.toLowerCase().split(/\s+/);
    let count = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      const [fix, on] = [...row.cells].slice(-2).map((cell) => cell.textContent.trim());
      const family = row.closest("section").querySelector("h2").firstChild.textContent;
      const fits = (name, value) => !search[name].value || search[name].value === value;
      row.hidden = !(
        asked.every((word) => text.includes(word)) && fits("family", family) && fits("fix", fix) && fits("on", on)
      );
      count += !row.hidden;
    }
    for (const section of article.querySelectorAll("section section")) {
      section.hidden = !section.querySelector("tbody tr:not([hidden])");
    }
    search.querySelector("output").textContent = `${count} of ${rows.length}`;
  };
  search.addEventListener("input", show);
  article.querySelector("section section").before(search);
  search.q.value = new URLSearchParams(location.search).get("q") ?? "";
  show();
}

const name = location.pathname.split("/").slice(-2).join("/").replace(/\.html$/, "");
if (name === "rules/errors") errors();
if (name === "rules/index" || name === "rules/") index();
const code = name.match(/^rules\/(ASQ\d{3})$/)?.[1];
for (const link of code ? article.querySelectorAll('a[href$="playground.html"]') : []) link.hash = code;
// What scrolls must be reachable by keyboard.
for (const box of document.querySelectorAll("pre, .table-wrapper")) {
  if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
}
