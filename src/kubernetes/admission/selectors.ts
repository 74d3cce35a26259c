/** The part of the admission policies for claims that looks at selectors. */
import { SELECTOR_PATTERN } from "../../dra/selector/language/pattern";
import { INSTEAD, LIMITS, PATTERN_CALL } from "../../dra/selector/language/vocabulary";
import type { Check } from "./policy";

/** CEL for the selectors of a request or an alternative, where it has some. */
function selectorsOf(path: string): string {
  return `(has(${path}.selectors) ? ${path}.selectors : [])`;
}

/**
 * Checks that the selectors of a claim are few, short, and made of the words of the language of selectors: the same table that the policy pack uses, as one
 * regular expression. The API server's own compiler does the rest, which is to find out whether the words fit together.
 * Each check looks at what passes the one before it, so that no evaluation reaches the cost limit: 2,048 bytes are about 80,000 of 1,000,000 units
 * (`cost.go` of cel-go: a tenth of the text by a quarter of the pattern).
 *
 * @param requests CEL of the list of requests
 */
export function selectorChecks(requests: string): readonly Check[] {
  const sum = (ofRequest: (path: string) => string) =>
    `${requests}.map(r, has(r.exactly) ? ${ofRequest("r.exactly")} : ` +
    `(has(r.firstAvailable) && size(r.firstAvailable) > 0 ? r.firstAvailable.map(alternative, ${ofRequest("alternative")}).sum() : 0)).sum()`;
  const every = (test: string) =>
    `${requests}.all(r, ${selectorsOfRequest("r.exactly", test)} && ` +
    `(!has(r.firstAvailable) || r.firstAvailable.all(alternative, ${selectorsOf("alternative")}.all(s, ${test}))))`;
  const isFew = `${sum((path) => `size(${selectorsOf(path)})`)} <= ${String(LIMITS.selectors)}`;
  const bytes = (path: string) => `(size(${selectorsOf(path)}) > 0 ? ${selectorsOf(path)}.map(s, size(s.cel.expression)).sum() : 0)`;
  const isShort = `has(s.cel) && size(s.cel.expression) <= ${String(LIMITS.bytes)}`;
  const areShort = `${every(isShort)} && ${sum(bytes)} <= ${String(LIMITS.totalBytes)}`;
  const patterns = (path: string) =>
    `(size(${selectorsOf(path)}) > 0 ? ${selectorsOf(path)}.map(s, size(s.cel.expression.split('${PATTERN_CALL}')) - 1).sum() : 0)`;
  const hasAllowedWords = `s.cel.expression.matches(r'${SELECTOR_PATTERN}')`;
  return [
    {
      expression: isFew,
      message: `A claim can have at most ${String(LIMITS.selectors)} selectors, all requests together. Join them with &&`,
    },
    {
      expression: `!(${isFew}) || (${areShort})`,
      message: `A selector is a CEL expression of at most ${String(LIMITS.bytes)} bytes, and the selectors of a claim have at most ${String(LIMITS.totalBytes)} together. Compare fewer attributes`,
    },
    {
      expression: `!(${isFew}) || !(${areShort}) || ${sum(patterns)} <= ${String(LIMITS.patterns)}`,
      message: `The selectors of a claim can have at most ${String(LIMITS.patterns)} regular expressions. Use ==, in, startsWith or contains`,
    },
    {
      expression: `!(${isFew}) || !(${areShort}) || ${every(hasAllowedWords)}`,
      message:
        `A selector of this claim uses what selectors of claims cannot use. Compare named attributes and capacities with plain constants, such as ` +
        `${INSTEAD.attribute}, ${INSTEAD.quantity} or ${INSTEAD.pattern}`,
    },
  ];
}

function selectorsOfRequest(path: string, test: string): string {
  return `(!has(${path}) || ${selectorsOf(path)}.all(s, ${test}))`;
}
