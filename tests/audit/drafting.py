"""Texts of the corpus from drafts, in which claims are written where they stand; `README.md` shows the notation.

.venv/bin/python -m tests.audit.drafting drafts.txt tests/audit/corpus/after
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from msgspec.structs import replace

from tests.audit.equations import Figure, Interval, compute, figure, figures, interval, number, printed
from tests.audit.judging import faults, judge, repairs
from tests.audit.keys import STRUCTURAL, Claim, Key, Planted, Span, Text, occurrences, write

CODES = {
    "s": "sum", "bal": "balance", "b": "bound", "r": "rate", "q": "ratio", "pt": "points", "rel": "relative", "d": "difference",
    "=": "repeat", "sh": "shares", "n": "names", "t": "table",
}  # fmt: skip
_NO_QUANTITY = re.compile(r"(?:ngày|tháng|năm|quý|số|Điều|khoản|mức độ|điểm|lúc|nhóm|Quý|Tháng|Năm|/|-)\s*$")


class Statement(NamedTuple):
    """A claim of a draft: `r2:45/50`."""

    kind: str
    sign: str
    decimals: int
    expression: str


class Mark(NamedTuple):
    """A figure that claims something, or a wrong one."""

    printed: str
    notation: str
    """With its bound and value."""
    statements: list[Statement]
    error: str
    true: str
    label: str = ""


class Options(NamedTuple):
    """How the figures of a draft are typed."""

    dots: bool = True
    point: bool = False
    columns: str = ""


def statements(words: str) -> list[Statement]:
    """Reads `s:a+b; r2:a/b`."""
    found = []
    for part in words.split(";"):
        head, _, expression = part.strip().partition(":")
        if part.strip().startswith("="):
            found.append(Statement("repeat", "", 0, part.strip()[1:]))
            continue
        code = re.fullmatch(r"(sh|bal|rel|pt|[sbrqdnt])([+<>-]?)(\d?)", head)
        if not code:
            raise ValueError(f"no claim: {part!r}")
        found.append(Statement(CODES[code[1]], code[2], int(code[3] or 0), expression.strip()))
    return found


def spaced(expression: str) -> str:
    """The form that keys have: signs with blanks around them."""
    expression = re.sub(r"\s*(->|[+*/]|(?<!^)-(?!>))\s*", r" \1 ", expression)
    return re.sub(r" {2,}", " ", expression).strip()


def _computed(one: Statement, worth: Callable[[Figure], Interval], options: Options) -> str:
    """What a statement makes of its operands, as text."""
    expression = spaced(one.expression)
    if one.kind in {"points", "difference", "relative"}:
        before, after = (compute(side, worth).low for side in expression.split(" -> "))
        result = (after - before) * (1 if one.sign == "+" else -1)
        if one.kind == "relative":
            result = result / before * 100
        decimals = one.decimals or max(max(0, -(number(each.value or each.printed)[1] or 0)) for each in figures(expression))
        return printed(result, decimals, dots=options.dots, point=options.point)
    value = compute(expression, worth).low * (100 if one.kind == "rate" else 1)
    return printed(value, one.decimals, dots=options.dots, point=options.point)


def read_mark(words: str, truths: dict[str, str], options: Options, label: str = "") -> Mark:
    """The figure of what stands between braces, with what it claims; `truths` by wrong prints."""
    claim_words, *rest = words.split("|")
    if claim_words.startswith("p:"):
        return Mark(claim_words[2:], claim_words[2:], [], rest[1], rest[0], label)
    stated = statements(claim_words)

    def worth(one: Figure) -> Interval:
        exact = interval(figure(truths.get(one.printed, str(one))), rounded=False)
        middle = (exact.low + exact.high) / 2
        return Interval(middle, middle)

    error = rest[1] if len(rest) > 1 else ""
    truth = ""
    if not rest or (error and error not in STRUCTURAL):
        if len(rest) > 2:
            truth = rest[2]
        elif stated[0].kind == "names":
            truth = str(len(stated[0].expression.split(",")))
        else:
            truth = stated[0].expression if stated[0].kind == "repeat" else _computed(stated[0], worth, options)
    notation = rest[0] if rest else truth
    return Mark(figure(notation).printed, notation, stated, error, truth if error else "", label)


def _truths(body: str) -> dict[str, str]:
    """What stood in the place of each wrong figure, as far as the draft writes it."""
    planted = re.finditer(r"\{p:([^|{}]*)\|([^|{}]*)\|", body)
    claimed = re.finditer(r"\|([^|{}]*)\|[a-z_]+\|([^|{}]*)\}", body)
    return {found[1]: found[2] for each in (planted, claimed) for found in each}


def _table(block: list[str], directive: str, order: int, truths: dict[str, str], options: Options) -> list[list[str | Mark]]:
    """Rows of cells: `?` is computed, and every cell of a formula or a total row becomes a mark."""
    cells = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in _joined(block)]
    rules = re.findall(r"(\d+)=(\S+)", directive)
    total = re.search(r"total=(.+)$", directive)
    rows: list[list[str | Mark]] = []
    values: dict[tuple[int, int], str] = {}
    marks: dict[tuple[int, int], list[Statement]] = {}
    plants: dict[tuple[int, int], tuple[str, str]] = {}
    numeric = re.compile(r"\d[\d.,]*")
    body = [row for row, line in enumerate(cells) if row and not set("".join(line)) <= set("-: ")]
    last = next((row for row in body if total and cells[row][0].startswith(total[1].strip())), -1)
    for row in body:
        for column, cell in enumerate(cells[row]):
            found = re.fullmatch(r"\{p:(.*)¦(.*)¦(.*)\}", cell)
            if found:
                plants[row, column] = (found[1], found[3])
                values[row, column] = found[2]
            elif numeric.fullmatch(cell):
                values[row, column] = cell

    def worth(one: Figure) -> Interval:
        key = tuple(map(int, one.printed.split("@")[1].split(".")))
        value = number(values[key[0], key[1]])[0]
        return Interval(value, value)

    def state(row: int, column: int, one: Statement) -> None:
        marks.setdefault((row, column), []).append(one)
        if (row, column) not in values:
            values[row, column] = _computed(one, worth, options)

    def formula(row: int, column: int, rule: str) -> None:
        base, _, decimals = rule.partition("%")
        expression = re.sub(r"\d+", lambda found: f"@{row}.{int(found[0]) - 1}", base)
        state(row, column, Statement("rate" if "%" in rule else "table", "", int(decimals or 0), expression))

    ruled = {int(column) - 1: rule for column, rule in rules}
    for row in body:
        if row != last:
            for column, rule in ruled.items():
                if cells[row][column] not in {"-", ""}:
                    formula(row, column, rule)
    if last >= 0:
        for column in range(1, len(cells[last])):
            if "%" in ruled.get(column, "") or cells[last][column] in {"-", ""}:
                continue
            parts = [f"@{row}.{column}" for row in body if row != last and (row, column) in values]
            if len(parts) > 1:
                state(last, column, Statement("table", "", 0, "+".join(parts)))
        for column, rule in ruled.items():
            if cells[last][column] not in {"-", ""}:
                formula(last, column, rule)
    for row, line in enumerate(cells):
        out: list[str | Mark] = []
        for column, cell in enumerate(line):
            if (row, column) not in values:
                out.append(cell)
                continue
            wrong, error = plants.get((row, column), ("", ""))
            shown = wrong or values[row, column]
            stated = [
                one._replace(expression=re.sub(r"@(\d+\.\d+)", rf"@{order}.\1", one.expression))
                for one in marks.get((row, column), [])
            ]
            out.append(Mark(shown, shown, stated, error, values[row, column] if wrong else "", f"@{order}.{row}.{column}"))
        rows.append(out)
    return rows


def _joined(block: Iterable[str]) -> Iterable[str]:
    """The bars inside of a wrong figure are none of the table's."""
    return (re.sub(r"\{p:([^{}|]*)\|([^{}|]*)\|([^{}|]*)\}", r"{p:\1¦\2¦\3}", line) for line in block)


