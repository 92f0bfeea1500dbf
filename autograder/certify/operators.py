"""The mistakes that the machine makes: each operator changes one thing in a function's syntax tree.

`mutations` walks through the statements of given lines and yields one `Mutation` for each way of
going wrong. The operators are those that mutation testers for Python share (another operator,
another number, another comparison, a condition that always holds, a statement left out) and those
by which numerical code goes wrong: axes, missing means, slices that are off by one, values of a
cache in each other's places, arguments that are changed in place.

They are written here, and not taken from cosmic-ray, because its operators work on a syntax tree of
its own without knowledge of NumPy, and bring a database, a web server's client and git with them.
"""

from __future__ import annotations

import ast
import copy
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

from autograder.authoring import Definition, syntax_tree

Change = tuple[str, ast.expr]
StatementChange = tuple[str, list[ast.stmt]]

OTHER_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Mult, ast.Div),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
}
OTHER_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt),
    ast.LtE: (ast.Lt, ast.GtE),
    ast.Gt: (ast.GtE, ast.Lt),
    ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
OTHER_FUNCTIONS = {
    "all": ("any",),
    "any": ("all",),
    "argmax": ("argmin",),
    "argmin": ("argmax",),
    "ceil": ("floor",),
    "exp": ("exp2", "expm1"),
    "floor": ("ceil",),
    "hstack": ("vstack",),
    "log": ("log10", "log1p"),
    "max": ("min", "sum"),
    "maximum": ("minimum",),
    "mean": ("sum", "max"),
    "min": ("max",),
    "minimum": ("maximum",),
    "ones": ("zeros",),
    "ones_like": ("zeros_like",),
    "rand": ("randn",),
    "randn": ("rand",),
    "repeat": ("tile",),
    "sqrt": ("square",),
    "std": ("var",),
    "sum": ("mean", "max"),
    "tile": ("repeat",),
    "uniform": ("normal",),
    "var": ("std",),
    "vstack": ("hstack",),
    "zeros": ("ones",),
    "zeros_like": ("ones_like",),
}
# Functions and methods that somebody may forget: f(x, ...) -> x, and x.f(...) -> x.
FORGETTABLE = {
    "abs", "absolute", "array", "asarray", "ascontiguousarray", "clip", "exp", "flip", "float",
    "int", "log", "log1p", "max", "maximum", "mean", "min", "minimum", "ravel", "reversed",
    "round", "set", "sign", "sorted", "sqrt", "square", "squeeze", "sum", "swapaxes", "tanh",
    "transpose",
}  # fmt: skip
FORGETTABLE_METHODS = {
    "astype", "copy", "flatten", "max", "mean", "min", "ravel", "reshape", "sum", "swapaxes",
    "transpose",
}  # fmt: skip
IN_PLACE = {"abs", "clip", "exp", "log", "maximum", "minimum", "sqrt", "square", "tanh"}
SIZE_NAMES = re.compile(
    r"num_\w+|\w+_(dim|size)|[NDMCHF]|HH|WW|H_out|W_out|stride|pad|length|count"
)
SIZE = re.compile(r"len\([^()]*\)|[\w.]+\.shape\[\S+\]|[\w.]+\.size")
EXAMPLE_SIZES = (10, 32, 3072)  # those of the course's pictures


@dataclass(frozen=True)
class Mutation:
    """One thing changed: `before` and `after` are the statement, without the block below it."""

    operator: str
    line: int
    before: str
    after: str
    text: str  # of the whole changed tree


