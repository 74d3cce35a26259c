/**
 * What the language says of each of its forms with each kind of operand: the whole answer, position and remedy included. The verdicts are recorded, so a form more
 * shows as well as a form less.
 */
import { selectorProblem } from "../../../../src/dra/selector/language/check";
import { hasAllowedWords } from "../../../../src/dra/selector/language/pattern";
import { patternFault } from "../../../../src/dra/selector/language/regular-expression";
import { CONSTRUCTORS, INSTEAD, INSTEAD_OF, LIMITS, METHODS } from "../../../../src/dra/selector/language/vocabulary";
import { REFUSED } from "./refused";

const NAME_OF = new Map<string, string>(
  [...Object.entries(INSTEAD), ...Object.entries(CONSTRUCTORS).map(([name, { example }]) => [name, example] as const)].map(
    ([name, form]) => [form, name],
  ),
);

/** What the policy pack says, and where: there the expression has a mark. */
function verdictOf(expression: string): { readonly says: string; readonly marked: string } {
  const problem = selectorProblem(expression);
  const isAdmitted = hasAllowedWords(expression);
  const shown = (text: string) => (text.length > 200 ? `${text.slice(0, 60)}...${text.slice(-20)}` : text);
  if (problem === undefined) {
    expect([expression, isAdmitted]).toEqual([expression, true]);
    return { says: "allowed", marked: shown(expression) };
  }
  const { about, offset, reason, instead } = problem;
  expect([expression, isAdmitted && about === "words"]).toEqual([expression, false]);
  return {
    says: `${reason} (${about}${isAdmitted ? ", admitted" : ""}). Write for example ${NAME_OF.get(instead) ?? "?"}`,
    marked: shown(`${expression.slice(0, offset)}‸${expression.slice(offset)}`),
  };
}

function record(expressions: readonly string[]): string {
  const byVerdict = new Map<string, string[]>();
  for (const { says, marked } of [...new Set(expressions)].map(verdictOf)) {
    byVerdict.set(says, [...(byVerdict.get(says) ?? []), marked]);
  }
  return [...byVerdict].map(([says, all]) => [says, ...all.map((each) => `    ${each}`)].join("\n")).join("\n");
}

/** One of each kind that an expression can be. */
const OPERANDS = [
  ...["true", `"a"`, "1", `quantity("1")`, `semver("1.0.0")`, "device.driver"],
  ...[`device.attributes["d"].a`, `device.capacity["d"].a`, `device.attributes["d"]`, `device.capacity["d"]`],
  ...["device.attributes", "device.capacity", "device.other", "device", "x", `["a"]`, `{"a": 1}`, "null", "1.5", "1u", `b"a"`, "a{b: 1}"],
];

const of = (form: (operand: string) => string) => OPERANDS.map(form);
const OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "/", "%"];

test.each<[string, readonly string[]]>([
  ["an expression of its own", of((x) => x)],
  ["brackets", of((x) => `(${x}) == "a"`)],
  ["negation", [...of((x) => `!${x}`), ...of((x) => `-${x} == 1`)]],
  ["conditionals", OPERANDS.flatMap((x) => [`${x} ? true : false`, `true ? ${x} : false`, `true ? true : ${x}`])],
  ["presence", OPERANDS.flatMap((x) => [`has(${x})`, `has(${x}.a)`, `"a" in ${x}`, `1 in ${x}`, `device.driver in ${x}`])],
  [
    "names",
    OPERANDS.flatMap((x) => [
      `${x}.a == "a"`,
      `${x}["a"] == "a"`,
      `${x}[1] == "a"`,
      `device.attributes["d"][${x}] == "a"`,
      `device.attributes[${x}].a == "a"`,
    ]),
  ],
  [
    "lists",
    OPERANDS.flatMap((x) => [`${x} in ["a"]`, `${x} in [1, 2]`, `"a" in [${x}]`, `"a" in ["a", ${x}]`, `1 in [1, ${x}]`, `"a" in [?${x}]`]),
  ],
  [
    "optional names",
    OPERANDS.flatMap((x) => [
      `${x}.?a.orValue("a") == "a"`,
      `device.attributes["d"].?a.orValue(${x}) == "a"`,
      `device.capacity["d"].?a.orValue(${x}) == quantity("1")`,
      `${x}.orValue("a") == "a"`,
    ]),
  ],
  [
    "bound names",
    OPERANDS.flatMap((x) => [
      `cel.bind(y, ${x}, y == "a")`,
      `cel.bind(y, ${x}, y.a == "a")`,
      `cel.bind(device, ${x}, device.driver == "a")`,
      `cel.bind(device, ${x}, device.attributes["d"].a == "a")`,
    ]),
  ],
  ["macros", OPERANDS.flatMap((x) => [`${x}.exists(y, true)`, `[1].all(y, ${x})`])],
])("%s", (_, expressions) => {
  expect(record(expressions)).toMatchSnapshot();
});