def _segments(body: str, options: Options) -> list[str | Mark]:
    truths = _truths(body)
    out: list[str | Mark] = []
    lines, order = body.split("\n"), 0
    block: list[str] = []
    for line in lines:
        if line.startswith("|"):
            block.append(line)
            continue
        directive = re.fullmatch(r"\{table(.*)\}", line)
        if block:
            order += 1
            rows = _table(block, directive[1] if directive else "", order, truths, options)
            widths = [max(len(_shown(row[column])) for row in rows if column < len(row)) for column in range(len(rows[0]))]
            for row in rows:
                if options.columns and set("".join(map(_shown, row))) <= set("-: "):
                    continue
                out.append("" if options.columns else "| ")
                for column, cell in enumerate(row):
                    pad = " " * (widths[column] - len(_shown(cell)))
                    last = column == len(row) - 1
                    out += [
                        cell,
                        ("" if last else pad + "   ")
                        if options.columns == "blanks"
                        else ("" if last else "\t")
                        if options.columns
                        else (" |" if last else " | "),
                    ]
                out.append("\n")
            block = []
        if directive:
            continue
        position = 0
        for found in re.finditer(r"\{([^{}]*)\}", line):
            out += [line[position : found.start()], read_mark(found[1], truths, options)]
            position = found.end()
        out += [line[position:], "\n"]
    return out