@dataclass
class Context:
    """What an operator knows of the function around the place that it changes."""

    parameters: set[str] = field(default_factory=set)
    bound: dict[str, int] = field(default_factory=dict)  # where a name is first assigned
    neighbours: dict[str, set[str]] = field(default_factory=dict)  # unpacked side by side
    sizes: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    last_use: dict[str, int] = field(default_factory=dict)  # the last line that reads a name
    keys: dict[str, dict[str, ast.expr]] = field(default_factory=dict)  # by container

    @classmethod
    def of(cls, tree: ast.AST) -> Context:
        """Collect the names of a function, or of a cell."""
        context = cls()
        for node in ast.walk(tree):
            if isinstance(node, ast.arg):
                context.parameters.add(node.arg)
                context.names.add(node.arg)
            elif isinstance(node, ast.Name):
                context.names.add(node.id)
                if isinstance(node.ctx, ast.Store):
                    line = context.bound.get(node.id, node.lineno)
                    context.bound[node.id] = min(line, node.lineno)
                else:
                    line = context.last_use.get(node.id, node.lineno)
                    context.last_use[node.id] = max(line, node.lineno)
            elif isinstance(node, ast.Assign):
                context._note_assignment(node)
            elif isinstance(node, ast.Subscript) and _is_key(node.slice):
                keys = context.keys.setdefault(ast.unparse(node.value), {})
                keys.setdefault(ast.unparse(node.slice), node.slice)
        context.sizes |= {name for name in context.names if SIZE_NAMES.fullmatch(name)}
        return context

    def _note_assignment(self, node: ast.Assign) -> None:
        target, value = node.targets[0], ast.unparse(node.value)
        is_size = ".shape" in value or value.startswith("len(")
        if isinstance(target, ast.Tuple):
            names = [item.id for item in target.elts if isinstance(item, ast.Name)]
            names = [name for name in names if name != "_"]
            if is_size:
                self.sizes.update(names)
            for name in names:
                self.neighbours.setdefault(name, set()).update(set(names) - {name})
        elif isinstance(target, ast.Name) and SIZE.fullmatch(value):
            self.sizes.add(target.id)


def mutations(tree: ast.Module, first: int, last: int) -> Iterator[Mutation]:
    """Yield all mutations of the statements on lines `first` to `last`, each different in effect.

    Two mutations that give the same tree are one; one that gives the tree as it was is none.
    """
    context = Context.of(tree)
    seen = {ast.dump(syntax_tree(ast.unparse(tree)))}
    for parent, name, body in _bodies(tree):
        for index, statement in enumerate(body):
            if not first <= statement.lineno <= last:
                continue
            for operator, after, text in _changed(tree, parent, name, index, context):
                try:
                    dump = ast.dump(syntax_tree(text))
                except (SyntaxError, ValueError):
                    continue
                if dump not in seen:
                    seen.add(dump)
                    yield Mutation(operator, statement.lineno, _header(statement), after, text)


