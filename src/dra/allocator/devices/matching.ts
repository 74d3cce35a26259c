import { compileSelector } from "../../selector/selector";
import { tolerates } from "../../tolerations";
import type { KubernetesRules } from "../../../releases/kubernetes";
import type { DeviceTaint, Selector, SelectorInput, SelectorVerdict } from "../../types";
import type { ExactRequest } from "../../claims/types";
import type { DeviceClass } from "../../device-classes";
import type { Inventory } from "./inventory";
import type { Reads } from "./reads";
import { readsOf } from "./reads";

/** Says of every device of an inventory whether the selectors of a class and a request let it pass. */
export class Matcher {
  private readonly groupOf: Int32Array;
  private readonly verdicts: readonly SelectorVerdict[];
  /** Whether some device makes a selector fail. */
  readonly hasErrors: boolean;

  constructor(inventory: Inventory, deviceClass: DeviceClass, selectors: readonly string[], rules: KubernetesRules) {
    const expressions = [
      ...deviceClass.selectors.map((expression) => ({ expression, origin: `class ${deviceClass.name}` })),
      ...selectors.map((expression) => ({ expression, origin: "request" })),
    ];
    const compiled = expressions.map(({ expression, origin }) => ({ origin, selector: compileSelector(expression, rules) }));
    const { groupOf, samples } = inventory.grouping(
      expressions.map(({ expression }) => readsOf(expression, rules)).reduce(union, new Set<string>()),
    );
    this.groupOf = groupOf;
    this.verdicts = samples.map((sample) => evaluate(compiled, inventory.selectorInput(sample)));
    this.hasErrors = this.verdicts.some(({ type }) => type === "error");
  }

  verdict(device: number): SelectorVerdict {
    return this.verdicts[this.groupOf[device] ?? -1] ?? { type: "noMatch" };
  }
}

function union(a: Reads, b: Reads): Reads {
  return a === "everything" || b === "everything" ? "everything" : new Set([...a, ...b]);
}

/** One selector after the other, those of the class first, until one does not match: kube-scheduler never evaluates the rest. */
function evaluate(selectors: readonly { readonly origin: string; readonly selector: Selector }[], device: SelectorInput): SelectorVerdict {
  for (const { origin, selector } of selectors) {
    const verdict: SelectorVerdict =
      selector.type === "selector" ? selector.evaluate(device) : { type: "error", message: selector.message };
    if (verdict.type === "error") {
      return { type: "error", message: `selector of ${origin} (${selector.expression}): ${verdict.message}` };
    }
    if (verdict.type === "noMatch") {
      return verdict;
    }
  }
  return { type: "match" };
}

/** Whether every taint of a device is tolerated. A taint of effect `None` only informs. */
export function toleratesTaints(taints: readonly DeviceTaint[] | undefined, tolerations: ExactRequest["tolerations"]): boolean {
  return (taints ?? []).every((taint) => taint.effect === "None" || tolerations.some((toleration) => tolerates(toleration, taint)));
}
