/** Reads PromQL with the grammar of Prometheus' own editor. */
import { parser } from "@prometheus-io/lezer-promql";

/** What an expression names. */
export interface Read {
  /** Series with the labels of their matchers. */
  readonly selectors: readonly { readonly series: string; readonly labels: readonly string[] }[];
  /** Labels of `by`, `without`, `on`, `ignoring`, `group_left` and `group_right`. */
  readonly groupings: readonly string[];
  /** Labels that `label_replace` writes. */
  readonly written: readonly string[];
}

/** @throws Error for what is no expression. */
export function readPromql(expr: string): Read {
  const selectors: { series: string; labels: string[] }[] = [];
  const groupings: string[] = [];
  const written: string[] = [];
  parser.parse(expr).iterate({
    enter: ({ node }) => {
      if (node.type.isError) {
        throw new Error(`no PromQL at character ${String(node.from)}: ${expr}`);
      }
      if (node.name === "VectorSelector") {
        const name = node.getChild("Identifier");
        const matchers = node.getChild("LabelMatchers");
        const labels = matchers?.getChildren("UnquotedLabelMatcher").map((matcher) => matcher.getChild("LabelName")) ?? [];
        selectors.push({
          series: name === null ? "" : expr.slice(name.from, name.to),
          labels: labels.map((label) => (label === null ? "" : expr.slice(label.from, label.to))),
        });
      }
      if (node.name === "GroupingLabels") {
        groupings.push(...node.getChildren("LabelName").map(({ from, to }) => expr.slice(from, to)));
      }
      if (node.name === "FunctionCall" && node.firstChild?.firstChild?.name === "LabelReplace") {
        const [target] = node.getChild("FunctionCallBody")?.getChildren("StringLiteral") ?? [];
        written.push(target === undefined ? "" : expr.slice(target.from + 1, target.to - 1));
      }
    },
  });
  return { selectors, groupings, written };
}
