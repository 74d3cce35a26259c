import { matches, readDocument, wildcardProblems } from "../../../policy-pack/resources/iam-statements";
import { UNKNOWN } from "../../../policy-pack/evaluation/snapshot";

test.each([
  ["no statement", {}, { type: "document", statements: [] }],
  ["no statement, in so many words", { Statement: null }, { type: "document", statements: [] }],
  ["one statement", '{"Statement": {"Effect": "Allow"}}', { type: "document", statements: [{ effect: "Allow" }] }],
  ["what is no statement", { Statement: [null, "x", 7, []] }, { type: "document", statements: [{}, {}, {}, {}] }],
  ["unknown statements", { statement: UNKNOWN }, { type: "unknown" }],
  ["an unknown document", UNKNOWN, { type: "unknown" }],
  ["no document", "[]", { type: "invalid" }],
  ["a name twice", { Statement: [], statement: [] }, { type: "invalid" }],
  ["a name twice in a statement", { Statement: { Action: "a", ACTION: "b" } }, { type: "invalid" }],
])("%s is read as it is", (_, value, reading) => {
  expect(readDocument(value)).toEqual(reading);
});

const problems = (statement: object) =>
  wildcardProblems({ effect: "Allow", action: "s3:GetObject", resource: "x", ...statement }, () => false);

test.each(["*", "**", "*:*", "?*:*", "*?"])("the action %s is everything", (action) => {
  expect(problems({ action })).toEqual([`Action "${action}" allows everything. Name the actions`]);
});

test.each(["?", "?:?", "*:GetObject", "s3:*", "*x", ":"])("the action %s is not", (action) => {
  expect(problems({ action })).toEqual([]);
});

test.each([
  ...["*", "**", "?*", "arn:*", "arn:aws:*", "arn:aws:s3:*", "arn:aws:s3:::*", "arn:aws:s3:::*/*", "arn:aws:iam::123456789012:role/*"],
  ...[
    "arn:aws:iam::123456789012:*",
    "arn:aws:logs:us-east-1:123456789012:log-group:*",
    "arn:aws:logs:us-east-1:123456789012:log-group:*:*",
  ],
])("the resource %s is every one", (resource) => {
  expect(problems({ resource })).toEqual([
    `Action "s3:GetObject" is allowed on every resource (Resource "${resource}"). Name the resources`,
  ]);
});

test.each([
  ...["?", "*x", "x*", "x:aws:s3:::*", "arn:aws:s3:::?", "arn:aws:s3:::/", "arn:aws:s3:::*x", "arn:aws:s3:::x/*", "arn:aws:s3:::role/*"],
  ...[
    "arn:aws:iam::123456789012:role/x*",
    "arn:aws:iam::123456789012:*x/",
    "arn:aws:iam::123456789012:x**",
    "arn:aws:logs:us-east-1:123456789012:log-group:mine:*",
    "arn:aws",
    "arn",
    "",
    7,
  ],
])("the resource %s is not", (resource) => {
  expect(problems({ resource })).toEqual([]);
});

test("what is unknown or no action is not judged here", () => {
  expect(problems({ action: [UNKNOWN, 7, "s3:PutObject"], resource: [UNKNOWN, "*"] })).toEqual([
    'Action "s3:PutObject" is allowed on every resource (Resource "*"). Name the resources',
  ]);
});

test.each([
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["a*c", "abbc", true],
  ["a*b*c", "aXbYbc", true],
  ["*ab", "aab", true],
  ["abc", "ab", false],
  ["ab", "abc", false],
  ["ab**", "ab", true],
  ["", "", true],
  ["", "a", false],
])("the pattern %p against %p: %p", (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});