def _bodies(tree: ast.AST) -> Iterator[tuple[ast.AST, str, list[ast.stmt]]]:
    """Yield the lists of statements in a tree, the outermost first."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body:
                yield node, name, body


def _changed(
    tree: ast.Module, parent: ast.AST, name: str, index: int, context: Context
) -> Iterator[tuple[str, str, str]]:
    """Yield (operator, statement afterwards, text of the tree) for one statement."""
    body: list[ast.stmt] = getattr(parent, name)
    statement = body[index]
    if isinstance(statement, Definition):
        return
    for operator, new, width in _statement_changes(body, index, context):
        setattr(parent, name, [*body[:index], *new, *body[index + width :]])
        text = ast.unparse(ast.fix_missing_locations(tree))
        setattr(parent, name, body)
        yield operator, "; ".join(_header(each) for each in new), text
    for owner, slot, place, node in _expressions(statement):
        for operator, changed in expression_changes(node, context):
            _put(owner, slot, place, changed)
            text = ast.unparse(ast.fix_missing_locations(tree))
            after = _header(statement)
            _put(owner, slot, place, node)
            yield operator, after, text


def _expressions(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.expr]]:
    """Yield each expression of a statement, not of those below it, with the slot that holds it."""
    for name, value in ast.iter_fields(node):
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for place, item in items:
            if isinstance(item, ast.expr):
                yield node, name, place, item
            is_leaf = isinstance(item, ast.stmt) or _is_negative(item)
            if isinstance(item, ast.AST) and not is_leaf:
                yield from _expressions(item)


def _put(owner: ast.AST, slot: str, place: int | None, node: ast.expr) -> None:
    if place is None:
        setattr(owner, slot, node)
    else:
        getattr(owner, slot)[place] = node


def _header(statement: ast.stmt) -> str:
    """Return the text of a statement, without the block that it opens."""
    if not hasattr(statement, "body"):
        return ast.unparse(statement)
    bare = copy.copy(statement)
    for name in ("body", "orelse", "finalbody", "handlers"):
        if hasattr(bare, name):
            setattr(bare, name, [])
    return ast.unparse(ast.fix_missing_locations(bare))


# ----------------------------------------------------------------------------------- statements


def _statement_changes(
    body: Sequence[ast.stmt], index: int, context: Context
) -> Iterator[tuple[str, list[ast.stmt], int]]:
    """Yield (operator, what takes the place, of how many statements)."""
    statement = body[index]
    for operator, new in _alone(statement, context):
        yield operator, new, 1
    if index + 1 < len(body):
        following = body[index + 1]
        if _can_swap(statement, following, context):
            yield "statements swapped", [following, statement], 2


def _alone(statement: ast.stmt, context: Context) -> Iterator[StatementChange]:
    if _can_be_deleted(statement, context):
        yield "statement deleted", [ast.Pass()]
    if isinstance(statement, ast.AugAssign):
        yield "= for an update", [ast.Assign([statement.target], statement.value)]
        for other in OTHER_OPERATORS.get(type(statement.op), ()):
            yield "operator", [ast.AugAssign(statement.target, other(), statement.value)]
        yield "update done twice", [statement, statement]
    if isinstance(statement, ast.Assign | ast.Return):
        yield from _in_place(statement, context)
    if isinstance(statement, ast.Assign):
        yield from _callers_list(statement, context)
        if any(_names_of(target) & {"scores"} for target in statement.targets):
            yield "ReLU on the scores", [statement, *_parse("scores = np.maximum(scores, 0)")]
    if isinstance(statement, ast.Assign | ast.AugAssign):
        yield from _biases_too(statement)
    if isinstance(statement, ast.Break):
        yield "continue for break", [ast.Continue()]
    if isinstance(statement, ast.Continue):
        yield "break for continue", [ast.Break()]
    if isinstance(statement, ast.If | ast.While):
        yield from _conditions(statement)
    if isinstance(statement, ast.For):
        for part in ("1:", ":-1", ":1"):
            short = copy.copy(statement)
            short.iter = _expression(f"list({ast.unparse(statement.iter)})[{part}]")
            yield "loop cut short", [short]


def _can_be_deleted(statement: ast.stmt, context: Context) -> bool:
    """Say whether the rest can run without a statement: it binds no name for the first time."""
    if isinstance(statement, ast.Assign):
        names = set().union(*(_names_of(target) for target in statement.targets))
        return all(
            name in context.parameters or context.bound.get(name, 0) < statement.lineno
            for name in names
        )
    return not isinstance(statement, ast.Return | ast.Pass | ast.Import | ast.ImportFrom)


def _can_swap(one: ast.stmt, two: ast.stmt, context: Context) -> bool:
    """Say whether the order of two statements matters, and the other order can run."""
    for each in (one, two):
        is_plain = isinstance(each, ast.Assign | ast.AugAssign | ast.Expr)
        if not is_plain or not _can_be_deleted(each, context):
            return False
    updates = [each for each in (one, two) if isinstance(each, ast.AugAssign)]
    if len({(ast.unparse(each.target), type(each.op)) for each in updates}) < len(updates):
        return False  # sums don't care
    return _reads_what_is_stored(one, two) or _reads_what_is_stored(two, one)


def _reads_what_is_stored(reader: ast.stmt, writer: ast.stmt) -> bool:
    if isinstance(writer, ast.Expr):
        return True
    targets = writer.targets if isinstance(writer, ast.Assign) else []
    if isinstance(writer, ast.AugAssign):
        targets = [writer.target]
    return any(ast.unparse(target) in ast.unparse(reader) for target in targets)


def _in_place(statement: ast.Assign | ast.Return, context: Context) -> Iterator[StatementChange]:
    """`y = f(x + z)` -> `x += z; y = f(x)`, where somebody may look at x again."""
    for owner, slot, place, node in _expressions(statement):
        is_update = isinstance(node, ast.BinOp) and isinstance(
            node.op, ast.Add | ast.Sub | ast.Mult | ast.Div
        )
        if not is_update or not isinstance(node, ast.BinOp):
            continue
        left = node.left
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        is_rebound = any(ast.unparse(left) in _names_of(target) for target in targets)
        if is_rebound and not _is_given(left, context):
            continue
        if _is_seen_later(left, statement, context):
            _put(owner, slot, place, left)
            after = copy.deepcopy(statement)
            _put(owner, slot, place, node)
            stored = copy.deepcopy(left)
            stored.ctx = ast.Store()  # type: ignore[attr-defined]
            update: ast.stmt = ast.AugAssign(stored, node.op, node.right)  # type: ignore[arg-type]
            is_idle = isinstance(after, ast.Assign) and ast.unparse(
                after.targets[0]
            ) == ast.unparse(after.value)
            yield "in place", [update] if is_idle else [update, after]


def _is_seen_later(node: ast.expr, place: ast.stmt | ast.expr, context: Context) -> bool:
    """Say whether a node names an array that is the caller's, or is used further below."""
    if not isinstance(node, ast.Name):
        return isinstance(node, ast.Attribute)
    return _is_given(node, context) or context.last_use.get(node.id, 0) > place.lineno


