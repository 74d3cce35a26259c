/** The page about every policy, made from the policies themselves. */
import type { PolicyConfigSchema } from "@pulumi/policy";
import type { PolicyFile } from "../policy-files";

type Policy = PolicyFile["policies"][number];

/** A policy and the pages about it. */
export interface PolicyEntry {
  readonly policy: Policy;
  /** Path of its file in the policy pack, without extension. */
  readonly file: string;
  /** Whether the page about the pack has a section of its name. */
  readonly hasDetails: boolean;
  /** Whether `test/corpus` has manifests for it. */
  readonly hasCorpus: boolean;
}

/** Titles of the policy folders. */
const TITLES: Readonly<Record<string, string>> = {
  claims: "Claims",
  pods: "Pods",
  platform: "Platform",
  "aws/cluster": "AWS: clusters",
  "aws/cost": "AWS: cost",
  "aws/gpu-pools": "AWS: GPU pools",
  "aws/iam": "AWS: IAM",
  "aws/nodes": "AWS: nodes",
  helm: "Helm charts",
  advisories: "Advisories",
};

/** The page, in Markdown. */
export function policyPage(entries: readonly PolicyEntry[]): string {
  const folders = [...new Set(entries.map(folderOf))];
  const mandatory = entries.filter(({ policy }) => policy.enforcementLevel === "mandatory").length;
  const blocks = [
    "# Policies",
    "<!-- `npm run docs:policies` writes this page from the policies. Change the policies instead. -->",
    [
      `The policy pack has ${entries.length} policies: ${mandatory} mandatory and ${entries.length - mandatory} advisory.`,
      "[The policy pack](policy-pack.md) says how to run and configure it, and what it does with values that are unknown in a preview.",
    ].join("\n"),
    ...folders.flatMap((folder) =>
      folderBlocks(
        folder,
        entries.filter((entry) => folderOf(entry) === folder),
      ),
    ),
  ];
  return `${blocks.join("\n\n")}\n`;
}

function folderOf({ file }: PolicyEntry): string {
  return file.slice(0, file.lastIndexOf("/"));
}

function folderBlocks(folder: string, entries: readonly PolicyEntry[]): readonly string[] {
  const rows = entries.map(({ policy: { name, description, enforcementLevel, severity } }) => [
    `[${name}](#${name})`,
    withoutStart(description),
    enforcementLevel ?? "",
    severity ?? "",
  ]);
  return [`## ${TITLES[folder] ?? folder}`, table(["policy", "checks that", "level", "severity"], rows), ...entries.flatMap(policyBlocks)];
}

function withoutStart(description: string): string {
  return description.replace(/^Checks that /, "").replace(/\.$/, "");
}

function policyBlocks({ policy, file, hasDetails, hasCorpus }: PolicyEntry): readonly string[] {
  const { name, displayName, description, enforcementLevel, severity, tags = [], remediationSteps, configSchema } = policy;
  const links = [
    ...(hasDetails ? [`[Details](policy-pack.md#${name})`] : []),
    ...(hasCorpus ? [`[good and bad manifests](../test/corpus/${name})`] : []),
    `[source](../policy-pack/${file}.ts)`,
  ];
  const facts = [
    `- Checks: ${"validateStack" in policy ? "the whole stack, when its resources are known" : "each resource, before it is created"}.`,
    `- Level: ${enforcementLevel ?? ""}. Severity: ${severity ?? ""}. Tags: ${tags.join(", ")}.`,
    `- Remediation: ${remediationSteps ?? ""}`,
    `- See: ${links.join(", ")}.`,
  ];
  return [
    `### ${name}`,
    `**${displayName ?? name}.** ${description}`,
    facts.join("\n"),
    ...(configSchema === undefined ? [] : [settings(configSchema)]),
  ];
}

function settings({ properties }: PolicyConfigSchema): string {
  const rows = Object.entries(properties).map(([key, schema]) => [
    `\`${key}\``,
    schema.type === "array" ? `array of ${String(itemsOf(schema)["type"])}` : String(schema.type),
    schema.default === undefined ? "see meaning" : `\`${JSON.stringify(schema.default)}\``,
    legalValues(schema),
    schema.description ?? "",
  ]);
  return table(["setting", "type", "default", "legal values", "meaning"], rows);
}

type Schema = PolicyConfigSchema["properties"][string];

function itemsOf({ items }: Schema): Readonly<Record<string, unknown>> {
  return (items ?? {}) as Readonly<Record<string, unknown>>;
}

const MOST_NAMES = 6;

function legalValues(schema: Schema): string {
  const names = (schema.enum ?? itemsOf(schema)["enum"] ?? []) as readonly unknown[];
  const shown = names.slice(0, MOST_NAMES).map((name) => `\`${String(name)}\``);
  const more = names.length > MOST_NAMES ? [`${names.length - MOST_NAMES} more of the catalogue`] : [];
  return [
    ...(names.length > 0 ? [[...shown, ...more].join(", ")] : []),
    ...(schema.minimum === undefined ? [] : [`at least ${schema.minimum}`]),
    ...(schema.exclusiveMinimum === undefined ? [] : [`more than ${schema.exclusiveMinimum}`]),
    ...(schema.maximum === undefined ? [] : [`at most ${schema.maximum}`]),
    ...(schema.pattern === undefined ? [] : [`matches \`${schema.pattern}\``]),
    ...(schema.minItems === undefined ? [] : [`at least ${schema.minItems} entry`]),
    ...(schema.uniqueItems === true ? ["no duplicates"] : []),
  ].join("; ");
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(header), `|${header.map(() => "---|").join("")}`, ...rows.map(line)].join("\n").replaceAll("|  |", "| |");
}
