"""Calls that block: they ran in a thread pool in a synchronous endpoint, and hold up the event loop in a coroutine."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flake8_async_sqla.migrate.colouring.colour import Colouring
from flake8_async_sqla.migrate.edits.threads import in_thread
from flake8_async_sqla.migrate.inference.kinds import Kinds
from flake8_async_sqla.migrate.model import Plan, remark
from flake8_async_sqla.semantics.blocking.event_loops import is_test
from flake8_async_sqla.semantics.inference.functions import own_nodes
from flake8_async_sqla.semantics.types import External, Function, FunctionNode, Member

_FUNCTIONS = frozenset(
    {
        "time.sleep", "os.system", "os.popen", "urllib.request.urlopen", "bcrypt.hashpw", "bcrypt.checkpw",
        "shutil.copyfile", "shutil.copytree", "shutil.rmtree", "werkzeug.security.generate_password_hash",
        "werkzeug.security.check_password_hash", "hashlib.pbkdf2_hmac", "hashlib.scrypt", "pika.BlockingConnection",
    }
)  # fmt: skip
_MODULES = ("requests.", "subprocess.", "smtplib.", "boto3.")
_METHODS = {
    "passlib.context.CryptContext": ("hash", "verify", "verify_and_update"),
    "pwdlib.PasswordHash": ("hash", "verify", "verify_and_update"),
    "argon2.PasswordHasher": ("hash", "verify"),
    "smtplib.SMTP": ("send_message", "sendmail", "login"),
    "emails.Message": ("send",),
    "httpx.Client": ("get", "post", "put", "patch", "delete", "request", "send"),
    "requests.Session": ("get", "post", "put", "patch", "delete", "request", "send"),
}
MAX_CALLS = 3


def hygiene_notes(kinds: Kinds, colouring: Colouring, plan: Plan, *, threads: bool) -> None:
    """Note the blocking calls that move onto the event loop, or hand them to threads.

    Args:
        kinds: Types.
        colouring: What runs on the event loop now.
        plan: Where the notes and edits go.
        threads: Whether to hand calls to threads.
    """
    for function, _ in colouring.coloured.values():
        if not is_test(function.module):
            for call, chain in _blocking(kinds, colouring, function, MAX_CALLS):
                if threads and in_thread(kinds, function.module, call, plan):
                    plan.changes.append(remark(function.module, call, f"a thread runs {chain}"))
                    continue
                text = f"{function.node.name}() runs on the event loop now, and {chain} blocks it: use a thread"
                plan.hygiene.append(remark(function.module, call, text))


def _blocking(kinds: Kinds, colouring: Colouring, function: Function, depth: int) -> Iterator[tuple[ast.Call, str]]:
    module = function.module
    for call in own_nodes(module, function.node, ast.Call):
        assert isinstance(call, ast.Call)
        name = _name(kinds, function, call)
        if name:
            yield call, name
            continue
        callee = kinds.called(module, call)
        if callee is None or not depth or _runs_elsewhere(colouring, callee.node, function.node):
            continue
        inner = next(_blocking(kinds, colouring, Function(callee.module, callee.node), depth - 1), None)
        if inner is not None:
            yield call, f"{callee.node.name}() -> {inner[1]}"


def _runs_elsewhere(colouring: Colouring, callee: FunctionNode, caller: FunctionNode) -> bool:
    return colouring.is_coloured(callee) or callee is caller


def _name(kinds: Kinds, function: Function, call: ast.Call) -> str:
    """Name what blocks; empty for anything else."""
    kind = kinds.of(function.module, call.func)
    if isinstance(kind, External) and (kind.path in _FUNCTIONS or kind.path.startswith(_MODULES)):
        return f"{kind.path}()"
    if isinstance(kind, Member) and kind.name in _METHODS.get(getattr(kind.receiver, "cls", ""), ()):
        return f"{kind.cls}.{kind.name}()"
    return ""