test.each(OPERATORS)("the operator %s", (operator) => {
  expect(
    record(OPERANDS.flatMap((x) => [`${x} ${operator} device.attributes["d"].a`, `device.attributes["d"].a ${operator} ${x}`])),
  ).toMatchSnapshot();
});

describe("methods", () => {
  const target = (name: string) => (METHODS[name]?.on.includes("string") === true ? "device.driver" : `device.attributes["d"].a`);
  const argument = (name: string) => {
    const taken = METHODS[name]?.argument;
    return taken === "none" ? "" : taken === "pattern" || taken?.includes("string") === true ? `"a"` : `quantity("1")`;
  };
  test.each(Object.keys(METHODS))("%s", (name) => {
    const wrong = [
      `${target(name)}.${name}()`,
      `${target(name)}.${name}(${argument(name)}, "b")`,
      `${target(name)}.${name}`,
      `${name}("a")`,
      `.${name}("a")`,
    ];
    expect(
      record([
        ...of((x) => `${x}.${name}(${argument(name)})`),
        ...of((x) => `${target(name)}.${name}(${x})`),
        ...[`${target(name)}.${name}(${argument(name)}) == "a"`, `${target(name)}.${name}(${argument(name)}) == 1`, ...wrong],
        `${target(name)}.${name}(${argument(name)}).lowerAscii()`,
      ]),
    ).toMatchSnapshot();
  });

  test("that are not in the language", () => {
    const names = [...Object.keys(INSTEAD_OF), "bind", "constructor", "_", "@", "other"];
    expect(
      record(names.flatMap((name) => [`${name}(device.driver)`, `device.driver.${name}(1)`, `device.driver.${name}()`])),
    ).toMatchSnapshot();
  });
});

test("quantities and versions", () => {
  const literals = [
    ...[
      "0",
      "1",
      "007",
      "999999999999999",
      "1000000000000000",
      "1.5",
      "1.555",
      "1.5555",
      ".5",
      "1.",
      "-1",
      "+1",
      " 1",
      "1 ",
      "",
      "x",
      "1e3",
      "1E3",
    ],
    ...["k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei", "m", "u", "n", "K", "ki", "i"].flatMap((unit) => [
      `1${unit}`,
      `1.5${unit}`,
      `999999${unit}`,
      `1000000${unit}`,
      `999999999${unit}`,
      `1000000000${unit}`,
      `1.5555${unit}`,
    ]),
  ];
  const versions = [
    "1.0.0",
    "0.0.0",
    "01.0.0",
    "1.00.0",
    "1.0.00",
    "1.0",
    "1",
    "1.0.0.0",
    "999999.999999.999999",
    "1000000.0.0",
    "1.1000000.0",
    "1.0.1000000",
    "1.0.0-a",
    "1.0.0+a",
    "v1.0.0",
    " 1.0.0",
    "",
    "-1.0.0",
  ];
  expect(
    record([
      ...literals.map((literal) => `quantity("${literal}") == quantity('1')`),
      ...versions.map((literal) => `semver("${literal}") == semver('1.0.0')`),
      ...["quantity", "semver"].flatMap((name) => [
        `${name}() == 1`,
        `${name}("1", "2") == 1`,
        `${name}( "1" ) == 1`,
        ...of((x) => `${name}(${x}) == 1`),
      ]),
    ]),
  ).toMatchSnapshot();
});

