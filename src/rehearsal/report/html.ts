/** The report as one self-contained HTML page: no script, no request, readable without colours and without a mouse. */
import { WHOLE_GPU } from "../../hardware/node-devices";
import { advisoryCounts, advisoryTexts } from "./advisories";
import { escape, figureList, list, page, section, table } from "./page/elements";
import { coloursOf, gpuMap, holderOf, legend } from "./page/gpu-map";
import type { Colours } from "./page/gpu-map";
import { LATER_VERDICTS, laterTexts } from "./later";
import { podCount } from "./report";
import type { NodeReport, Report } from "./report";
import { upgradeTexts } from "./upgrade";
import { HOURS_PER_MONTH, controlPlaneTexts, differenceTexts, notModelledTexts, objectCounts, usd, warningTexts } from "./text";

export function formatHtml(report: Report): string {
  return page({
    title: `Rehearsal of ${report.project}, stack ${report.stack}`,
    heading: `${escape(report.project)} <span>stack ${escape(report.stack)}</span>`,
    introduction: `<p>Rehearsed on ${escape(report.date)}; nothing was deployed.</p>
${verdict(report)}`,
    main: `${findings(report)}
${section("What pulumi up does with the deployed stack", "upgrade", list(upgradeTexts(report).map(escape)))}
${figures(report)}
${section("Warnings of the program", "warnings", list(report.warnings.map(escape)))}
${section("Warnings about objects", "object-warnings", list(warningTexts(report).map(escape)))}
${section("Objects that are not modelled", "not-modelled", list(notModelledTexts(report).map(escape)))}
${section("Where the rehearsal and the control plane differ", "differences", differences(report))}
${section("The control plane", "control-plane", list(controlPlaneTexts(report).map(escape)))}
${section("GPUs", "gpus", gpuSection(report))}
${section("Pods", "pods", pods(report))}
${section("Slices", "slices", slices(report))}
${section("After pulumi up", "later", laterSection(report))}
${section("Cost", "cost", cost(report))}
${section("Policy pack", "policy", policy(report))}
${section("Advisories", "advisories", list(advisoryTexts(report.advisories).map(escape)))}
${section("Before you deploy", "todo", todos(report))}
${section("Resources", "resources", resources(report))}
${section("What this answer leaves out", "limits", limits(report))}`,
  });
}

/** Text in which \`code\` is marked as in Markdown. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function differences(report: Report): string {
  const rows = differenceTexts(report).map((row) => row.map(escape));
  return rows.length === 0 ? "" : table(["object", "the rehearsal", "the control plane"], rows);
}

/** A message; one of several lines keeps its columns, because it may point at a place in the first line. */
function message(text: string): string {
  return `<p class="message${text.includes("\n") ? " mono" : ""}">${escape(text)}</p>`;
}

function verdict(report: Report): string {
  const { result, findings, objects } = report;
  const counts = objectCounts(report);
  const isWhole = objects.every(({ outcome }) => outcome !== "notModelled");
  const found =
    result === "ok"
      ? `<p class="verdict ${isWhole ? "good" : "partly"}">No finding${isWhole ? "" : ", apart from what is not modelled"}: no mandatory violation, every layout is legal, every pod is placed.</p>`
      : `<p class="verdict bad">${findings.length} ${findings.length === 1 ? "finding" : "findings"}</p>`;
  return [found, ...[counts, advisoryCounts(report.advisories)].filter((line) => line !== "").map((line) => `<p>${escape(line)}</p>`)].join(
    "\n",
  );
}

function findings(report: Report): string {
  const items = report.findings.map(
    ({ subject, place, message: text }) =>
      `<strong>${escape(subject)}</strong> <span class="quiet">${escape(place)}</span>${message(text)}`,
  );
  return section("Findings", "findings", items.length === 0 ? "" : `<div class="findings">${list(items)}</div>`);
}

function figures({ nodes, profiles, cost, pods, resources }: Report): string {
  const gpus = nodes.flatMap((node) => node.gpus?.list ?? []).length;
  const free = profiles.reduce((sum, profile) => sum + profile.free, 0);
  const all = profiles.reduce((sum, profile) => sum + profile.total, 0);
  const placed = pods.filter((pod) => pod.status === "placed").length;
  const items: Parameters<typeof figureList>[0] = [
    [`${gpus}`, "GPUs"],
    [`${free} of ${all}`, profiles.some((profile) => profile.profile === WHOLE_GPU) ? "slices and whole GPUs free" : "slices free"],
    [`${placed} of ${podCount(pods)}`, "pods placed"],
    [`$${usd(cost.total)}`, "per hour, list price"],
    [`$${usd(cost.gpuIdle)}`, "of it for idle slices"],
    [`${resources.total}`, "resources"],
  ];
  return figureList(items);
}

function coloursIn({ pods: all, later = [] }: Report): Colours {
  const holders = later.flatMap(({ nodes }) =>
    nodes.flatMap(({ gpus }) => (gpus?.list ?? []).flatMap(({ parts }) => parts.flatMap((part) => holderOf(part) ?? []))),
  );
  return coloursOf([...all.filter((pod) => pod.slices.length > 0).map((pod) => pod.namespace), ...holders]);
}

/** The steps of `--then`, with the GPUs after each. */
function laterSection(report: Report): string {
  const colours = coloursIn(report);
  return (report.later ?? [])
    .map(
      (step, index) => `<h3>${escape(step.step)}</h3>
<p>${escape(`${step.change}: ${LATER_VERDICTS[step.verdict]}.`)}</p>
${list(laterTexts(step).map(escape))}
${step.nodes.map((node) => gpuNode(node, colours, { heading: "h4", title: `${node.name} after step ${index + 1}` })).join("\n")}`,
    )
    .join("\n");
}

