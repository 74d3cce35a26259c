/** The report as one self-contained HTML page: no script, no request, readable without colours and without a mouse. */
import { WHOLE_GPU } from "../../hardware/node-devices";
import { advisoryCounts, advisoryTexts } from "./advisories";
import { isHeld } from "./gpu-map";
import { CSS } from "./html-style";
import { podCount } from "./report";
import type { GpuPart, GpuReport, NodeReport, Report } from "./report";
import { upgradeTexts } from "./upgrade";
import { HOURS_PER_MONTH, controlPlaneTexts, differenceTexts, notModelledTexts, objectCounts, usd, warningTexts } from "./text";

export function formatHtml(report: Report): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(`Rehearsal of ${report.project}, stack ${report.stack}`)}</title>
<style>${CSS}</style>
</head>
<body>
<header>
<h1>${escape(report.project)} <span>stack ${escape(report.stack)}</span></h1>
<p>Rehearsed on ${escape(report.date)}; nothing was deployed.</p>
${verdict(report)}
</header>
<main>
${findings(report)}
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
${section("Cost", "cost", cost(report))}
${section("Policy pack", "policy", policy(report))}
${section("Advisories", "advisories", list(advisoryTexts(report.advisories).map(escape)))}
${section("Before you deploy", "todo", todos(report))}
${section("Resources", "resources", resources(report))}
${section("What this answer leaves out", "limits", limits(report))}
</main>
</body>
</html>
`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** Text in which \`code\` is marked as in Markdown. */
function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");
}

function section(title: string, id: string, content: string): string {
  return content === "" ? "" : `<section aria-labelledby="${id}"><h2 id="${id}">${title}</h2>\n${content}\n</section>`;
}

function list(items: readonly string[], tag: "ul" | "ol" = "ul"): string {
  return items.length === 0 ? "" : `<${tag}>${items.map((item) => `<li>${item}</li>`).join("\n")}</${tag}>`;
}

function differences(report: Report): string {
  const rows = differenceTexts(report).map((row) => row.map(escape));
  return rows.length === 0 ? "" : table(["object", "the rehearsal", "the control plane"], rows);
}

/** A message; one of several lines keeps its columns, because it may point at a place in the first line. */
function message(text: string): string {
  return `<p class="message${text.includes("\n") ? " mono" : ""}">${escape(text)}</p>`;
}

/** Cells that are numbers stand on the right; short ones are not broken. */
function cell(tag: "td" | "th", text: string, isNumber: boolean): string {
  const classes = [...(isNumber ? ["number"] : []), ...(text.length <= 60 ? ["short"] : [])];
  return `<${tag}${tag === "th" ? ' scope="col"' : ""}${classes.length > 0 ? ` class="${classes.join(" ")}"` : ""}>${text}</${tag}>`;
}

function table(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const isNumber = heading.map((_, column) => rows.every((row) => /^[\d.,%]+$/.test(row[column] ?? "")));
  const line = (tag: "td" | "th", row: readonly string[]) =>
    `<tr>${row.map((text, column) => cell(tag, text, isNumber[column] === true)).join("")}</tr>`;
  return scrolled(
    `table of ${heading.filter((text) => text !== "").join(", ")}`,
    `<table><thead>${line("th", heading)}</thead><tbody>${rows.map((row) => line("td", row)).join("\n")}</tbody></table>`,
  );
}

/** Content that can be wider than a screen, and that the keyboard can scroll. @param name for screen readers. */
function scrolled(name: string, content: string): string {
  return `<div class="scroll" role="region" tabindex="0" aria-label="${escape(name)}">${content}</div>`;
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
  const items = [
    [`${gpus}`, "GPUs"],
    [`${free} of ${all}`, profiles.some((profile) => profile.profile === WHOLE_GPU) ? "slices and whole GPUs free" : "slices free"],
    [`${placed} of ${podCount(pods)}`, "pods placed"],
    [`$${usd(cost.total)}`, "per hour, list price"],
    [`$${usd(cost.gpuIdle)}`, "of it for idle slices"],
    [`${resources.total}`, "resources"],
  ];
  return `<dl class="figures">${items.map(([figure, name]) => `<div><dt>${name}</dt><dd>${figure}</dd></div>`).join("")}</dl>`;
}

/** Colours of slices: one per namespace, as far as they reach. */
const TEAM_COLOURS = 6;

function gpuSection({ nodes, pods: all }: Report): string {
  const gpuNodes = nodes.filter((node) => node.gpus !== undefined);
  const others = nodes.filter((node) => node.gpus === undefined);
  const teams = [...new Set(all.filter((pod) => pod.slices.length > 0).map((pod) => pod.namespace))];
  const colours = new Map(teams.map((team, index) => [team, `t${index % TEAM_COLOURS}`]));
  const keys = [...colours].map(([team, colour]) => `<span class="key held ${colour}"></span> ${escape(team)}`);
  const legend = `<p class="legend">${[...keys, '<span class="key free"></span> free', '<span class="key unused"></span> not covered by any slice'].join(" ")} <span>(widths are memory slices)</span></p>`;
  const rest =
    others.length === 0
      ? ""
      : `<p class="quiet">Nodes without GPUs: ${escape(others.map(({ name, instanceType }) => `${name} (${instanceType})`).join(", "))}</p>`;
  return gpuNodes.length === 0 ? rest : `${legend}\n${gpuNodes.map((node) => gpuNode(node, colours)).join("\n")}\n${rest}`;
}

type Colours = ReadonlyMap<string, string>;

function gpuNode(node: NodeReport, colours: Colours): string {
  const { gpus } = node;
  if (gpus === undefined) {
    return "";
  }
  const price = node.usdPerHour === null ? "" : `, $${usd(node.usdPerHour)} per hour`;
  return `<article class="node">
<h3>${escape(node.name)}</h3>
<p class="quiet">pool ${escape(node.pool)}, ${escape(node.instanceType)} in ${escape(node.zone)}${price}; ${gpus.list.length} × ${escape(gpus.model)}, layout ${escape(gpus.layout)}</p>
${scrolled(`GPUs of ${node.name}`, `<div class="map">${gpus.list.map((gpu) => gpuRow(gpu, gpus.memorySlices, colours)).join("\n")}</div>`)}
</article>`;
}

function gpuRow(gpu: GpuReport, memorySlices: number, colours: Colours): string {
  const parts = gpu.parts.map((part) => gpuPart(part, colours)).join("");
  return `<div class="gpu"><h4>GPU ${gpu.index}</h4><ul style="grid-template-columns:repeat(${memorySlices},minmax(0,1fr))" aria-label="GPU ${gpu.index}">${parts}</ul></div>`;
}

function gpuPart(part: GpuPart, colours: Colours): string {
  const place = `style="grid-column:${part.start + 1}/span ${part.memorySlices}"`;
  if (part.type === "unused") {
    return `<li class="unused" ${place} title="no slice covers it"><span>not covered</span></li>`;
  }
  const who = part.holders.join(", ") || (part.claim === "" ? "free" : `claim ${part.claim}`);
  const short = part.holders.map((holder) => holder.slice(holder.indexOf("/") + 1)).join(", ") || who;
  const namespace = (part.holders[0] ?? part.claim).split("/")[0] ?? "";
  const kind = isHeld(part) ? `held ${colours.get(namespace) ?? "t0"}` : "free";
  return `<li class="${kind}" ${place} title="${escape(`${part.profile}, device ${part.device}: ${who}`)}"><b>${escape(part.profile)}</b><span>${escape(short)}</span></li>`;
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
