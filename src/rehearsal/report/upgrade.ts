/** What an `up` would do with the stack that an export is of: the section of the report, and its findings. */
import { consequenceOf, renamesDevices } from "../deployed/consequences";
import type { Mark } from "../deployed/changes";
import { isGoneAlready, isOfProvider, subjectOf, titleOf, titleOfUrn } from "../deployed/plan";
import type { Step } from "../deployed/plan";
import type { PendingOperation } from "../deployed/stack-export";
import { describeStopped, podsStoppedBy } from "../deployed/stopped-pods";
import type { Finding, Todo, UpgradeReport, UpgradeStep } from "./report";

/** Values that are printed: versions, which are never secret. */
const PRINTED = ["version", "releaseVersion", "addonVersion"];

export function summarizeUpgrade(all: readonly Step[], pending: readonly PendingOperation[]): UpgradeReport {
  const steps = all.filter(isOfProvider);
  return {
    steps: steps.flatMap((step) => (step.type === "same" ? [] : [stepReport(step)])),
    unchanged: steps.filter(({ type }) => type === "same").length,
    notCompared: steps.flatMap((step) =>
      "changes" in step && step.changes.encrypted.length > 0 ? [{ subject: titleOf(step), properties: step.changes.encrypted }] : [],
    ),
    notUnderstood: steps.filter((step) => "changes" in step && !step.changes.isUnderstood).map(titleOf),
    pending: pending.map(({ urn }) => urn),
    stoppedPods: steps.flatMap((step) => podsStoppedBy(step) ?? []),
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
    left: leftBy(step),
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

const LEFT: Readonly<Record<Mark, string>> = {
  tainted: "marked with pulumi state taint",
  deleted: "deleted by a replacement that was interrupted",
  notReady: "not ready when the last run ended",
};

/** What earlier runs have left a resource with, because of which the engine changes it. */
function leftBy(step: Step): readonly string[] {
  if (step.type === "delete" && step.deployed.delete) {
    return ["left over by a replacement that was interrupted"];
  }
  return "changes" in step ? step.changes.marks.map((mark) => LEFT[mark]) : [];
}

/** What the engine refuses, and what cannot be foreseen. */
export function upgradeFindings(all: readonly Step[], pending: readonly PendingOperation[]): readonly Finding[] {
  const finding = (step: Step, message: string): Finding => ({ kind: "upgrade", subject: titleOf(step), place: "the stack", message });
  return [...pending.map(pendingFinding), ...all.filter(isOfProvider).flatMap(ofStep)];

  function ofStep(step: Step): readonly Finding[] {
    // Nothing of it is left to be protected.
    if (isGoneAlready(step)) {
      return [];
    }
    if (step.type === "delete" && step.deployed.protect) {
      const unprotect = `pulumi state unprotect '${step.deployed.urn}'`;
      return [finding(step, `is protected, so that pulumi up refuses to delete it. If you want that, run ${unprotect} before`)];
    }
    if (step.type === "replace" && step.deployed.protect && step.resource.options.protect) {
      return [finding(step, "is protected, so that pulumi up refuses to replace it. If you want that, set deletionProtection to false")];
    }
    if (step.type === "update" && !step.changes.isUnderstood) {
      const paths = step.changes.found.map(({ path }) => path).join(", ");
      return [
        finding(step, `the project does not know whether a change of ${paths} replaces it. Run pulumi preview --diff before pulumi up`),
      ];
    }
    return [];
  }
}

const UNKNOWN_END: Readonly<Record<PendingOperation["operation"], string>> = {
  creating: "an interrupted run was creating it. Whether it exists is unknown, and pulumi up creates it again",
  updating: "an interrupted run was updating it. What it is like now is unknown",
  deleting: "an interrupted run was deleting it. Whether it still exists is unknown",
  reading: "an interrupted run was reading it",
  importing: "an interrupted run was importing it",
};

function pendingFinding({ urn, operation }: PendingOperation): Finding {
  const message = `${UNKNOWN_END[operation]}. See docs/operations.md, "An up that was interrupted", and export the stack again afterwards`;
  return { kind: "upgrade", subject: titleOfUrn(urn), place: "the stack", message };
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
  const { steps, unchanged, notCompared, notUnderstood, pending, stoppedPods } = upgrade;
  return [
    ...steps.map(stepText),
    `${steps.length === 0 ? "Nothing changes" : `${steps.length} changes`}, and ${unchanged} resources stay as they are.`,
    stoppedPods.length === 0 ? "No running pod stops." : `Pods that stop: ${[...new Set(stoppedPods.map(describeStopped))].join("; ")}.`,
    ...notCompared.map(
      ({ subject, properties }) => `Not compared, because it is encrypted in the export: ${properties.join(", ")} of ${subject}.`,
    ),
    ...(notUnderstood.length === 0 ? [] : [`Not understood, because the project has no rules for the type: ${notUnderstood.join(", ")}.`]),
    ...(pending.length === 0
      ? []
      : [`An interrupted up has left pending operations: ${pending.join(", ")}. See docs/operations.md, "An up that was interrupted".`]),
  ];
}

function stepText({ operation, subject, properties, replacedFor, left, consequence }: UpgradeStep): string {
  const because = [...left, ...(operation === "replace" ? replacedFor : properties)];
  const shown =
    because.slice(0, MAX_PROPERTIES).join(", ") + (because.length > MAX_PROPERTIES ? ` and ${because.length - MAX_PROPERTIES} more` : "");
  return `${operation} ${subject}${shown === "" ? "" : ` (${shown})`}${consequence === "" ? "" : `: ${consequence}`}`;
}

/** A changed script has hundreds of lines, and a list of tags is everywhere the same. */
const MAX_PROPERTIES = 4;
