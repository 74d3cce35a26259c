import { compile } from "../../cel/compile";
import type { Compilation } from "../../cel/compile";
import { deviceValue } from "./device-value";
import type { DeviceValue } from "./device-value";
import { EvaluationError, Unknown } from "../../cel/values/failures";
import { typeName } from "../../cel/values/type-name";
import type { Value } from "../../cel/values/values";
import type { KubernetesRules } from "../../releases/kubernetes";
import type { Selector, SelectorVerdict } from "../types";
import { selectorEnvironment } from "./environment";
import { oncePerExpression } from "./once";

/** A verdict about a device of which not everything is known: `unknown` where it depends on what is not. */
export type PartialVerdict = SelectorVerdict | { readonly type: "unknown" };

const MATCH: SelectorVerdict = { type: "match" };
const NO_MATCH: SelectorVerdict = { type: "noMatch" };
const UNKNOWN: PartialVerdict = { type: "unknown" };

interface Compiled {
  readonly compilation: Compilation;
  readonly selector: Selector;
}

const compileOnce = oncePerExpression((expression, rules): Compiled => {
  const compilation = compile(expression, selectorEnvironment(rules));
  return { compilation, selector: selectorOf(expression, compilation) };
});

/**
 * Compiles a CEL selector by the rules of a Kubernetes version, once. `invalid` is what its API server refuses,
 * an `error` what kube-scheduler meets when it evaluates the expression for a device.
 */
export function compileSelector(expression: string, rules: KubernetesRules): Selector {
  return compileOnce(expression, rules).selector;
}

/** The verdict of a selector that compiles, about a device that may be known in part. Verdicts that are not `unknown` hold whatever the rest turns out to be. */
export function evaluatePartially(expression: string, device: DeviceValue, rules: KubernetesRules): PartialVerdict {
  const { compilation } = compileOnce(expression, rules);
  return compilation.type === "refused" ? { type: "error", message: compilation.message } : verdict(compilation.run({ device }));
}

function selectorOf(expression: string, compilation: Compilation): Selector {
  if (compilation.type === "refused") {
    return { type: "invalid", expression, message: compilation.message };
  }
  const { run } = compilation;
  return {
    type: "selector",
    expression,
    evaluate: (device) => {
      const result = verdict(run({ device: deviceValue(device) }));
      if (result.type === "unknown") {
        throw new Error("nothing is unknown about a device that was given in full");
      }
      return result;
    },
  };
}

function verdict(result: Value): PartialVerdict {
  if (result === true) {
    return MATCH;
  }
  if (result === false) {
    return NO_MATCH;
  }
  if (result instanceof Unknown) {
    return UNKNOWN;
  }
  const message =
    result instanceof EvaluationError ? result.message : `CEL result of type ${typeName(result)} could not be converted to bool`;
  return { type: "error", message };
}
