"""Which functions become coroutine functions: those that do IO, and those that call them, to a fixpoint."""

from __future__ import annotations

import ast

from flake8_async_sqla.migrate.colouring.clients import Clients
from flake8_async_sqla.migrate.colouring.decorators import is_only_decorator, wrappings
from flake8_async_sqla.migrate.colouring.doubts import doubts
from flake8_async_sqla.migrate.colouring.drawn import Drawn, drawn
from flake8_async_sqla.migrate.colouring.entering import entries, protocols
from flake8_async_sqla.migrate.colouring.factories import factory_operations
from flake8_async_sqla.migrate.colouring.kept import kept
from flake8_async_sqla.migrate.colouring.operations import Operation, is_sync_object, operations
from flake8_async_sqla.migrate.colouring.references import Reference, join, override_groups, references
from flake8_async_sqla.migrate.colouring.requests import requesting
from flake8_async_sqla.migrate.colouring.roles import in_main_guard, is_manager, overridden_base, role
from flake8_async_sqla.migrate.colouring.scripts import Scripts
from flake8_async_sqla.migrate.colouring.stays import stays_sync
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.inference.twins import sync_class
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.migrate.project import FUNCTIONS, Sources, home
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.calls import ENGINE
from flake8_async_sqla.semantics.inference.functions import is_generator
from flake8_async_sqla.semantics.module import Module
from flake8_async_sqla.semantics.types import Function, FunctionNode