function gpuSection(report: Report): string {
  const { nodes } = report;
  const gpuNodes = nodes.filter((node) => node.gpus !== undefined);
  const others = nodes.filter((node) => node.gpus === undefined);
  const colours = coloursIn(report);
  const rest =
    others.length === 0
      ? ""
      : `<p class="quiet">Nodes without GPUs: ${escape(others.map(({ name, instanceType }) => `${name} (${instanceType})`).join(", "))}</p>`;
  return gpuNodes.length === 0
    ? rest
    : `${legend(colours)}\n${gpuNodes.map((node) => gpuNode(node, colours, { heading: "h3", title: node.name })).join("\n")}\n${rest}`;
}

function gpuNode(
  node: NodeReport,
  colours: Colours,
  { heading, title }: { readonly heading: "h3" | "h4"; readonly title: string },
): string {
  const { gpus } = node;
  if (gpus === undefined) {
    return "";
  }
  const price = node.usdPerHour === null ? "" : `, $${usd(node.usdPerHour)} per hour`;
  return `<article class="node">
<${heading}>${escape(title)}</${heading}>
<p class="quiet">pool ${escape(node.pool)}, ${escape(node.instanceType)} in ${escape(node.zone)}${price}; ${gpus.list.length} × ${escape(gpus.model)}, layout ${escape(gpus.layout)}</p>
${gpuMap(
  title,
  gpus.list.map(({ index, parts }) => ({ name: `GPU ${index}`, memorySlices: gpus.memorySlices, parts })),
  colours,
)}
</article>`;
}

function pods({ pods: all }: Report): string {
  if (all.length === 0) {
    return "";
  }
  const rows = all.map((pod) => [
    `${escape(pod.namespace)}/<wbr>${escape(pod.name)}${pod.count > 1 ? ` and ${pod.count - 1} more` : ""}`,
    pod.status === "placed"
      ? escape(pod.slices.map(({ gpu, profile }) => `${profile} of GPU ${gpu}`).join(", ") || "no GPU")
      : `<span class="bad">pending</span>`,
    pod.status === "placed" ? escape(pod.node) : escape(pod.reason),
    escape(pod.place),
  ]);
  return table(["pod", "holds", "node, or why not", "from"], rows);
}

function slices({ profiles }: Report): string {
  const rows = profiles.map(({ gpuModel, profile, total, held, free }) => [
    escape(profile),
    escape(gpuModel),
    `${total}`,
    `${held}`,
    `${free}`,
  ]);
  return rows.length === 0 ? "" : table(["profile", "GPU", "all", "held", "free"], rows);
}

function cost({ cost: { gpuUsed, gpuIdle, systemNodes, controlPlane, total, unpriced, source } }: Report): string {
  const rows = [
    ["GPU slices in use", usd(gpuUsed)],
    ["GPU slices idle", usd(gpuIdle)],
    ["system nodes", usd(systemNodes)],
    ["control plane", usd(controlPlane)],
    ["<strong>together</strong>", usd(total)],
  ];
  const without = unpriced.length === 0 ? "" : ` Not in the sum, because they have no list price: ${escape(unpriced.join(", "))}.`;
  return `${table(["per hour", "USD"], rows)}
<p class="quiet">${escape(source)}; $${usd(total * HOURS_PER_MONTH)} for a month of ${HOURS_PER_MONTH} hours. A GPU's price is shared out over its compute slices: idle are those that nobody holds. NAT, traffic, volumes and logs come on top.${without}</p>`;
}

function policy({ policy: { pack, version, resources: count, policies, violations } }: Report): string {
  const items = violations.map(
    ({ policy: name, enforcementLevel, subject, place, message: text }) =>
      `<span class="${enforcementLevel === "advisory" ? "warn" : "bad"}">${enforcementLevel}</span> <strong>${escape(name)}</strong> on ${escape(subject)}${subject === place ? "" : ` <span class="quiet">${escape(place)}</span>`}${message(text)}`,
  );
  const intro = `<p>${escape(pack)} ${escape(version)}: ${policies.length} ${policies.length === 1 ? "policy" : "policies"} on ${count} resources, ${violations.length === 0 ? "no violation" : `${violations.length} violated`}.</p>`;
  return `${intro}${list(items)}`;
}

function todos({ beforeYouDeploy }: Report): string {
  return list(
    beforeYouDeploy.map(
      ({ title, detail, commands }) =>
        `<strong>${escape(title)}</strong><p>${prose(detail)}</p>${commands.map((command) => `<pre><code>${escape(command)}</code></pre>`).join("")}`,
    ),
    "ol",
  );
}

function resources({ resources: { total, components, types, madeBy } }: Report): string {
  const made = Object.entries(madeBy).map(([type, count]) => `${count} by ${type}`);
  const intro = `<p>${total} in ${components} components${made.length > 0 ? `, of these ${escape(made.join(" and "))} as its plugin makes them` : ""}.</p>`;
  return `${intro}<details><summary>By type</summary>${table(
    ["type", "number"],
    types.map(({ type, count }) => [`<code>${escape(type)}</code>`, `${count}`]),
  )}</details>`;
}

function limits({ assumptions, notModelled }: Report): string {
  return list([...assumptions, ...notModelled].map(escape));
}
