/** What an `up` would do with the stack that an export is of: the section of the report, and its findings. */
import { consequenceOf, renamesDevices } from "../deployed/consequences";
import { isOfProvider, subjectOf, titleOf } from "../deployed/plan";
import type { Step } from "../deployed/plan";
import type { Finding, Todo, UpgradeReport, UpgradeStep } from "./report";

/** Values that are printed: versions, which are never secret. */
const PRINTED = ["version", "releaseVersion", "addonVersion"];

/** @param pending URNs of changes that an interrupted `up` did not end. */
export function summarizeUpgrade(all: readonly Step[], pending: readonly string[]): UpgradeReport {
  const steps = all.filter(isOfProvider);
  return {
    steps: steps.flatMap((step) => (step.type === "same" ? [] : [stepReport(step)])),
    unchanged: steps.filter(({ type }) => type === "same").length,
    notCompared: steps.flatMap((step) =>
      "changes" in step && step.changes.encrypted.length > 0 ? [{ subject: titleOf(step), properties: step.changes.encrypted }] : [],
    ),
    notUnderstood: steps.filter((step) => "changes" in step && !step.changes.isUnderstood).map(titleOf),
    pending,
  };
}

function stepReport(step: Exclude<Step, { readonly type: "same" }>): UpgradeStep {
  const changes = "changes" in step ? step.changes : undefined;
  return {
    operation: step.type,
    subject: titleOf(step),
    urn: subjectOf(step).urn,
    properties: (changes?.found ?? []).map(({ path }) => described(step, path)),
    replacedFor: changes?.replacedFor ?? [],
    consequence: consequenceOf(step),
  };
}

/** `version 1.34 -> 1.35`, or the path alone. */
function described(step: Step, path: string): string {
  if (!PRINTED.includes(path) || !("changes" in step)) {
    return path;
  }
  const [before, after]: readonly unknown[] = [step.deployed.inputs[path], step.resource.inputs[path]];
  return typeof before === "string" && typeof after === "string" ? `${path} ${before} -> ${after}` : path;
}

/** What the engine refuses, and what cannot be foreseen. */
export function upgradeFindings(all: readonly Step[]): readonly Finding[] {
  const finding = (step: Step, message: string): Finding => ({ kind: "upgrade", subject: titleOf(step), place: "the stack", message });
  return all.filter(isOfProvider).flatMap((step) => {
    const isGone = step.type === "delete" || step.type === "replace";
    if (isGone && step.deployed.protect) {
      const key = "deletionProtection";
      return [
        finding(
          step,
          `is protected, so that pulumi up refuses to ${step.type} it. If you want that, set ${key} to false and run pulumi up before this change`,
        ),
      ];
    }
    if (step.type === "update" && !step.changes.isUnderstood) {
      const paths = step.changes.found.map(({ path }) => path).join(", ");
      return [
        finding(step, `the project does not know whether a change of ${paths} replaces it. Run pulumi preview --diff before pulumi up`),
      ];
    }
    return [];
  });
}

/** What you must do before such an `up`. */
export function upgradeTodos(all: readonly Step[]): readonly Todo[] {
  return all.some(renamesDevices)
    ? [
        {
          title: "Drain the GPU nodes: the devices get other names",
          detail:
            "The claims of running pods keep the old names, for the scheduler the new names are free, and the new plugin cannot take back what the old one prepared. Upgrade the charts before the nodes, or a waiting pod gets a slice of a new node under its old name. docs/upgrade.md has the steps.",
          commands: [
            "kubectl drain -l node-role=gpu --ignore-daemonsets --delete-emptydir-data",
            "pulumi up --target '**::gpu-operator' --target '**::dra-driver'",
          ],
        },
      ]
    : [];
}

/** The section's lines: one for each step with what it does. */
export function upgradeTexts({ upgrade }: { readonly upgrade?: UpgradeReport }): readonly string[] {
  if (upgrade === undefined) {
    return [];
  }
  const { steps, unchanged, notCompared, notUnderstood, pending } = upgrade;
  return [
    ...steps.map(stepText),
    `${steps.length === 0 ? "Nothing changes" : `${steps.length} changes`}, and ${unchanged} resources stay as they are.`,
    ...notCompared.map(
      ({ subject, properties }) => `Not compared, because it is encrypted in the export: ${properties.join(", ")} of ${subject}.`,
    ),
    ...(notUnderstood.length === 0 ? [] : [`Not understood, because the project has no rules for the type: ${notUnderstood.join(", ")}.`]),
    ...(pending.length === 0
      ? []
      : [`An interrupted up has left pending operations: ${pending.join(", ")}. See docs/operations.md, "An up that was interrupted".`]),
  ];
}

function stepText({ operation, subject, properties, replacedFor, consequence }: UpgradeStep): string {
  const because = operation === "replace" ? replacedFor : properties;
  const shown =
    because.slice(0, MAX_PROPERTIES).join(", ") + (because.length > MAX_PROPERTIES ? ` and ${because.length - MAX_PROPERTIES} more` : "");
  return `${operation} ${subject}${shown === "" ? "" : ` (${shown})`}${consequence === "" ? "" : `: ${consequence}`}`;
}

/** A changed script has hundreds of lines, and a list of tags is everywhere the same. */
const MAX_PROPERTIES = 4;