def _shown(cell: str | Mark) -> str:
    return cell if isinstance(cell, str) else cell.printed


def compose(name: str, half: str, about: str, body: str, settings: dict[str, str] | None = None) -> Text:
    """A text and its key from the body of a draft."""
    settings = settings or {}
    options = Options(settings.get("dots") != "no", settings.get("point") == "yes", settings.get("columns", ""))
    written, marks, labels = "", [], {}
    for segment in _segments(body.strip("\n"), options):
        if isinstance(segment, Mark):
            span = Span(len(written), len(written) + len(segment.printed))
            marks.append((span, segment))
            if segment.label:
                labels[segment.label] = (span, segment.printed)
        written += _shown(segment)
    written = written.rstrip("\n") + "\n"
    form = settings.get("format", "text")
    empty = Text(name, half, written, Key(about, [], [], form, settings.get("typing", "nfc")))
    claims, planted = [], []
    wrongs = {true: wrong for wrong, true in _truths(body).items()}
    for span, mark in marks:
        own = _named(written, span, mark.notation)
        if mark.error:
            planted.append(Planted(own, mark.error, "" if mark.error in STRUCTURAL else mark.true))
        claims += [_claim(empty, span, own, one, labels, wrongs) for one in mark.statements]
    judged = []
    for claim in claims:
        result = judge(empty, claim)
        reason = "base_not_printed" if "?" in claim.equation else "readings_disagree" if result.verdict == "undecided" else ""
        judged.append(replace(claim, verdict=result.verdict, computed=result.computed, reason=reason))
    text = empty._replace(key=Key(about, judged, planted, form, settings.get("typing", "nfc")))
    done = [
        replace(claim, repairs=[str(one) for one in repairs(text, claim)]) if claim.verdict == "contradicted" else claim
        for claim in judged
    ]
    return text._replace(key=Key(about, done, planted, form, settings.get("typing", "nfc")))


def _named(written: str, span: Span, notation: str) -> str:
    """A figure with its number among equal ones."""
    one = figure(notation)
    return str(one._replace(nth=occurrences(written, one.printed).index(span) + 1))