class Colouring:
    """The functions that become coroutine functions, and what stands in the way.

    Attributes:
        coloured: Those that are not coroutine functions yet, with the chain of calls that leads to the IO.
        operations: What has to change in them and in those that are coroutine functions already.
        calls: The calls of coloured functions that have to be awaited, entered or iterated.
        entered: What ``with`` enters by methods that become coroutine functions.
        bridged: Operations and calls that synchronous code runs in an event loop of its own.
        imported: Schema operations that run when a module is imported.
        clients: The test clients.
        commands: The coloured functions that a command line runs, each in an event loop of its own.
        scripts: The statements outside of functions that become coroutine functions.
        drawn: The sessions that ``next()`` takes out of generators, by the call that makes the generator.
    """

    def __init__(self, kinds: Kinds, sources: Sources, plan: Plan) -> None:
        """Colour to a fixpoint; what cannot be coloured is refused in the plan."""
        self._kinds, self._sources, self._plan = kinds, sources, plan
        self.clients = Clients(kinds, sources, plan)
        self.references = references(kinds, sources)
        self._groups = override_groups(sources)
        self._wrap(sources)
        own = kept(kinds, sources, self.references) if sources.options.bridge else {}
        self.sync = stays_sync(kinds, sources, self.references).including(own)
        self.coloured: dict[FunctionNode, tuple[Function, str]] = {}
        self.operations: list[Operation] = []
        self.calls: list[tuple[Reference, ast.Call, Function]] = []
        self.bridged: dict[ast.Call, tuple[Module, Operation | Function]] = {}
        self.entered: list[Reference] = []
        self.imported: list[Operation] = []
        self.commands: list[Function] = []
        self.drawn: dict[ast.Call, Drawn] = {}
        self.scripts, self._names = Scripts(sources), dict[ast.AST, str]()
        self._bridging = {"command", "entry"} | (set() if self.clients.change else {"test", "fixture"})
        for module in sources.modules:
            if not self.sync.is_module(module):
                made = factory_operations(kinds, module)
                for operation in (*operations(kinds, module), *made, *self.clients.operations(module)):
                    self._begin(operation)
        for node, places in own.items():
            for module, call, session in places:
                self._begin(Operation(module, call, "bridge", f"{node.name}()", session))
        doubts(kinds, sources, self, plan)
        self._judge_scripts()
        self._drop_bridges()

    def _wrap(self, sources: Sources) -> None:
        """Have the wrappers of the project's decorators change together with what is decorated."""
        for function, found in wrappings(self._kinds, sources):
            calls = [Reference(found.wrapper.module, name, "call") for name in found.calls]
            self.references.setdefault(function.node, []).extend(calls)
            join(self._groups, function, found.wrapper)
            if is_only_decorator(found, self.references):
                self.references[found.wrapper.node] = []
        for entering, leaving in protocols(sources):
            join(self._groups, entering, leaving)
        for function, entry in entries(self._kinds, sources):
            self.references.setdefault(function.node, []).append(entry)

    def is_coloured(self, node: FunctionNode) -> bool:
        """Tell whether a function is, or becomes, a coroutine function."""
        return node in self.coloured or isinstance(node, ast.AsyncFunctionDef)

    def _begin(self, operation: Operation) -> None:
        module, node = operation.module, operation.node
        scope = home(module, node)
        if operation.action == "sync_view":
            self.operations.append(operation)
        if operation.action == "sync_view" or self.sync.holds(module, node):
            return
        if operation.action == "refused":
            self._plan.refuse(module, node, operation.reason)
            return
        if scope.kind == "module" and operation.action == "schema" and not in_main_guard(module, node):
            self.imported.append(operation)
            return
        self.operations.append(operation)
        self._demand(module, node, operation, operation.name)

    def _demand(self, module: Module, node: ast.AST, what: Operation | Function, name: str) -> None:
        """Have a place await something."""
        scope = home(module, node)
        generator = module.scope_of(node)
        if generator.kind == "comprehension" and isinstance(generator.node, ast.GeneratorExp):
            self._plan.refuse(module, node, f"{name} in a generator expression would make it an asynchronous one")
        elif isinstance(scope.node, FUNCTIONS):
            self._demand_of(Function(module, scope.node), node, what, name)
        elif scope.kind == "module" and in_main_guard(module, node) and self._bridgeable(module, node, what):
            self._bridge(module, node, what)
        elif scope.kind == "module":
            self.scripts.places.setdefault(module, []).append(node)
            self._names[node] = name
        else:
            where = {"lambda": "a lambda", "class": "a class body"}.get(scope.kind, "code that runs at import")
            self._plan.refuse(module, node, f"{name} in {where} cannot be awaited")

    def _demand_of(self, function: Function, node: ast.AST, what: Operation | Function, name: str) -> None:
        module, found = function.module, role(self._kinds, function)
        chain = self.coloured[what.node][1] if isinstance(what, Function) and what.node in self.coloured else name
        if found.kind == "free":
            self.colour(function, chain)
        elif found.kind in self._bridging and self._bridgeable(module, node, what):
            self._bridge(module, node, what)
        elif found.kind in ("test", "fixture"):
            self.colour(function, chain)
        elif found.kind == "command" and not is_generator(module, function.node):
            self._command(function, chain)
        else:
            self._plan.refuse(module, node, f"{name} in {function.node.name}(): {found.reason}")

    def _command(self, function: Function, chain: str) -> None:
        """Make a command a coroutine function that something synchronous stands for."""
        own = Function(function.module, function.node)
        if own.node not in self.coloured:
            self.coloured[own.node] = own, f"{own.node.name} -> {chain}"
            self.commands.append(own)

    def colour(self, function: Function, chain: str) -> None:
        """Make a function a coroutine function, with all that follows from it."""
        node = function.node
        if self.is_coloured(node) or self.sync.holds(function.module, node):
            return
        found = role(self._kinds, function)
        if found.kind in ("barrier", "command", "entry"):
            self._plan.refuse(function.module, node, f"{node.name}() would have to be awaited: {found.reason}")
            return
        base = overridden_base(self._kinds, function)
        if base and not any(reference.use == "call" for reference in self.references.get(node, ())):
            reason = f"{node.name}() would have to be awaited, and {base}, which its class derives from, may call it"
            self._plan.refuse(function.module, node, reason)
            return
        own = Function(function.module, node)
        self.coloured[node] = own, f"{node.name} -> {chain}"
        for other in self._groups.get(node, ()):
            self.colour(other, chain)
        for reference in self.references.get(node, ()):
            self._follow(own, reference)
        for other in requesting(self._sources, own) if found.kind == "fixture" else ():
            self.colour(other, f"{node.name} -> {chain}")

    def _follow(self, function: Function, reference: Reference) -> None:
        module, node = reference.module, reference.node
        name = function.node.name
        call = module.parent(node)
        if reference.use == "enter" and call is not None:
            self._enter(function, reference, module.parent(call))
            return
        threaded = reference.use == "thread" and not is_generator(function.module, function.node)
        if isinstance(call, ast.Call) and (reference.use == "call" or threaded):
            if self.sync.holds(module, call):
                self._plan.refuse(module, node, f"{name}() is called by a function that has to stay synchronous")
            elif not self._is_drawn(module, call, function):
                self.calls.append((reference, call, function))
                self._demand(module, call, function, f"{name}()")
        elif reference.use == "sync":
            self._plan.refuse(module, node, f"{name} is given to something that needs a synchronous function")
        elif reference.use in ("passed", "thread") and role(self._kinds, function).kind != "fixture":
            self._plan.refuse(module, node, f"{name} becomes a coroutine function, but is passed on as a value here")

    def _enter(self, function: Function, entry: Reference, block: ast.AST | None) -> None:
        """Have a ``with`` enter what only ``async with`` will."""
        if self.sync.holds(entry.module, entry.node):
            self._plan.refuse(entry.module, entry.node, "this 'with' is entered by what has to stay synchronous")
        elif block is not None:
            self.entered.append(entry)
            self._demand(entry.module, block, function, f"{function.node.name}()")

    def _is_drawn(self, module: Module, call: ast.Call, function: Function) -> bool:
        """Tell whether a call makes a generator only for the session in it."""
        found = drawn(self._kinds, module, call, function)
        if found is not None:
            self.drawn[call] = found
            if found.block:
                self._demand(module, call, function, f"{function.node.name}()")
        return found is not None

    def _bridgeable(self, module: Module, node: ast.AST, what: Operation | Function) -> bool:
        """Tell whether ``asyncio.run`` can do something where nothing awaits it."""
        if not isinstance(node, ast.Call):
            return False
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        if isinstance(what, Function):
            given = any(is_sync_object(self._kinds.of(module, value)) for value in values)
            return not (given or is_generator(what.module, what.node) or is_manager(what))
        alone = isinstance(module.parent(node), ast.Expr)
        on_engine = what.action == "schema" and sync_class(self._kinds.of(what.module, what.target)) == ENGINE
        return alone and (what.name == "Engine.dispose" or on_engine)

    def _bridge(self, module: Module, node: ast.AST, what: Operation | Function) -> None:
        assert isinstance(node, ast.Call)
        self.bridged[node] = module, what

    def _judge_scripts(self) -> None:
        """Refuse what cannot be awaited at the top of a module."""
        for module in list(self.scripts.places):
            if reason := self.scripts.in_the_way(module):
                places = self.scripts.places.pop(module)
                starts = all(self._may_wait_for_start(module, node) for node in places)
                for node in places:
                    taken = self.drawn.get(node) if isinstance(node, ast.Call) else None
                    if taken is not None and taken.maker is not None:
                        self.drawn[taken.call] = taken._replace(block=())
                    elif starts and isinstance(node, ast.Call):
                        self.imported.append(Operation(module, node, "start", self._names[node]))
                    else:
                        self._plan.refuse(module, node, f"{self._names[node]} in {reason} cannot be awaited")

    def _may_wait_for_start(self, module: Module, node: ast.AST) -> bool:
        """Tell whether a module only calls a function when it is imported, as ``create_tables()``."""
        statement = module.parent(node)
        called = self._kinds.called(module, node) if isinstance(node, ast.Call) else None
        alone = isinstance(statement, ast.Expr) and module.parent(statement) is module.tree and not is_test(module)
        return alone and called is not None and called.node in self.coloured

    def _drop_bridges(self) -> None:
        """Await where a function was coloured after all, and report the bridges that remain."""
        for command in self.commands:
            for reference in self.references.get(command.node, ()):
                scope = home(reference.module, reference.node)
                if reference.use == "call" and isinstance(scope.node, FUNCTIONS) and self.is_coloured(scope.node):
                    reason = f"{command.node.name}() runs an event loop, which cannot be done in a coroutine"
                    self._plan.refuse(reference.module, reference.node, reason)
            self._plan.bridges.append(remark(command.module, command.node, f"asyncio.run() runs {command.node.name}()"))
        for call, (module, what) in list(self.bridged.items()):
            scope = home(module, call)
            if self.scripts.holds(module, call) or (isinstance(scope.node, FUNCTIONS) and self.is_coloured(scope.node)):
                del self.bridged[call]
                continue
            name = what.name if isinstance(what, Operation) else f"{what.node.name}()"
            self._plan.bridges.append(remark(module, call, f"asyncio.run() runs {name}"))