def _is_given(node: ast.expr, context: Context) -> bool:
    """Say whether a node names an argument, or something that was unpacked, from a cache say."""
    name = node.id if isinstance(node, ast.Name) else ""
    return name in context.parameters or name in context.neighbours


def _callers_list(statement: ast.Assign, context: Context) -> Iterator[StatementChange]:
    """`sizes = [a, *given, b]` -> insert and append in the list that the caller gave."""
    if not isinstance(statement.value, ast.List):
        return
    given = [item for item in statement.value.elts if isinstance(item, ast.Starred)]
    if len(given) != 1 or ast.unparse(given[0].value) not in context.parameters:
        return
    name, position = ast.unparse(given[0].value), statement.value.elts.index(given[0])
    lines = [f"{ast.unparse(statement.targets[0])} = {name}"]
    lines += [f"{name}.insert(0, {ast.unparse(e)})" for e in statement.value.elts[:position][::-1]]
    lines += [f"{name}.append({ast.unparse(e)})" for e in statement.value.elts[position + 1 :]]
    yield "changes the caller's list", _parse("\n".join(lines))


def _biases_too(statement: ast.Assign | ast.AugAssign) -> Iterator[StatementChange]:
    """Regularise the biases like the weights."""
    text = ast.unparse(statement)
    other = re.sub(r"(?<![A-Za-z_])W(?=\d|\{|\b)", "b", text)
    if "reg" not in text or other == text:
        return
    if isinstance(statement, ast.AugAssign):
        yield "biases regularised", [statement, *_parse(other)]


def _conditions(statement: ast.If | ast.While) -> Iterator[StatementChange]:
    for value in (True, False):
        if value and isinstance(statement, ast.While):
            continue
        always = copy.copy(statement)
        always.test = ast.Constant(value)
        yield f"condition always {value}", [always]
    opposite = copy.copy(statement)
    opposite.test = ast.UnaryOp(ast.Not(), statement.test)
    yield "condition negated", [opposite]
    if isinstance(statement, ast.If) and statement.orelse:
        short = copy.copy(statement)
        short.orelse = []
        yield "else left out", [short]


# ---------------------------------------------------------------------------------- expressions


def expression_changes(node: ast.expr, context: Context) -> Iterator[Change]:
    """Yield (operator, what takes the place of an expression)."""
    for kind, operators in _OPERATORS.items():
        if isinstance(node, kind):
            for operator in operators:
                yield from operator(node, context)