def _claim(
    text: Text, span: Span, own: str, one: Statement, labels: dict[str, tuple[Span, str]], wrongs: dict[str, str]
) -> Claim:
    direction = {"+": "up", "-": "down"}.get(one.sign, "")
    if one.kind == "names":
        equation = "; ".join(name.strip() for name in one.expression.split(","))
        direction = ""
    else:
        used = set() if one.kind == "shares" else {span}

        def placed(notation: str) -> str:
            if notation.startswith("@"):
                return _named(text.written, *labels[notation])
            if not occurrences(text.written, figure(notation).printed):
                notation = wrongs.get(notation, notation)
            each = figure(notation)
            if "#" in notation:
                return str(each)
            if one.kind == "shares" and each.printed == "100":
                return "100"
            every = [other for other in occurrences(text.written, each.printed) if other != span or one.kind == "shares"]
            found = [(_distance(text.written, other, span), other) for other in every if other not in used or len(every) == 1]
            found = found or [(_distance(text.written, other, span), other) for other in every]
            if not found:
                raise ValueError(f"{text.name}: operand {notation} of {own} is not in the text")
            nearest = min(found)[1]
            used.add(nearest)
            return _named(text.written, nearest, notation)

        expression = spaced(one.expression)
        parts = re.split(r"( \+ | - | \* | / | -> | or |[()])", expression)
        equation = "".join(
            part if not part.strip() or re.fullmatch(r" \S+ |[()?]", part) or part.strip() == "?" else placed(part.strip())
            for part in parts
        )
        if one.kind == "bound":
            equation = f"{'>=' if one.sign == '>' else '<='} {equation}"
            direction = ""
    quote, nth = _quote(text.written, span)
    return Claim(one.kind, "holds", quote, own, equation, direction=direction, nth=nth)


def _distance(written: str, other: Span, span: Span) -> int:
    """How far a figure is from a claim; what looks like a date or a number of a document is far."""
    away = abs(other.start - span.start)
    before, after = written[max(0, other.start - 9) : other.start], written[other.end : other.end + 3]
    return away + (5000 if _NO_QUANTITY.search(before) or re.match(r"/\d|/[A-ZĐ]|-[A-ZĐ]", after) else 0)


def _quote(written: str, span: Span) -> tuple[str, int]:
    """The words around a figure in its line: a few before it, one after it."""
    first = written.rfind("\n", 0, span.start) + 1
    last = written.find("\n", span.end)
    before, after = written[first : span.start], written[span.end : last if last >= 0 else len(written)]
    tail = re.match(r"\s?[^\s;,.|]*", after)
    end = tail[0] if tail else ""
    starts = [found.start() for found in re.finditer(r"\S+", before)][::-1]
    quote = written[span.start : span.end] + end
    for index, start in enumerate(starts):
        quote = before[start:] + written[span.start : span.end] + end
        if index >= 1 and written.count(quote) == 1:
            return quote, 1
    position, nth = -1, 0
    while True:
        position, nth = written.find(quote, position + 1), nth + 1
        if position <= span.start < position + len(quote):
            return quote, nth


def drafts(words: str, half: str) -> Iterable[Text]:
    """The texts of a file of drafts, each after a line `@@ name | about | setting=value ...`."""
    for part in re.split(r"^@@ ", words, flags=re.M)[1:]:
        head, _, body = part.partition("\n")
        name, about, *settings = [one.strip() for one in head.split("|")]
        try:
            yield compose(name, half, about, body, dict(one.split("=", 1) for line in settings for one in line.split()))
        except ValueError as error:
            sys.stderr.write(f"{name}: {error}\n")


def main() -> int:
    """Writes the texts and keys of drafts into a folder, and tells what is wrong with them."""
    folder, bad = Path(sys.argv[2]), 0
    for text in drafts(Path(sys.argv[1]).read_text(), folder.name):
        found = list(faults(text))
        bad += len(found)
        sys.stderr.writelines(f"{text.name}: {one}\n" for one in found)
        write(text, folder)
    return 1 if bad else 0


if __name__ == "__main__":
    raise SystemExit(main())
