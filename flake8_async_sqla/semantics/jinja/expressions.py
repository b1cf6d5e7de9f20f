"""What a Jinja expression reads."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flake8_async_sqla.semantics.jinja.tokens import END, NotUnderstood, Token
from flake8_async_sqla.semantics.jinja.values import MAX_PATH, Argument, Value, filtered, item_of, read_of_each

MAX_NESTING = 40
_BINARY = frozenset({"+", "-", "*", "/", "//", "%", "**", "~"})
_COMPARING = frozenset({"==", "!=", "<", ">", "<=", ">="})
_CONSTANTS = frozenset({"true", "false", "none", "True", "False", "None"})
_KEYWORDS = frozenset({"if", "else", "and", "or", "not", "is", "in", "recursive"})


class Expression:
    """One expression, read from its tokens.

    Attributes:
        reads: The paths that are certainly read.
    """

    def __init__(self, tokens: tuple[Token, ...], names: Mapping[str, Value | None], depth: int) -> None:
        """Start before the first token.

        Args:
            tokens: The tokens; reading ends where no expression can go on.
            names: What the names mean that are not variables of the context.
            depth: How many loops are around the expression.
        """
        self.tokens = tokens
        self.position = 0
        self.names = names
        self.depth = depth
        self.reads: list[tuple[str, ...]] = []
        self._nesting = 0

    @property
    def next(self) -> Token:
        """The token to come."""
        return self.tokens[self.position] if self.position < len(self.tokens) else END

    def take(self, *texts: str) -> bool:
        """Go past a name or operator, if it is the next token."""
        found = self.next.kind in ("name", "operator") and self.next.text in texts
        self.position += found
        return found

    def need(self, text: str) -> None:
        """Go past a name or operator that must come."""
        if not self.take(text):
            raise NotUnderstood

    def whole(self) -> Value | None:
        """Read an expression up to the end of the tokens."""
        value = self.value()
        if self.next is not END:
            raise NotUnderstood
        return value

    def iterable(self) -> Value | None:
        """Read what a loop goes over; an ``if`` after it is the loop's."""
        return self._either(True)

    def value(self) -> Value | None:
        """Read ``a if b else c``: only ``b`` is certainly evaluated."""
        self._nesting += 1
        if self._nesting > MAX_NESTING:
            raise NotUnderstood
        start = len(self.reads)
        found = self._either(False)
        while self.take("if"):
            del self.reads[start:]
            self._either(False)
            found = None
            if self.take("else"):
                self._perhaps(self.value)
        self._nesting -= 1
        return found

    def _perhaps(self, read: Callable[[], Value | None]) -> Value | None:
        """Read something that may not be evaluated."""
        start = len(self.reads)
        found = read()
        del self.reads[start:]
        return found

    def _either(self, consumed: bool) -> Value | None:
        found = self._both(consumed)
        while self.take("or"):
            other = self._perhaps(lambda: self._both(False))
            found = found if other is None else None
        return found

    def _both(self, consumed: bool) -> Value | None:
        found = self._operation(consumed)
        while self.take("and"):
            self._perhaps(lambda: self._operation(False))
            found = None
        return found

    def _operation(self, consumed: bool) -> Value | None:
        """Read operands joined by operators; all are evaluated, but for those after a second comparison."""
        if self.take("not"):
            self._operation(False)
            return None
        found = self._operand(consumed)
        comparisons = 0
        while self.next.kind in ("operator", "name"):
            text = self.next.text
            if text == "not" and self.tokens[self.position + 1 : self.position + 2] == (Token("name", "in"),):
                self.position += 1
                text = "in"
            if text not in _BINARY and text not in _COMPARING and text != "in":
                break
            self.position += 1
            comparisons += text not in _BINARY
            if comparisons > 1:
                self._perhaps(lambda: self._operand(False))
            else:
                self._operand(False)
            found = None
        return found

    def _operand(self, consumed: bool) -> Value | None:
        signed = False
        while self.take("-", "+"):
            signed = True
        found = self._primary()
        while True:
            if self.take("|"):
                found = self._filter(found, consumed)
            elif self.take("is"):
                self._test()
                found = None
            elif self.next.kind == "operator" and self.next.text in (".", "[", "("):
                found = self._postfix(found)
            else:
                return None if signed else found

    def _primary(self) -> Value | None:
        token = self.next
        self.position += 1
        if token.kind == "name" and token.text not in _KEYWORDS:
            if token.text in _CONSTANTS:
                return None
            return self.names[token.text] if token.text in self.names else Value((token.text,), 0)
        if token.kind == "string":
            while self.next.kind == "string":
                self.position += 1
            return None
        if token.kind == "number":
            return None
        if token == Token("operator", "("):
            return self._parenthesised()
        if token == Token("operator", "["):
            self._items("]")
            return None
        if token == Token("operator", "{"):
            self._items("}")
            return None
        raise NotUnderstood

    def _parenthesised(self) -> Value | None:
        if self.take(")"):
            return None
        found = self.value()
        if self.take(")"):
            return found
        self.need(",")
        self._items(")")
        return None

    def _items(self, end: str) -> list[Argument]:
        """Read arguments or items up to a bracket; list keywords and constants among them."""
        found: list[Argument] = []
        while not self.take(end):
            keyword = ""
            if self.next.kind == "name" and self.tokens[self.position + 1 : self.position + 2] == (_ASSIGN,):
                keyword = self.next.text
                self.position += 2
            while self.take("*", "**"):
                pass
            constant = self.next if self.next.kind in ("string", "number") else None
            before = self.position
            self.value()
            found.append((keyword, constant if self.position == before + 1 else None))
            if self.take(":"):
                self.value()
            if not self.take(","):
                self.need(end)
                break
        return found

    def _postfix(self, found: Value | None) -> Value | None:
        if self.take("."):
            token = self.next
            self.position += 1
            if token.kind == "number":
                return item_of(found)
            if token.kind != "name":
                raise NotUnderstood
            called = self.next == Token("operator", "(")
            return None if called else self.read(found, token.text)
        if self.take("("):
            self._items(")")
            return None
        self.need("[")
        return self._subscript(found)

    def _subscript(self, found: Value | None) -> Value | None:
        token, after = self.next, self.tokens[self.position + 1 : self.position + 2]
        if token.kind in ("string", "number") and after == (Token("operator", "]"),):
            self.position += 2
            return item_of(found) if token.kind == "number" else self.read(found, token.text)
        slicing = False
        while not self.take("]"):
            if self.take(":"):
                slicing = True
            else:
                self.value()
                if self.next not in (Token("operator", ":"), Token("operator", "]")):
                    raise NotUnderstood
        return found._replace(many=True) if slicing and found is not None else None

    def read(self, found: Value | None, name: str) -> Value | None:
        """Note that something is read of an object, if that is certain."""
        if found is None or found.many or len(found.path) >= MAX_PATH:
            return None
        path = (*found.path, name)
        if found.depth == self.depth:
            self.reads.append(path)
        return Value(path, found.depth)

    def _filter(self, found: Value | None, consumed: bool) -> Value | None:
        name = self.next.text
        if self.next.kind != "name":
            raise NotUnderstood
        self.position += 1
        while self.take("."):
            name = f"{name}.{self.next.text}"
            self.position += 1
        arguments = self._items(")") if self.take("(") else []
        if name == "attr":
            return self.read(found, arguments[0][1].text) if arguments and arguments[0][1] is not None else None
        if found is None:
            return None
        each: Value | None = found.item
        for part in read_of_each(name, arguments, consumed or self.next == Token("operator", "|")):
            each = item_of(each) if part.isdigit() else self.read(each, part)
        return filtered(found, name)

    def _test(self) -> None:
        self.take("not")
        if self.next.kind != "name":
            raise NotUnderstood
        self.position += 1
        token = self.next
        if self.take("("):
            self._items(")")
        elif token.kind == "operator":
            if token.text in "[{":
                self._primary()
        elif token.kind != "end" and token.text not in _KEYWORDS:
            self._primary()


_ASSIGN = Token("operator", "=")