def _arithmetic(node: ast.BinOp, context: Context) -> Iterator[Change]:
    if isinstance(node.left, ast.Constant | ast.JoinedStr) and _is_text(node.left):
        return
    for other in OTHER_OPERATORS.get(type(node.op), ()):
        yield "operator", ast.BinOp(node.left, other(), node.right)
    if isinstance(node.op, ast.Sub | ast.Div | ast.Pow | ast.MatMult | ast.FloorDiv):
        yield "operands swapped", ast.BinOp(node.right, node.op, node.left)
    yield "operand left out", node.left
    if not isinstance(node.op, ast.Pow):
        yield "operand left out", node.right


def _root(node: ast.BinOp, context: Context) -> Iterator[Change]:
    """`sqrt(a) + e` -> `sqrt(a + e)`."""
    if not isinstance(node.op, ast.Add) or not isinstance(node.left, ast.Call):
        return
    if _name_of(node.left.func) in ("sqrt", "log", "abs") and node.left.args:
        inner = ast.BinOp(node.left.args[0], ast.Add(), node.right)
        yield "term moved inside", _call(node.left, [inner, *node.left.args[1:]])


def _moved_outside(node: ast.Call, context: Context) -> Iterator[Change]:
    """`sqrt(a + e)` -> `sqrt(a) + e`."""
    if _name_of(node.func) in ("sqrt", "log", "exp", "abs") and len(node.args) == 1:
        inner = node.args[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Add):
            yield (
                "term moved outside",
                ast.BinOp(_call(node, [inner.left]), ast.Add(), inner.right),
            )


def _unary(node: ast.UnaryOp, context: Context) -> Iterator[Change]:
    if not _is_negative(node):
        yield "sign or negation left out", node.operand
        return
    yield "sign", node.operand
    for operator, other in _number(cast(ast.Constant, node.operand), context):
        is_size = ast.unparse(node) == "-1"  # where -2 means the same to NumPy's reshape
        if not is_size:
            yield operator, ast.UnaryOp(ast.USub(), other)


def _sign(node: ast.Call | ast.Subscript | ast.Name, context: Context) -> Iterator[Change]:
    if isinstance(node, ast.Call) and _name_of(node.func) in ("sum", "mean", "log", "exp"):
        yield "sign", ast.UnaryOp(ast.USub(), node)


def _comparison(node: ast.Compare, context: Context) -> Iterator[Change]:
    for position, op in enumerate(node.ops):
        for other in OTHER_COMPARISONS.get(type(op), ()):
            ops = [*node.ops[:position], other(), *node.ops[position + 1 :]]
            yield "comparison", ast.Compare(node.left, ops, node.comparators)


def _logic(node: ast.BoolOp, context: Context) -> Iterator[Change]:
    other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
    yield "and for or", ast.BoolOp(other, node.values)
    for position in range(len(node.values)):
        rest = [*node.values[:position], *node.values[position + 1 :]]
        yield "condition left out", rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def _choice(node: ast.IfExp, context: Context) -> Iterator[Change]:
    yield "choice left out", node.body
    yield "choice left out", node.orelse


def _number(node: ast.Constant, context: Context) -> Iterator[Change]:
    value = node.value
    if isinstance(value, bool):
        yield "truth value", ast.Constant(not value)
    elif isinstance(value, int):
        numbers = [value + 1, value - 1, *([2 * value] if value > 2 else [])]
        for number in dict.fromkeys(numbers):
            yield "number", _constant(number)
    elif isinstance(value, float):
        reals = [2 * value, value / 2, *([1 - value] if 0 < value < 1 else [0.5])]
        for other in dict.fromkeys(reals):
            if other != value:
                yield "number", _constant(other)


def _name(node: ast.Name, context: Context) -> Iterator[Change]:
    if not isinstance(node.ctx, ast.Load):
        return
    for other in sorted(context.neighbours.get(node.id, ())):
        yield "wrong cache entry", ast.Name(other, ast.Load())
    for other in (f"d{node.id}", node.id[1:] if node.id.startswith("d") else ""):
        if other in context.names and other not in context.neighbours.get(node.id, ()):
            yield "gradient for value", ast.Name(other, ast.Load())
    if node.id in context.sizes:
        yield from _size_changes(node)


