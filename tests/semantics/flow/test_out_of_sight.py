from __future__ import annotations

from pathlib import Path

import pytest

from tests.semantics.flow.noting import noted, noted_in
from tests.semantics.revealing import load

SCHEMAS = """
from pydantic import BaseModel, ConfigDict, TypeAdapter

class BookOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    title: str

class Out(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    books: list[BookOut]

class Bare(BaseModel):
    books: list[BookOut]

adapter = TypeAdapter(list[Out])
"""
HEAD = """
from typing import Annotated, Any, Optional
import fastapi
import schemas
from fastapi import APIRouter, FastAPI
from pydantic import TypeAdapter, parse_obj_as
from schemas import Bare, BookOut, Out, adapter
app = FastAPI()
router = APIRouter()
def wrapper(function): ...
"""
BOOKS = "books(title)"
ENDPOINTS: dict[str, tuple[str, list[str]]] = {
    "response_model": ("@app.get('/', response_model=Out)\nasync def f(): return a", [f"Out: a -> {BOOKS}"]),
    "router": ("@router.post('/', response_model=list[Out])\nasync def f(): return a", [f"list[Out]: a -> {BOOKS}"]),
    "annotation": ("@app.patch('/')\nasync def f() -> Out | None: return a", [f"Out | None: a -> {BOOKS}"]),
    "quoted": ("@app.put('/')\nasync def f() -> 'Optional[Out]': return a", [f"Optional[Out]: a -> {BOOKS}"]),
    "annotated": (
        "@app.get('/')\nasync def f() -> Annotated[Out, 'doc']: return a",
        [f"Annotated[Out, 'doc']: a -> {BOOKS}"],
    ),
    "module": ("@app.get('/', response_model=schemas.Out)\ndef f(): return a", [f"schemas.Out: a -> {BOOKS}"]),
    "model over annotation": (
        "@app.get('/', response_model=BookOut)\ndef f() -> Out: return a",
        ["BookOut: a -> title"],
    ),
    "api_route": ("@app.api_route('/', response_model=Bare)\ndef f(): return a", [f"Bare: a -> {BOOKS}"]),
    "two routes": (
        "@app.get('/', response_model=Out)\n@app.post('/', response_model=BookOut)\ndef f(): return a",
        [f"Out: a -> {BOOKS}", "BookOut: a -> title"],
    ),
    "add_api_route": ("def f() -> Out: return a\napp.add_api_route('/', f)", [f"Out: a -> {BOOKS}"]),
    "called decorator": ("def f(): return a\nrouter.get('/', response_model=Out)(f)", [f"Out: a -> {BOOKS}"]),
    "excluded": (
        "@app.get('/', response_model=Out, response_model_exclude={'books'})\ndef f(): return a",
        [f"Out: a -> {BOOKS}"],
    ),
    "returns": (
        "@app.get('/', response_model=BookOut)\ndef f():\n    if a: return b\n    return {'title': c}",
        ["BookOut: b -> title", "BookOut: {'title': c} -> title"],
    ),
    "nested function": (
        "def make():\n    @router.get('/')\n    async def f() -> Out: return a\n    return f",
        [f"Out: a -> {BOOKS}"],
    ),
    "no model": ("@app.get('/', response_model=None)\nasync def f() -> Out: return a", []),
    "no schema": ("@app.get('/')\nasync def f() -> dict[str, Any]: return a", []),
    "not FastAPI": ("class App:\n    def get(self, path): ...\nx = App()\n@x.get('/')\ndef f() -> Out: return a", []),
    "wrapped below": ("@app.get('/', response_model=Out)\n@wrapper\nasync def f(): return a", []),
    "options hidden": ("@app.get('/', **options)\nasync def f() -> Out: return a", []),
    "websocket": ("@app.websocket('/')\nasync def f() -> Out: return a", []),
    "generator": ("@app.get('/')\nasync def f() -> Out:\n    yield a\n    return", []),
    "plain function": ("async def f() -> Out: return a", []),
}
CALLS: dict[str, tuple[str, list[str]]] = {
    "model_validate": ("Out.model_validate(a)", [f"Out: a -> {BOOKS}"]),
    "keyword": ("Out.model_validate(obj=a)", [f"Out: a -> {BOOKS}"]),
    "from_orm": ("schemas.BookOut.from_orm(a)", ["schemas.BookOut: a -> title"]),
    "from_attributes": ("Bare.model_validate(a, from_attributes=True)", [f"Bare: a -> {BOOKS}"]),
    "comprehension": ("[BookOut.model_validate(x) for x in a]", ["BookOut: x -> title"]),
    "dictionary": ("Bare.model_validate({'books': a})", ["Bare: a -> title"]),
    "adapter": ("adapter.validate_python(a)", [f"list[Out]: a -> {BOOKS}"]),
    "adapter at once": ("TypeAdapter(Bare).validate_python(a, from_attributes=True)", [f"Bare: a -> {BOOKS}"]),
    "parse_obj_as": ("parse_obj_as(list[Out], a)", [f"list[Out]: a -> {BOOKS}"]),
    "map": ("list(map(Out.model_validate, a))", [f"Out: a -> {BOOKS}"]),
    "constructor": ("Bare(books=a)", ["Bare: a -> title"]),
    "spread": ("(*map(BookOut.from_orm, a),)", ["BookOut: a -> title"]),
    "no attributes": ("Bare.model_validate(a)", []),
    "ruled out": ("Out.model_validate(a, from_attributes=False)", []),
    "perhaps": ("Out.model_validate(a, from_attributes=flag)", []),
    "lazy map": ("map(Out.model_validate, a)", []),
    "construct": ("Out.model_construct(books=a)", []),
    "stars": ("Out(**a)", []),
    "unknown class": ("a.schema.model_validate(a)", []),
    "JSON": ("Out.model_validate_json(a)", []),
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_path_operations(name: str, tmp_path: Path) -> None:
    code, expected = ENDPOINTS[name]
    assert noted_in(tmp_path, HEAD + code, schemas=SCHEMAS) == [f"response model {note}" for note in expected]


@pytest.mark.parametrize("name", CALLS)
def test_validations(name: str, tmp_path: Path) -> None:
    code, expected = CALLS[name]
    found = noted_in(tmp_path, f"{HEAD}async def f(a, flag):\n    {code}", schemas=SCHEMAS)
    assert found == [f"schema {note}" for note in expected]


PATHS: dict[str, str] = {
    "root": "Jinja2Templates('pages')",
    "keyword": "Jinja2Templates(directory='pages')",
    "list": "Jinja2Templates(directory=['nowhere', 'pages'])",
    "parent": "Jinja2Templates(directory=Path(__file__).parent / 'pages')",
    "resolved": "Jinja2Templates(str(Path(__file__).resolve().parents[0].joinpath('pages')))",
    "name": "Jinja2Templates(FOLDER)",
    "other file": "Jinja2Templates(directory=places.PAGES)",
    "os.path": "Jinja2Templates(os.path.join(os.path.dirname(os.path.abspath(__file__)), 'pages'))",
    "f-string": "Jinja2Templates(f'{BASE}/pages')",
    "environment": "Jinja2Templates(env=Environment(loader=FileSystemLoader('pages')))",
    "choice": "Jinja2Templates(env=Environment(loader=ChoiceLoader([DictLoader({}), FileSystemLoader('pages')])))",
}
TEMPLATES = """
import os
from pathlib import Path
import places
from fastapi.templating import Jinja2Templates
from jinja2 import ChoiceLoader, DictLoader, Environment, FileSystemLoader
BASE = os.path.dirname(__file__)
FOLDER = Path(BASE, "pages")
"""


def templates(folder: Path, directory: str, body: str) -> list[str]:
    (folder / "pages").mkdir()
    (folder / "pages" / "a.html").write_text("{{ a.books }}{% include 'b.html' %}")
    (folder / "pages" / "b.html").write_text("{{ a.name }}")
    places = "from pathlib import Path\nPAGES = Path(__file__).absolute().parent / 'pages'\n"
    source = f"{TEMPLATES}templates = {directory}\ndef f(request, a, more):\n    {body}"
    return noted_in(folder, source, places=places)


@pytest.mark.parametrize("name", PATHS)
def test_template_directories(name: str, tmp_path: Path) -> None:
    found = templates(tmp_path, PATHS[name], "return templates.TemplateResponse(request, 'a.html', {'a': a})")
    assert found == ["template a.html: a -> books name"]


CONTEXTS = {
    "TemplateResponse(request, 'a.html', {'a': a})": 1,
    "TemplateResponse('a.html', {'request': request, 'a': a})": 1,
    "TemplateResponse(request=request, name='a.html', context=dict(a=a))": 1,
    "TemplateResponse(request, 'a.html', {**more, 'a': a})": 1,
    "get_template('a.html').render(a=a)": 1,
    "env.get_template('a.html').render({'a': a}, b=a)": 1,
    "TemplateResponse(request, 'a.html', {'a': a, **more})": 0,
    "TemplateResponse(request, 'a.html', more)": 0,
    "TemplateResponse(request, 'b.txt', {'a': a})": 0,
    "TemplateResponse(request, '../app.py', {'a': a})": 0,
    "TemplateResponse(request, more, {'a': a})": 0,
    "TemplateResponse(request, 'a.html', {'b': a})": 0,
    "get_template('a.html').generate(a=a)": 0,
}


@pytest.mark.parametrize("call", CONTEXTS)
def test_contexts(call: str, tmp_path: Path) -> None:
    assert len(templates(tmp_path, "Jinja2Templates('pages')", f"templates.{call}")) == CONTEXTS[call]


def test_a_context_that_grows(tmp_path: Path) -> None:
    body = "c = {'x': 1}\n    c['a'] = a\n    templates.TemplateResponse(request, 'a.html', c)"
    assert templates(tmp_path, "Jinja2Templates('pages')", body) == ["template a.html: a -> books name"]


@pytest.mark.parametrize("change", ["c['a'] = 1", "c[more] = 1", "c.update(more)", "c = more"])
def test_a_context_that_changes(change: str, tmp_path: Path) -> None:
    body = f"c = {{'a': a}}\n    if a:\n        {change}\n    templates.TemplateResponse(request, 'a.html', c)"
    assert templates(tmp_path, "Jinja2Templates('pages')", body) == []


def test_a_template_of_which_there_are_two(tmp_path: Path) -> None:
    (tmp_path / "api" / "pages").mkdir(parents=True)
    (tmp_path / "api" / "pages" / "a.html").write_text("{{ a.books }}")
    (tmp_path / "api" / "app.py").write_text("")
    body = "templates.TemplateResponse(r, 'a.html', {'a': a})"
    source = f"{TEMPLATES}templates = Jinja2Templates('pages')\ndef f(r, a): {body}"
    assert noted(load(tmp_path, {"api/app.py": source}, "api/app.py")) == ["template a.html: a -> books"]
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "a.html").write_text("{{ a.name }}")
    assert noted(load(tmp_path, {"api/app.py": source}, "api/app.py")) == []
