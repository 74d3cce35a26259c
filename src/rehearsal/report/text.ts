/** The report for a terminal. */
import { advisoryCounts, advisoryTexts } from "./advisories";
import { LATER_VERDICTS, laterTexts } from "./later";
import { mapLines } from "./text-map";
import { podCount } from "./report";
import type { Finding, LaterReport, ObjectReport, ObjectWarning, Report } from "./report";
import { upgradeTexts } from "./upgrade";
import { hang, table, wrap } from "./style";
import type { Style, TextOptions } from "./style";

/** The whole report. Findings stand at the end, where a terminal stops. */
export function formatReport(report: Report, options: TextOptions): string {
  const { style } = options;
  const sections = [
    [style.bold(`Rehearsal of ${report.project}, stack ${report.stack}`) + style.dim(`  ${report.date}, nothing was deployed`)],
    section("Warnings of the program", bullets(report.warnings, options), style),
    section("What pulumi up does with the deployed stack", bullets(upgradeTexts(report), options), style),
    section("Resources", resourceLines(report, options), style),
    section(`Policy pack ${report.policy.pack} ${report.policy.version}`, policyLines(report, options), style),
    section("Advisories", bullets(advisoryTexts(report.advisories), options), style),
    section("GPUs", mapLines(report, options), style),
    section("Pods", podLines(report, options), style),
    section("Slices", sliceLines(report), style),
    ...(report.later ?? []).map((step) => laterLines(step, options)),
    section("Warnings about objects", bullets(warningTexts(report), options), style),
    section("Objects that are not modelled", bullets(notModelledTexts(report), options), style),
    section("Cost per hour", costLines(report, options), style),
    section("Before you deploy", todoLines(report, options), style),
    section("Assumptions", bullets(report.assumptions, options), style),
    section("Not modelled", bullets(report.notModelled, options), style),
    section("The control plane", bullets(controlPlaneTexts(report), options), style),
    section("Where the rehearsal and the control plane differ", differenceLines(report, options), style),
    resultLines(report, options),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

function section(title: string, lines: readonly string[], style: Style): readonly string[] {
  return lines.length === 0 ? [] : [style.bold(title), ...lines];
}

/** A step after `up`, with the GPUs after it. */
function laterLines(step: LaterReport, options: TextOptions): readonly string[] {
  const { style, width } = options;
  const colour = { keeps: style.good, loses: style.bad, unknown: style.warn }[step.verdict];
  return [
    style.bold(`Then ${step.step}`),
    ...hang("  ", step.change, width),
    `  ${colour(LATER_VERDICTS[step.verdict])}`,
    ...bullets(laterTexts(step), options),
    ...mapLines(step, options),
  ];
}

/** Keeps a number and its noun on one line. */
const NO_BREAK = "\u00a0";

function resourceLines({ resources }: Report, { width }: TextOptions): readonly string[] {
  const byModule = new Map<string, string[]>();
  for (const { type, count } of resources.types) {
    const [packageName = "", module = "", kind = ""] = type.split(":");
    const [service = ""] = module.split("/");
    const title = service === "index" ? packageName : `${packageName} ${service}`;
    byModule.set(title, [...(byModule.get(title) ?? []), count === 1 ? kind : `${count}${NO_BREAK}${kind}`]);
  }
  const titleWidth = Math.max(...[...byModule.keys()].map((title) => title.length));
  const made = Object.entries(resources.madeBy).map(([type, count]) => `${count} by ${type}`);
  const suffix = made.length > 0 ? `, of these ${made.join(" and ")} as its plugin makes them` : "";
  return [
    ...hang("  ", `${resources.total} in ${resources.components} components${suffix}`, width),
    ...[...byModule]
      .flatMap(([title, kinds]) => hang(`  ${title.padEnd(titleWidth)}  `, kinds.join(", "), width))
      .map((line) => line.replaceAll(NO_BREAK, " ")),
  ];
}

function policyLines({ policy }: Report, { style, width }: TextOptions): readonly string[] {
  const enforced = policy.policies.filter(({ enforcementLevel }) => enforcementLevel !== "disabled");
  const counted = `${policy.policies.length === 1 ? "1 policy" : `${enforced.length} policies`} on ${policy.resources} resources`;
  if (policy.violations.length === 0) {
    return [`  ${style.good("no violation")} (${counted})`];
  }
  return [
    `  ${policy.violations.length} ${policy.violations.length === 1 ? "violation" : "violations"} (${counted})`,
    ...policy.violations.flatMap(({ policy: name, enforcementLevel, subject, place, message }) => {
      const mark = enforcementLevel === "advisory" ? style.warn("advisory ") : style.bad("mandatory");
      return [
        `  ${mark}  ${style.bold(name)}  ${subject}${parenthesis(subject, place)}`,
        ...wrap(message, width - 13).map((line) => `             ${line}`),
      ];
    }),
  ];
}

function podLines({ pods }: Report, { style }: TextOptions): readonly string[] {
  if (pods.length === 0) {
    return [];
  }
  const placed = pods.filter((pod) => pod.status === "placed");
  const rows = placed.map((pod) => [
    `${pod.namespace}/${pod.name}`,
    pod.slices.map(({ gpu, profile }) => `${profile} of GPU ${gpu}`).join(", ") || "no GPU",
    pod.node,
  ]);
  const all = podCount(pods);
  const pending = all - placed.length;
  return [
    ...(rows.length === 0
      ? []
      : table([["pod", "holds", "node"], ...rows]).map((line, index) => `  ${index === 0 ? style.dim(line) : line}`)),
    ...(pending === 0 ? [] : [`  ${style.bad(`${pending} of ${all} are not placed. The reasons are at the end`)}`]),
  ];
}

function sliceLines({ profiles }: Report): readonly string[] {
  if (profiles.length === 0) {
    return [];
  }
  const rows = profiles.map(({ gpuModel, profile, total, held, free }) => [profile, gpuModel, String(total), String(held), String(free)]);
  return table([["profile", "GPU", "all", "held", "free"], ...rows]).map((line) => `  ${line}`);
}

function costLines({ cost }: Report, { style, width }: TextOptions): readonly string[] {
  const gpu = cost.gpuUsed + cost.gpuIdle;
  const share = (part: number) => (gpu === 0 ? "" : `${Math.round((part / gpu) * 100)}%`);
  const rows = [
    ...(gpu === 0
      ? []
      : [
          ["GPU slices in use", usd(cost.gpuUsed), share(cost.gpuUsed)],
          ["GPU slices idle", usd(cost.gpuIdle), share(cost.gpuIdle)],
        ]),
    ["system nodes", usd(cost.systemNodes), ""],
    ["control plane", usd(cost.controlPlane), ""],
    ["together", usd(cost.total), ""],
  ];
  const unpriced = cost.unpriced.length === 0 ? "" : ` Not in the sum, because they have no list price: ${cost.unpriced.join(", ")}.`;
  const note = `${cost.source}; ${usd(cost.total * HOURS_PER_MONTH)} for a month of ${HOURS_PER_MONTH} hours. The price of a GPU is divided by its compute slices. NAT, traffic, volumes and logs come on top.${unpriced}`;
  return [
    ...table([["", "USD", ""], ...rows])
      .slice(1)
      .map((line) => `  ${line}`),
    ...hang("  ", note, width).map(style.dim),
  ];
}

export const HOURS_PER_MONTH = 730;

/** `1,234.50`. */
export function usd(amount: number): string {
  return amount.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

function todoLines({ beforeYouDeploy }: Report, { style, width }: TextOptions): readonly string[] {
  return beforeYouDeploy.flatMap(({ title, detail, commands }, index) => {
    const number = `${index + 1}.`.padStart(4);
    return [
      `${number} ${title}`,
      ...wrap(detail, width - 5).map((line) => `     ${style.dim(line)}`),
      ...commands.map((command) => `       ${command}`),
    ];
  });
}

function bullets(texts: readonly string[], { style, width }: TextOptions): readonly string[] {
  return texts.flatMap((text) => hang("  - ", text, width)).map(style.dim);
}

/** Each object once with its place, and what is to be known of it. */
export function warningTexts({ objectWarnings }: Report): readonly string[] {
  return objectWarnings.map(({ subject, place, message }) => `${subject}${parenthesis(subject, place)}: ${message}`);
}

export function notModelledTexts({ objects }: Report): readonly string[] {
  return objects
    .filter(({ outcome }) => outcome === "notModelled")
    .map(({ subject, place, why }) => `${subject}${parenthesis(subject, place)}: ${why}`);
}

const OUTCOMES: readonly (readonly [ObjectReport["outcome"], string])[] = [
  ["modelled", "simulated"],
  ["withoutEffect", "without effect on pods"],
  ["notModelled", "not modelled"],
  ["refused", "refused"],
];

/** `3 manifest objects: 2 simulated, 1 not modelled`; empty without manifests. */
export function objectCounts({ objects }: Report): string {
  const counts = OUTCOMES.map(([outcome, name]) => [objects.filter((object) => object.outcome === outcome).length, name] as const);
  const parts = counts.filter(([count]) => count > 0).map(([count, name]) => `${String(count)} ${name}`);
  return objects.length === 0
    ? ""
    : `${String(objects.length)} manifest ${objects.length === 1 ? "object" : "objects"}: ${parts.join(", ")}`;
}

/** Who answered in place of the models, what it left open, and what only the rehearsal refuses. Empty without `--control-plane`. */
export function controlPlaneTexts({ controlPlane }: Report): readonly string[] {
  if (controlPlane === undefined) {
    return [];
  }
  const { answeredBy, judged, bothPlace, bothRefuse, stricter, notJudged, differences } = controlPlane;
  const text = ({ subject, place, message }: ObjectWarning) => `${subject}${parenthesis(subject, place)}: ${message}`;
  return [
    `Answered by ${answeredBy.join(", ")}. The nodes, their kubelets and the operators are simulated.`,
    `${String(judged)} objects: the control plane and the rehearsal both place or accept ${String(bothPlace)}, both refuse or leave pending ${String(bothRefuse)}, and differ on ${String(differences.length)}.`,
    ...stricter.map((each) => `Refused by the rehearsal only: ${text(each)}`),
    ...notJudged.map((each) => `Not judged: ${text(each)}`),
  ];
}

/** What the rehearsal and the control plane say of each object on which they differ. */
export function differenceTexts({ controlPlane }: Report): readonly (readonly [string, string, string])[] {
  return (controlPlane?.differences ?? []).map(({ subject, place, rehearsal, controlPlane: real }) => [
    `${subject}${parenthesis(subject, place)}`,
    rehearsal,
    real,
  ]);
}

function differenceLines(report: Report, { style, width }: TextOptions): readonly string[] {
  return differenceTexts(report).flatMap(([title, rehearsal, real]) => [
    `  ${style.bold(title)}`,
    ...hang("    rehearsal:      ", rehearsal, width),
    ...hang("    control plane:  ", real, width),
  ]);
}

function resultLines(report: Report, { style, width }: TextOptions): readonly string[] {
  const { result, findings, nodes, pods } = report;
  const counted = [objectCounts(report), advisoryCounts(report.advisories)].filter((line) => line !== "");
  if (result === "ok") {
    const gpus = nodes.reduce((sum, node) => sum + (node.gpus?.list.length ?? 0), 0);
    const count = podCount(pods);
    const placed = count === 0 ? "there are no pods" : count === 1 ? "the one pod is placed" : `all ${count} pods are placed`;
    const verdict = `OK: no mandatory violation, every layout is legal (${gpus} GPUs), ${placed}`;
    const isWhole = report.objects.every(({ outcome }) => outcome !== "notModelled");
    return [
      ...wrap(isWhole ? verdict : verdict.replace("OK:", "OK, apart from what is not modelled:"), width).map(
        isWhole ? style.good : style.warn,
      ),
      ...counted.flatMap((line) => wrap(line, width)),
    ];
  }
  return [
    style.bad(`${findings.length} ${findings.length === 1 ? "finding" : "findings"}`),
    ...findings.flatMap((finding) => formatFinding(finding, style, width)),
    ...counted.flatMap((line) => wrap(line, width)),
  ];
}

function formatFinding({ subject, place, message }: Finding, style: Style, width: number): readonly string[] {
  return [`  ${style.bold(subject)}${parenthesis(subject, place)}`, ...wrap(message, width - 4).map((line) => `    ${line}`)];
}

/** Where something stands, unless it is the stack itself. */
function parenthesis(subject: string, place: string): string {
  return subject === place ? "" : ` (${place})`;
}
