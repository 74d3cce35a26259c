/** Pods that run, by what rules between pods tell apart: namespace and labels. */
import type { LabelRequirement, Pod } from "../../pods";
import type { Labels, Rule } from "./pod-rules";
import { labelsOf, labelText, matches } from "./pod-rules";

/** Pods that no rule tells apart. */
export interface PodGroup {
  readonly namespace: string;
  readonly labels: Labels;
  /** They are being deleted. */
  readonly isEnding: boolean;
  /** How many are on each node, by its index. */
  readonly nodes: Map<number, number>;
}

export class PodGroups {
  private readonly running: { readonly pod: Pod; readonly index: number; readonly isEnding: boolean }[] = [];
  /** Of so many of the running pods the groups are known. Most clusters have no rule that asks for them. */
  private grouped = 0;
  private readonly groups = new Map<string, PodGroup>();
  private readonly byLabel = new Map<string, PodGroup[]>();

  /** A pod runs on a node. @param isEnding it is being deleted */
  add(pod: Pod, index: number, isEnding: boolean): void {
    this.running.push({ pod, index, isEnding });
  }

  /** The groups that a rule is about. */
  about(rule: Rule): readonly PodGroup[] {
    return this.candidates(oneLabel(rule.requirements)).filter((group) => matches(rule, group));
  }

  private candidates(label: string | undefined): readonly PodGroup[] {
    for (; this.grouped < this.running.length; this.grouped++) {
      const next = this.running[this.grouped];
      if (next !== undefined) {
        const { nodes } = this.groupOf(next.pod, next.isEnding);
        nodes.set(next.index, (nodes.get(next.index) ?? 0) + 1);
      }
    }
    return label === undefined ? [...this.groups.values()] : (this.byLabel.get(label) ?? []);
  }

  private groupOf({ namespace, labels }: Pod, isEnding: boolean): PodGroup {
    const key = JSON.stringify([namespace, labels, isEnding]);
    let group = this.groups.get(key);
    if (group === undefined) {
      group = { namespace, labels, isEnding, nodes: new Map() };
      this.groups.set(key, group);
      for (const label of labelsOf(labels)) {
        append(this.byLabel, label, group);
      }
    }
    return group;
  }
}

/** A label that every pod has which requirements are about; undefined: none is sure. */
export function oneLabel(requirements: readonly LabelRequirement[] = []): string | undefined {
  const requirement = requirements.find(({ operator, values }) => operator === "In" && values.length === 1);
  return requirement && labelText(requirement.key, requirement.values[0] ?? "");
}

export function append<T>(map: Map<string, T[]>, key: string, value: T): void {
  const list = map.get(key);
  if (list === undefined) {
    map.set(key, [value]);
  } else {
    list.push(value);
  }
}