test("literals", () => {
  const characters = Array.from({ length: 0x82 }, (_, code) => String.fromCharCode(code));
  const shown = (character: string) => (/[!-~]/.test(character) ? character : `\\x${character.charCodeAt(0).toString(16)}`);
  const allowedIn = (form: (character: string) => string) =>
    characters
      .filter((character) => selectorProblem(form(character)) === undefined)
      .map(shown)
      .join(" ");
  const admittedIn = (form: (character: string) => string) =>
    characters
      .filter((character) => hasAllowedWords(form(character)))
      .map(shown)
      .join(" ");
  const forms: Readonly<Record<string, (character: string) => string>> = {
    "between double quotes": (character) => `device.driver == "a${character}b"`,
    "between single quotes": (character) => `device.driver == 'a${character}b'`,
    "escaped between double quotes": (character) => `device.driver == "a\\${character}b"`,
    "escaped between single quotes": (character) => `device.driver == 'a\\${character}b'`,
    "between words": (character) => `device.driver ${character} == "a"`,
    "in front of all": (character) => `${character}device.driver == "a"`,
    "behind all": (character) => `device.driver == "a"${character}`,
    "in a name": (character) => `device.attributes["d"].a${character}b == "a"`,
    "at the begin of a name": (character) => `device.attributes["d"].${character} == "a"`,
    "in a domain": (character) => `device.attributes["a${character}b"].a == "a"`,
    "in a regular expression": (character) => `device.driver.matches("a${character}b")`,
    "escaped in a regular expression": (character) => `device.driver.matches("a\\\\${character}b")`,
    "in a class": (character) => `device.driver.matches("[a${character}b]")`,
    "escaped in a class": (character) => `device.driver.matches("[a\\\\${character}b]")`,
    "the end of a range of lower case": (character) => `device.driver.matches("[b-${character}]")`,
    "the end of a range of upper case": (character) => `device.driver.matches("[B-${character}]")`,
    "the end of a range of digits": (character) => `device.driver.matches("[1-${character}]")`,
    "the start of a range": (character) => `device.driver.matches("[${character}-z]")`,
  };
  expect(
    Object.fromEntries(Object.entries(forms).map(([name, form]) => [name, { allowed: allowedIn(form), admitted: admittedIn(form) }])),
  ).toMatchSnapshot();
});

test("other words", () => {
  const many = (count: number, part: string, separator: string) => Array.from({ length: count }, () => part).join(separator);
  const edges = [
    `device.driver == "${"a".repeat(LIMITS.bytes - `device.driver == ""`.length)}"`,
    `device.driver == "${"a".repeat(LIMITS.bytes + 1 - `device.driver == ""`.length)}"`,
    ...[LIMITS.nesting, LIMITS.nesting + 1].flatMap((depth) => [
      `${"(".repeat(depth)}true${")".repeat(depth)}`,
      `device.driver in ${"[".repeat(depth)}"a"${"]".repeat(depth)}`,
    ]),
    many(LIMITS.nesting + 2, "(true)", "&&"),
    many(LIMITS.nesting + 2, `device.driver in ["a"]`, "&&"),
    many(LIMITS.terms, `"a"in["a"]`, "||").slice(0, LIMITS.terms * 6),
    ...[LIMITS.terms, LIMITS.terms + 1].flatMap((terms) => [
      `1 in [${many(terms - 1, "1", ",")}]`,
      `"" in [${many(terms - 1, `""`, ",")}]`,
    ]),
    many(LIMITS.terms + 1, "true", "&&"),
    ...[LIMITS.patternCharacters, LIMITS.patternCharacters + 1].map((length) => `device.driver.matches("${"a".repeat(length)}")`),
  ];
  const spelled = [
    ...[
      "",
      " ",
      "\t\r\n\ftrue",
      "true\v",
      "// a",
      "true // a",
      "// a\ntrue",
      "true /* a */",
      "a.`b` == 1",
      "`a` == 1",
      "device.`driver` == 'a'",
      "é == 1",
      `"é" == "a"`,
      "1 == 1 // é",
    ],
    ...[
      "123456789 == 1",
      "1234567890 == 1",
      "-123456789 == 1",
      "-1 == 1",
      "- 1 == 1",
      "1 - 1 == 0",
      "(1) - 1 == 0",
      "true - 1 == 0",
      "false -1 == 0",
      "x -1 == 0",
      `"a" -1 == 0`,
      "1 == -1",
      "[1] -1 == 0",
      "1--1 == 0",
      "0x1 == 1",
      "1e3 == 1",
      "1. == 1",
      ".1 == 1",
    ],
    ...[
      `"a" + "b" == "ab"`,
      `device.driver + "b" == "ab"`,
      "1 + 1 == 2",
      "1 * 1 == 1",
      "1 / 1 == 1",
      "1 % 1 == 1",
      "{}",
      "{ == 1",
      "} == 1",
      "1 ? 2",
      "true ? : true",
      "true;",
      "a @ b",
      "a # b",
      "$a",
      "a = b",
      "a & b",
      "a | b",
      "a ~ b",
      "a ^ b",
    ],
    ...[
      `r"a" == "a"`,
      `R'a' == "a"`,
      `"""a""" == "a"`,
      `'''a''' == "a"`,
      `"a\\nb" == "a"`,
      `"${"long ".repeat(20)}\\n" == "a"`,
      `br"a" == b"a"`,
      "1u == 1u",
      "null == null",
    ],
    ...[
      "int == int",
      "device.driver",
      "device",
      "cel.bind(x, device.driver)",
      "cel.bind(1, device.driver, true)",
      "cel.other(1)",
      "x.bind(y, device.driver, true)",
      ".device.driver == 'a'",
      ".x == 1",
      "has(device)",
      "has()",
      ".has(device.driver)",
      "device.driver == 'a' device.driver",
      "in == 1",
      "(true",
      "true)",
      "[true",
      "device.driver.",
      "device..driver == 'a'",
      "&& true",
      "true &&",
      "!",
      "a.b.c.d == 1",
      'device.driver.matches ("a")',
      "device . driver == 'a'",
      'device.attributes[ "d" ].a == 1',
      "device.attributes['d'] [ 'a' ] == 1",
    ],
    ...[
      `device.attributes["d"].?a.orValue() == "a"`,
      `device.attributes["d"].?a.orValue("a", "b") == "a"`,
      "device.driver.x_()",
      "x_()",
      "x_(1)",
      'xcontains("a")',
      "1 == 1)-1",
      "true-1 == 0",
      "false-1 == 0",
      '("a")-1 == 0',
      '["a"]-1 == 0',
      "device.`a == 1",
      "a` == 1",
      `"${"a".repeat(37)}\\n" == "a"`,
      `"${"a".repeat(36)}\\n" == "a"`,
      "true\n&& device.driver == x",
      "true\n\n  && x",
    ],
  ];
  expect(record([...spelled, ...edges])).toMatchSnapshot();
});

