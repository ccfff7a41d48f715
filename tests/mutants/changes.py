"""Small faults that can be put into a module: each changes one place of its syntax tree."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator
from typing import Any, NamedTuple

CONTEXT = 60
"""Characters that are shown before and after a change within its line."""


class Mutant(NamedTuple):
    """A module with one fault in it."""

    module: str
    """Dotted name."""
    line: int
    kind: str
    before: str
    """The changed place as it was, in its line."""
    after: str
    """The same with the fault."""
    source: str
    """The whole module with the fault."""


class Change(NamedTuple):
    """Something else in one place of a syntax tree."""

    kind: str
    line: int
    holder: ast.AST
    field: str
    number: int | None
    """Index in a field that is a list."""
    value: object

    def exchange(self, value: object) -> object:
        """Puts `value` into the place and returns what was there."""
        if self.number is None:
            before = getattr(self.holder, self.field)
            setattr(self.holder, self.field, value)
            return before
        values = getattr(self.holder, self.field)
        before, values[self.number] = values[self.number], value
        return before


def mutants(module: str, text: str) -> list[Mutant]:
    """Every module that differs from `text` in one place, in the order of the places; none twice."""
    tree = ast.parse(text)
    whole = ast.unparse(tree)
    made: dict[str, Mutant] = {}
    for change in list(changes(tree)):
        before = change.exchange(change.value)
        source = ast.unparse(ast.fix_missing_locations(tree))
        change.exchange(before)
        if source != whole and source not in made:
            made[source] = Mutant(module, change.line, change.kind, *_difference(whole, source), source)
    return list(made.values())


def _difference(before: str, after: str) -> tuple[str, str]:
    lines = [line for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line[:2] in ("- ", "+ ")]
    gone, come = (" ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
    begin = _alike(gone, come)
    end = _alike(gone[begin:][::-1], come[begin:][::-1])
    return _around(gone, begin, len(gone) - end), _around(come, begin, len(come) - end)


def _alike(one: str, other: str) -> int:
    """How many characters two texts have in common at their beginning."""
    return next(
        (number for number, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )


def _around(text: str, begin: int, end: int) -> str:
    first, last = max(begin - CONTEXT, 0), end + CONTEXT
    return f"{'...' if first else ''}{text[first:last]}{'...' if last < len(text) else ''}"


_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
_OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}
_FUNCTIONS = {
    "min": "max",
    "max": "min",
    "any": "all",
    "all": "any",
    "bisect_left": "bisect_right",
    "bisect_right": "bisect_left",
}
_SYMMETRIC = frozenset({"min", "max", "isinstance", "cast", "getattr", "setattr"})
"""Calls whose arguments are not exchanged: nothing changes by it, or nothing works any more."""
_UNTOUCHED = frozenset({"annotation", "returns", "decorator_list", "bases", "type_params"})
"""Fields that say nothing of what is computed."""
_OF_TYPES = frozenset({"Literal", "Annotated", "Callable", "TypeVar"})
_PASSED_OVER = frozenset({"__repr__", "example"})
"""Functions that are made for readers."""


def changes(tree: ast.Module) -> Iterator[Change]:
    """Every change of a module; what says nothing of a computation (types, messages, docstrings) is left alone."""
    for index, statement in enumerate(tree.body):
        yield from _within(tree, "body", index, statement, _Place())


class _Place(NamedTuple):
    """Where a node stands."""

    function: ast.AST | None = None
    of_class: bool = False
    """Directly in the body of a class."""
    of_message: bool = False
    """Within what is raised: texts are for readers there."""


def _within(holder: ast.AST, field: str, index: int | None, node: ast.AST, place: _Place) -> Iterator[Change]:
    if _is_left_alone(node):
        return
    yield from (Change(kind, getattr(node, "lineno", 0), *where) for kind, *where in _of(holder, field, index, node, place))
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        place = _Place(node)
    elif isinstance(node, ast.ClassDef):
        place = _Place(None, True)
    elif isinstance(node, ast.Raise):
        place = place._replace(of_message=True)
    for name, value in ast.iter_fields(node):
        if name in _UNTOUCHED or (name == "keywords" and isinstance(node, ast.ClassDef)):
            continue
        if isinstance(value, list):
            for number, one in enumerate(value):
                if isinstance(one, ast.AST):
                    yield from _within(node, name, number, one, place)
        elif isinstance(value, ast.AST):
            yield from _within(node, name, None, value, place)


def _is_left_alone(node: ast.AST) -> bool:
    match node:
        case ast.Expr(ast.Constant()) | ast.Import() | ast.ImportFrom() | ast.Assert():
            return True
        case ast.FunctionDef(name=name) if name in _PASSED_OVER:
            return True
        case ast.Subscript(ast.Name(name)) if name in _OF_TYPES:
            return True
        case ast.Assign([ast.Name(name)]) if name in {"__all__", "__slots__"}:
            return True
        case ast.Raise(ast.Call(ast.Name("AssertionError"))):
            return True
        case _:
            return False


_Made = tuple[str, ast.AST, str, int | None, Any]


def _of(holder: ast.AST, field: str, index: int | None, node: ast.AST, place: _Place) -> Iterator[_Made]:
    """The changes of one node, without those of the nodes in it."""

    def instead(kind: str, value: ast.AST) -> _Made:
        return kind, holder, field, index, value

    match node:
        case ast.Compare(ops=operators):
            for number, operator in enumerate(operators):
                for other in _COMPARISONS[type(operator)]:
                    yield "comparison", node, "ops", number, other()
        case ast.BinOp(op=operator) | ast.AugAssign(op=operator) if type(operator) in _OPERATORS:
            yield "arithmetic", node, "op", None, _OPERATORS[type(operator)]()
        case ast.BoolOp(op=operator, values=values):
            yield "and, or", node, "op", None, ast.Or() if isinstance(operator, ast.And) else ast.And()
            for number in range(len(values)):
                left = [*values[:number], *values[number + 1 :]]
                yield instead("part left out", left[0] if len(left) == 1 else ast.BoolOp(operator, left))
        case ast.UnaryOp(ast.Not() | ast.USub(), operand):
            yield instead("not", operand)
        case ast.Constant(value):
            yield from ((kind, holder, field, index, ast.Constant(other)) for kind, other in _constants(value, place))
        case ast.Return(value) if value is not None and not (isinstance(value, ast.Constant) and value.value is None):
            yield "returned None", node, "value", None, ast.Constant(None)
        case ast.Call(ast.Name(name)) if name in _FUNCTIONS:
            yield "function", node, "func", None, ast.Name(_FUNCTIONS[name], ast.Load())
        case ast.Call(func=function, args=arguments) if ast.unparse(function) not in _SYMMETRIC:
            for number in range(len(arguments) - 1):
                pair = arguments[number : number + 2]
                if not any(isinstance(one, ast.Starred) for one in pair):
                    yield "arguments", node, "args", None, [*arguments[:number], *reversed(pair), *arguments[number + 2 :]]
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not isinstance(node.test, ast.UnaryOp | ast.Compare):
        yield "condition", node, "test", None, ast.UnaryOp(ast.Not(), node.test)
    if isinstance(node, ast.comprehension):
        for number in range(len(node.ifs)):
            yield "condition", node, "ifs", number, ast.Constant(True)
    if isinstance(node, ast.stmt) and place.function is not None and _can_go(node, place.function):
        yield instead("statement removed", ast.Pass())


def _constants(value: object, place: _Place) -> Iterator[tuple[str, str | int]]:
    if isinstance(value, bool):
        yield "constant", not value
    elif isinstance(value, int):
        yield "constant", value + 1
        yield "constant", value - 1
    elif isinstance(value, str) and value and " " not in value and not place.of_class and not place.of_message:
        yield "constant", f"{value}_"


def _can_go(statement: ast.stmt, function: ast.AST) -> bool:
    """Whether the function still has all its names without the statement: else every mutant of it would die at once."""
    match statement:
        case (
            ast.Expr(ast.Call() | ast.Yield() | ast.YieldFrom()) | ast.AugAssign() | ast.Raise() | ast.Continue() | ast.Break()
        ):
            return True
        case ast.Assign([ast.Attribute() | ast.Subscript()]):
            return True
        case ast.Assign(targets):
            gone = {one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)}
            stored = [one.id for one in ast.walk(function) if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Store)]
            given = [one.arg for one in ast.walk(function) if isinstance(one, ast.arg)]
            return all([*stored, *given].count(name) > 1 for name in gone)
        case _:
            return False
