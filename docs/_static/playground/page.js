// The playground's page: sends what is typed to the worker, and shows what comes back.
const part = (id) => document.getElementById(id);
const [code, status, findings, notes, diff] = ["code", "status", "findings", "notes", "diff"].map(part);
const START = `from fastapi import Depends, FastAPI
from sqlalchemy import ForeignKey, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

engine = create_async_engine("postgresql://localhost/shop")
new_session = async_sessionmaker(engine)
app = FastAPI()


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    books: Mapped[list["Book"]] = relationship()


class Book(Base):
    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


async def get_session():
    async with new_session() as session:
        yield session


@app.get("/authors")
async def count_books(session: AsyncSession = Depends(get_session)):
    authors = (await session.scalars(select(Author))).all()
    return sum(len(author.books) for author in authors)


@app.post("/authors")
async def add_author(session: AsyncSession = Depends(get_session)):
    session.add(Author())
    session.commit()
`;
const pages = new Map();
let asked = 0;
let timer;

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
worker.onerror = (event) => say(`The playground cannot start: ${event.message || "its files are missing"}.`);
worker.onmessage = ({ data }) => {
  if (data.ready) return;
  if (data.failed) return say(`This is a defect of the playground: ${data.failed}`);
  if (data.number === asked) show(data);
};

function say(text) {
  status.textContent = text;
}

function ask() {
  asked += 1;
  const options = [`--async-sqla-target=${part("target").value}`];
  if (part("opinions").checked) options.push("--extend-select=ASQ9");
  const fixes = part("unsafe").checked ? ["--unsafe-fixes"] : [];
  worker.postMessage({ number: asked, source: code.value, options, fixes });
}

function show(data) {
  const count = data.findings.length;
  say(data.errors.trim() || (count ? `${count} finding${count === 1 ? "" : "s"}.` : "Nothing found."));
  findings.replaceChildren(...data.findings.map(item));
  notes.textContent = data.notes.trim();
  diff.hidden = !data.diff;
  diff.replaceChildren(
    ...data.diff.split("\n").map((line) => {
      const kinds = { "+": "added", "-": "removed", "@": "place" };
      return element("span", `${line}\n`, { className: kinds[line[0]] || "" });
    }),
  );
}

function item(finding) {
  const place = element("button", `${finding.line}:${finding.column}`, { type: "button", title: "Show in the editor" });
  place.addEventListener("click", () => select(finding));
  const link = element("a", `${finding.code} ${finding.rule}`, { href: `rules/${finding.code}.html` });
  const details = element("details", element("summary", "Why, and what to do"));
  details.addEventListener("toggle", () => explain(details, finding), { once: true });
  const fix = finding.fix && (finding.fix.safety ? `${finding.fix.safety} fix` : `no fix: ${finding.fix.reason}`);
  return element("li", place, " ", link, element("p", finding.message), element("p", fix || "no fix"), details);
}

async function explain(details, finding) {
  try {
    const response = await fetch(`rules/${finding.code}.html`);
    if (!response.ok) throw new Error(response.statusText);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    for (const id of ["what-it-does", "why-is-this-bad", "use-instead", "fix-safety"]) {
      const section = page.getElementById(id);
      for (const heading of section.querySelectorAll("h2")) {
        heading.replaceWith(element("p", element("strong", heading.firstChild.textContent)));
      }
      for (const scrolled of section.querySelectorAll("pre")) scrolled.tabIndex = 0;
      for (const link of section.querySelectorAll("a[href]")) link.href = new URL(link.getAttribute("href"), response.url);
      details.append(...section.childNodes);
    }
  } catch {
    details.append(element("p", finding.summary));
  }
}

function select({ line, column, end_line: endLine, end_column: endColumn }) {
  const starts = [0];
  for (const text of code.value.split("\n")) starts.push(starts.at(-1) + text.length + 1);
  // Columns count characters, as Python does; JavaScript counts those beyond U+FFFF twice.
  const at = (row, position) =>
    starts[row - 1] + [...code.value.split("\n")[row - 1]].slice(0, position - 1).join("").length;
  code.focus();
  code.setSelectionRange(at(line, column), at(endLine, endColumn));
  code.scrollTop = (line - 4) * (code.scrollHeight / starts.length);
}

function element(name, ...parts) {
  const made = document.createElement(name);
  for (const one of parts) {
    if (typeof one === "string" || one instanceof Node) made.append(one);
    else Object.assign(made, one);
  }
  return made;
}

async function example() {
  const rule = location.hash.slice(1);
  if (!/^ASQ\d{3}$/.test(rule)) return START;
  const response = await fetch(`rules/${rule}.html`);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  part("opinions").checked ||= rule.startsWith("ASQ9");
  return page.querySelector("#example pre")?.textContent ?? START;
}

async function begin() {
  code.value = await example();
  ask();
}

code.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 400);
});
for (const id of ["target", "opinions", "unsafe"]) part(id).addEventListener("change", ask);
window.addEventListener("hashchange", begin);
begin();