test("what is refused, with the whole reason", () => {
  expect(record(REFUSED.map(([, expression]) => expression))).toMatchSnapshot();
});

test("regular expressions", () => {
  const patterns = [
    ...[
      "",
      "a",
      "ab",
      "a|b",
      "|",
      "a|",
      "|a",
      "a||b",
      "()",
      "(a)",
      "(a|b)",
      "(a|)",
      "(",
      ")",
      "a)",
      "(a",
      "((a))",
      "(a)b",
      "(?:a)",
      "(?i)a",
      "(?P<x>a)",
    ],
    ...[
      "^",
      "$",
      "^a$",
      "a^b",
      "^*",
      "^+",
      "$?",
      "^^",
      "*",
      "+",
      "?",
      "*a",
      "a*",
      "a+",
      "a?",
      "a**",
      "a*+",
      "a*?",
      "a+?",
      "a??",
      "a?b?c?d?",
      "a?b?c?d?e?",
      "a*b+c?.*",
      "a*b+c?.*d+",
      "(a*)*",
      "(a)*",
      "(a)+",
      "(a)?",
      "(a)?*",
      "(a)??",
      "(a)?b",
      "(a?b)?c",
      "(a*b*c*)?d*",
      "(a*b*c*)?d*e*",
      ".",
      ".*",
      "..",
      "a{2}",
      "a{",
      "}",
      "{",
    ],
    ...[
      "\\",
      "\\.",
      "\\d",
      "\\d+",
      "\\s",
      "\\w",
      "\\p",
      "\\b",
      "\\A",
      "\\\\",
      "\\-",
      "\\/",
      "\\n",
      "\\1",
      "\\]",
      "\\(",
      "\\d*\\d*\\d*\\d*\\d*",
    ],
    ...[
      "[",
      "]",
      "[]",
      "[^]",
      "[a",
      "[a]",
      "[^a]",
      "[^^]",
      "[a^]",
      "[ab]",
      "[ab",
      "[a-z]",
      "[a-z",
      "[a-",
      "[a-]",
      "[-a]",
      "[-]",
      "[a-c-e]",
      "[a\\-z]",
      "[z-a]",
      "[a-a]",
      "[a-Z]",
      "[A-z]",
      "[0-9]",
      "[9-0]",
      "[0-z]",
      "[a-zA-Z0-9]",
      "[a-z]*",
      "[a-z]+?",
      "[[:alpha:]]",
      "[a[]",
      "[\\]]",
      "[\\p]",
      "[\\",
      "[a\\",
      "[.]",
      "[$]",
      "[*]",
      "[(]",
      "[|]",
      "[a-\\d]",
      "[é]",
      "[a-é]",
      "[ab-z]",
      "[!-a]",
      "[a-!]",
      "[aa-b]",
      "[a-bb]",
    ],
    ...["é", "a\nb", "a\tb", "\u007f", '"', "'"],
  ];
  expect(patterns.map((pattern) => `${pattern}    ${patternFault(pattern) ?? "allowed"}`).join("\n")).toMatchSnapshot();
});