def _size(node: ast.Call | ast.Subscript, context: Context) -> Iterator[Change]:
    text = ast.unparse(node)
    if SIZE.fullmatch(text):
        yield from _size_changes(node)
    if isinstance(node, ast.Call) and text.startswith("len(") and len(node.args) == 1:
        yield "size of another axis", _expression(f"{ast.unparse(node.args[0])}.shape[-1]")


def _size_changes(node: ast.expr) -> Iterator[Change]:
    yield "N - 1", ast.BinOp(node, ast.Sub(), ast.Constant(1))
    yield "N + 1", ast.BinOp(node, ast.Add(), ast.Constant(1))
    for size in EXAMPLE_SIZES:
        yield "hard-coded size", ast.Constant(size)


def _function(node: ast.Call, context: Context) -> Iterator[Change]:
    name = _name_of(node.func)
    for other in OTHER_FUNCTIONS.get(name, ()):
        if isinstance(node.func, ast.Attribute):
            func: ast.expr = ast.Attribute(node.func.value, other, ast.Load())
        else:
            func = ast.Name(other, ast.Load())
        yield f"{other} for {name}", ast.Call(func, node.args, node.keywords)
    is_method = isinstance(node.func, ast.Attribute) and _name_of(node.func.value) != "np"
    if is_method and isinstance(node.func, ast.Attribute):
        if name in FORGETTABLE_METHODS:
            yield f"{name} left out", node.func.value
    elif name in FORGETTABLE and node.args:
        yield f"{name} left out", node.args[0]
        if name in ("maximum", "minimum") and len(node.args) > 1:
            yield f"{name} left out", node.args[1]
    may_write = name in IN_PLACE and not is_method and "out" not in map(_keyword, node.keywords)
    if may_write and node.args and _is_seen_later(node.args[0], node, context):
        out = ast.keyword("out", node.args[0])
        yield "in place", ast.Call(node.func, node.args, [*node.keywords, out])


def _arguments(node: ast.Call, context: Context) -> Iterator[Change]:
    is_symmetric = _name_of(node.func) in ("maximum", "minimum")
    for position in range(0 if is_symmetric else len(node.args) - 1):
        args = list(node.args)
        if not any(isinstance(arg, ast.Starred) for arg in args):
            args[position : position + 2] = args[position + 1], args[position]
            yield "arguments swapped", _call(node, args)
    for position, each in enumerate(node.keywords):
        if each.arg is not None:
            rest = [*node.keywords[:position], *node.keywords[position + 1 :]]
            yield f"{each.arg} left out", ast.Call(node.func, node.args, rest)


def _subscript(node: ast.Subscript, context: Context) -> Iterator[Change]:
    if not isinstance(node.ctx, ast.Load):
        yield from _other_key(node, context, ast.Store())
        return
    yield "index left out", node.value
    if isinstance(node.slice, ast.Tuple):
        yield from _swapped_index(node, node.slice)
    elif isinstance(node.slice, ast.Name | ast.BinOp):
        for op in (ast.Add(), ast.Sub()):
            yield "off by one", _subscripted(node, ast.BinOp(node.slice, op, ast.Constant(1)))
    yield from _other_key(node, context, ast.Load())


def _swapped_index(node: ast.Subscript, index: ast.Tuple) -> Iterator[Change]:
    for position in range(len(index.elts) - 1):
        elements = list(index.elts)
        elements[position : position + 2] = elements[position + 1], elements[position]
        yield "indices swapped", _subscripted(node, ast.Tuple(elements, ast.Load()))


def _other_key(node: ast.Subscript, context: Context, ctx: ast.expr_context) -> Iterator[Change]:
    """`params["W1"]` -> `params["W2"]`: a key of the same dictionary that the function uses."""
    if not _is_key(node.slice):
        return
    for text, key in context.keys.get(ast.unparse(node.value), {}).items():
        if text != ast.unparse(node.slice):
            yield "another key", ast.Subscript(node.value, key, ctx)


def _slice(node: ast.Slice, context: Context) -> Iterator[Change]:
    for name in ("lower", "upper", "step"):
        value = getattr(node, name)
        if value is None:
            continue
        yield "slice", _sliced(node, name, None)
        if name != "step" and not isinstance(value, ast.Constant):
            for op in (ast.Add(), ast.Sub()):
                moved = ast.BinOp(value, op, ast.Constant(1))
                yield "off by one", _sliced(node, name, moved)


def _sliced(node: ast.Slice, name: str, value: ast.expr | None) -> ast.Slice:
    changed = copy.copy(node)
    setattr(changed, name, value)
    return changed


def _attribute(node: ast.Attribute, context: Context) -> Iterator[Change]:
    if node.attr == "T" and isinstance(node.ctx, ast.Load):
        yield "transpose left out", node.value


def _sequence(node: ast.Tuple | ast.List, context: Context) -> Iterator[Change]:
    kind, count = type(node), len(node.elts)
    for position in range(count - 1):
        elements = list(node.elts)
        elements[position : position + 2] = elements[position + 1], elements[position]
        yield "entries swapped", kind(elements, node.ctx)
    if count > 2 and isinstance(node.ctx, ast.Load):
        for position in range(count):
            rest = [*node.elts[:position], *node.elts[position + 1 :]]
            yield "entry left out", kind(rest, node.ctx)


def _comprehension(
    node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, context: Context
) -> Iterator[Change]:
    for position, generator in enumerate(node.generators):
        variants: list[tuple[str, ast.comprehension]] = []
        for part in ("1:", ":-1"):
            short = copy.copy(generator)
            short.iter = _expression(f"list({ast.unparse(generator.iter)})[{part}]")
            variants.append(("loop cut short", short))
        if generator.ifs:
            unconditional = copy.copy(generator)
            unconditional.ifs = []
            variants.append(("condition left out", unconditional))
        for operator, other in variants:
            changed = copy.copy(node)
            changed.generators = list(node.generators)
            changed.generators[position] = other
            yield operator, changed


_Operator = Callable[..., Iterator[Change]]
_Kinds = type[ast.expr] | tuple[type[ast.expr], ...]
_OPERATORS: dict[_Kinds, tuple[_Operator, ...]] = {
    ast.BinOp: (_arithmetic, _root),
    ast.UnaryOp: (_unary,),
    ast.Compare: (_comparison,),
    ast.BoolOp: (_logic,),
    ast.IfExp: (_choice,),
    ast.Constant: (_number,),
    ast.Name: (_name,),
    ast.Call: (_function, _arguments, _size, _sign, _moved_outside),
    ast.Subscript: (_subscript, _size),
    ast.Slice: (_slice,),
    ast.Attribute: (_attribute,),
    (ast.Tuple, ast.List): (_sequence,),
    (ast.ListComp, ast.GeneratorExp, ast.SetComp, ast.DictComp): (_comprehension,),
}


def _keyword(node: ast.keyword) -> str:
    return node.arg or ""


def _name_of(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _names_of(target: ast.expr) -> set[str]:
    """Return the plain names that an assignment to `target` binds."""
    stored = [node for node in ast.walk(target) if isinstance(node, ast.Name)]
    return {node.id for node in stored if isinstance(node.ctx, ast.Store)}


def _is_key(node: ast.expr) -> bool:
    return _is_text(node) if isinstance(node, ast.Constant | ast.JoinedStr) else False


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or isinstance(getattr(node, "value", None), str)


def _is_negative(node: ast.AST) -> bool:
    """Is it a number with a minus sign?"""
    is_minus = isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub)
    return is_minus and isinstance(cast(ast.UnaryOp, node).operand, ast.Constant)


def _constant(value: float) -> ast.expr:
    if value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    return ast.Constant(value)


def _call(node: ast.Call, args: list[ast.expr]) -> ast.Call:
    return ast.Call(node.func, args, node.keywords)


def _subscripted(node: ast.Subscript, index: ast.expr) -> ast.Subscript:
    return ast.Subscript(node.value, index, ast.Load())


def _expression(text: str) -> ast.expr:
    return cast(ast.Expr, syntax_tree(text).body[0]).value


def _parse(text: str) -> list[ast.stmt]:
    return syntax_tree(text).body
