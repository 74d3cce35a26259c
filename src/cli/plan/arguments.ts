import { REGIONS } from "../../config/regions";
import { nearestNames } from "../../hardware/nearest";
import { parseDemand } from "../../planner/ask/demand";
import type { DemandItem } from "../../planner/ask/demand";
import type { Arrangement } from "../../planner/ask/pods";
import { PRICED_REGION, offersOf } from "../../planner/design/offers";
import type { Offers } from "../../planner/design/offers";
import type { DesignQuestion } from "../../planner/design/design";
import { parseFleet } from "../../planner/replay/fleet";
import type { FleetNodes } from "../../planner/replay/fleet";
import type { ChangeText } from "../../planner/what-if/change";
import { MONITORING_NAMESPACE } from "../../well-known/namespaces";
import { UserError } from "../../rehearsal/files";
import { readOptions } from "../options";

/** The Service is that of kube-prometheus-stack's Prometheus. */
const PORT_FORWARD = `kubectl -n ${MONITORING_NAMESPACE} port-forward service/kube-prometheus-stack-prometheus 9090`;

export const HELP = `Answers what a cluster of this project has left, whether it can take more, and what to buy for a demand.

  npm run plan -- QUESTION [options]

Questions
  --status                    slices by profile, tier, node and team; what waits and why; what is used and idle, in dollars
  --ask DEMAND                whether this fits too, and if not, what would help: 3x1g.5gb,1xlarge (MIG profiles, the tiers
                              small, medium and large, or gpu for a GPU that is not divided). Each slice has a pod of its own
    --team NAME               in the namespace of this team, with its quota (default: namespace default)
    --together                one pod has all slices, from one GPU
    --apart                   one pod has all slices, each from another GPU
  --what-if CHANGE            which claims go on, what is gained and lost, in which order to drain, and what has no place any more
                              layout=NAME   every GPU of a pool in this layout
                              nodes=+1      more nodes of a pool, or fewer (nodes=-1)
                              drain=NODE    nothing runs on this node
                              team=NAME     everything of this team is deleted
    --pool NAME               the pool of layout= and nodes=, or a part of its name (default: the only one with GPUs)
  --design DEMAND             the cheapest nodes and layouts that serve this: 20x1g.5gb,4x2g.10gb,3x3g.20gb. It needs no cluster
    --instance-types LIST     only these, separated by commas (default: all of the catalogue)
    --region REGION           where to buy (default: us-east-1, whose list prices are in the catalogue)
    --price LIST              what you pay an hour, in dollars: p5.4xlarge=3.50,p4d.24xlarge=12. It goes before the list price
    --spread ZONES            the demand is served whichever one of these zones fails: us-east-1a,us-east-1b
    --spare NUMBER            this many nodes of each instance type serve nothing until another one fails (default: 0)

  --replay TRACE.csv          which layout of a fleet serves a demand over time best: pods with arrival, duration and GPU share, in the
                              form of Alibaba's GPU trace of 2023. It needs no cluster
    --fleet NODES             the fleet: 9xp4d.24xlarge

  --usage                     who used how many slice-hours, how many of them were busy, and what that costs at list price, by team.
                              It asks Prometheus, which counts while monitoring runs
    --prometheus URL          its address (required): http://localhost:9090, while this runs:
                              ${PORT_FORWARD}
    --since DURATION          how far back from now: 30d, 12h or 4w (default: 30d)
    --csv                     print a line for each team, tier and node, and nothing else

Sources of --status, --ask and --what-if
  --stack NAME                the cluster that this stack would make, as in Pulumi.NAME.yaml (default: dev)
  --context NAME              the cluster of this kubectl context. It is only read
  --from FILE                 a file: one that --save has written, or a List of kubectl get ... --output json (- is the
                              standard input)

Options
  --save FILE                 where to write what was read, without names of people and without secrets
  --html FILE                 where to write the answer as a page, with pictures of the GPUs
  --json                      print the answer as JSON (format 1) and nothing else
  --help                      print this

Exit codes
  0  answered; with --ask: it fits; with --design: here is what to buy; with --what-if: every pod that stops runs again
  1  with --ask: it does not fit; with --design: nothing that can be bought serves it; with --what-if: some pods do not run again
  2  it cannot be told: the answer says what is missing; with --usage: nothing was counted. Or a wrong command line or file

Examples
  npm run plan -- --status
  npm run plan -- --ask 3x1g.5gb,1xlarge --team mig-test
  npm run plan -- --ask 2x1g.5gb --together --context production
  npm run plan -- --what-if layout=all-1g.5gb --pool a100
  npm run plan -- --design 20x1g.5gb,4x2g.10gb,3x3g.20gb
  npm run --silent plan -- --status --json | jq '.profiles'
  npm run --silent plan -- --usage --since 30d --prometheus http://localhost:9090 --csv > bill.csv
`;

/** The command line of the planner. */
export type PlanArguments = { readonly type: "help" } | PlanQuestion | DesignArguments | ReplayArguments | UsageArguments;

export interface UsageArguments extends OutputArguments {
  readonly type: "usage";
  readonly prometheus: string;
  readonly sinceSeconds: number;
  readonly csv: boolean;
}

/** How an answer is given. */
interface OutputArguments {
  /** File of the page; undefined: none is written. */
  readonly html: string | undefined;
  readonly json: boolean;
}

export interface ReplayArguments extends OutputArguments {
  readonly type: "replay";
  readonly trace: string;
  readonly fleet: FleetNodes;
}

/** A question about a cluster. */
export type PlanQuestion = StatusQuestion | AskQuestion | WhatIfQuestion;

export interface DesignArguments extends DesignQuestion, OutputArguments {
  readonly type: "design";
}

interface ClusterQuestion extends OutputArguments {
  readonly source: PlanSource;
  readonly save: string | undefined;
}

export interface StatusQuestion extends ClusterQuestion {
  readonly type: "status";
}

export interface AskQuestion extends ClusterQuestion {
  readonly type: "ask";
  readonly items: readonly DemandItem[];
  readonly team: string | undefined;
  readonly arrangement: Arrangement;
}

export interface WhatIfQuestion extends ClusterQuestion {
  readonly type: "whatIf";
  readonly change: ChangeText;
}

export type PlanSource =
  | { readonly type: "stack"; readonly name: string }
  | { readonly type: "context"; readonly name: string }
  | { readonly type: "file"; readonly path: string };

/** @throws UserError for what is not to be understood. */
export function readPlanArguments(argv: readonly string[]): PlanArguments {
  const values = parse(argv);
  if (values.help) {
    return { type: "help" };
  }
  const [question, another] = QUESTIONS.filter((name) => values[name] !== undefined);
  if (question === undefined || another !== undefined) {
    throw new UserError(
      "ask one question: --status, --ask DEMAND, --what-if CHANGE, --design DEMAND, --replay TRACE or --usage; --help lists the options",
    );
  }
  for (const { options, questions } of OPTIONS) {
    const foreign = options.find((name) => values[name] !== undefined);
    if (foreign !== undefined && !questions.includes(question)) {
      throw new UserError(`--${foreign} is an option of ${listed(questions.map((name) => `--${name}`))}: leave it out of --${question}`);
    }
  }
  if (values.design !== undefined) {
    return designArguments(values.design, values);
  }
  if (values.replay !== undefined) {
    return { type: "replay", trace: values.replay, fleet: fleetOf(values.fleet), ...outputOf(values) };
  }
  if (values.usage !== undefined) {
    return usageArguments(values);
  }
  const common = { source: sourceOf(values), save: values.save, ...outputOf(values) };
  if (values["what-if"] !== undefined) {
    return { type: "whatIf", change: changeIn(values["what-if"], values.pool), ...common };
  }
  return values.ask === undefined ? { type: "status", ...common } : { ...askArguments(values.ask, values), ...common };
}

function outputOf({ html, json }: ReturnType<typeof parse>): OutputArguments {
  return { html, json };
}

function usageArguments({ prometheus, since = "30d", csv = false, json }: ReturnType<typeof parse>): UsageArguments {
  if (prometheus === undefined) {
    throw new UserError(
      `--usage needs the address of Prometheus: write --prometheus http://localhost:9090, while this runs: ${PORT_FORWARD}`,
    );
  }
  if (csv && json) {
    throw new UserError("--csv and --json are different forms: write one of them");
  }
  return { type: "usage", prometheus: addressOf(prometheus), sinceSeconds: secondsOf(since), csv, html: undefined, json };
}

/** The address of Prometheus, below which its API is. */
function addressOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !["http:", "https:"].includes(url.protocol)) {
    throw new UserError(`--prometheus ${text}: write an address with http:// or https://, such as http://localhost:9090`);
  }
  if (url.username !== "" || url.password !== "") {
    throw new UserError("--prometheus: an address with a password stays in the shell's history: write it without, and forward a port");
  }
  if (url.search !== "" || url.hash !== "") {
    throw new UserError(`--prometheus ${text}: leave out what follows ? or #: write the address of Prometheus' first page`);
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

const SECONDS: Readonly<Record<string, number>> = { h: 3600, d: 24 * 3600, w: 7 * 24 * 3600 };
/** More than any volume keeps. */
const MAX_SECONDS = 366 * 24 * 3600;

function secondsOf(text: string): number {
  const [, count = "", unit = ""] = /^(\d+)([hdw])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  if (!(seconds > 0 && seconds <= MAX_SECONDS)) {
    throw new UserError(`--since ${text}: write hours, days or weeks, such as 12h, 30d or 4w, up to 366d`);
  }
  return seconds;
}

function fleetOf(text: string | undefined): FleetNodes {
  if (text === undefined) {
    throw new UserError("--replay needs a fleet: write --fleet 9xp4d.24xlarge");
  }
  const reading = parseFleet(text);
  if (reading.type === "invalid") {
    throw new UserError(`--fleet ${text}: ${reading.reason}${didYouMean(reading.nearest)}`);
  }
  return reading.nodes;
}

function askArguments(
  demand: string,
  { team, together = false, apart = false }: ReturnType<typeof parse>,
): Pick<AskQuestion, "type" | "items" | "team" | "arrangement"> {
  if (together && apart) {
    throw new UserError("--together means one GPU, --apart different ones: write one of them");
  }
  const items = demandOf("ask", demand);
  if (together && items.some(({ wanted }) => wanted.type === "gpu")) {
    throw new UserError("--together asks for slices of one GPU: leave gpu out of the demand, or write no --together");
  }
  return { type: "ask", items, team, arrangement: together ? "together" : apart ? "apart" : "separate" };
}

/** More nodes than any pool gets. */
const MAX_NODES = 1000;

function changeIn(text: string, pool: string | undefined): ChangeText {
  const [, key = "", value = ""] = /^([a-z]+)=(.+)$/.exec(text) ?? [];
  const hasPool = key === "layout" || key === "nodes";
  if (!hasPool && pool !== undefined) {
    throw new UserError("--pool belongs to layout= and nodes=: leave it out");
  }
  switch (key) {
    case "layout":
      return { type: "layout", layout: value, pool };
    case "nodes": {
      const count = Number(value);
      if (!/^[+-]\d+$/.test(value) || count === 0 || Math.abs(count) > MAX_NODES) {
        throw new UserError(`--what-if ${text}: write nodes=+1 for one more node, or nodes=-1 for one fewer, up to ${String(MAX_NODES)}`);
      }
      return { type: "nodes", count, pool };
    }
    case "drain":
      return { type: "drain", node: value };
    case "team":
      return { type: "team", team: value };
    default:
      throw new UserError(`--what-if ${text}: write layout=NAME, nodes=+1, nodes=-1, drain=NODE or team=NAME`);
  }
}

const QUESTIONS = ["status", "ask", "what-if", "design", "replay", "usage"] as const;

/** Which question has which options. */
const OPTIONS: readonly {
  readonly questions: readonly (typeof QUESTIONS)[number][];
  readonly options: readonly (keyof ReturnType<typeof parse>)[];
}[] = [
  { questions: ["ask"], options: ["team", "together", "apart"] },
  { questions: ["design"], options: ["instance-types", "region", "price", "spread", "spare"] },
  { questions: ["what-if"], options: ["pool"] },
  { questions: ["replay"], options: ["fleet"] },
  { questions: ["usage"], options: ["prometheus", "since", "csv"] },
  { questions: ["status", "ask", "what-if", "design", "replay"], options: ["html"] },
  { questions: ["status", "ask", "what-if"], options: ["stack", "context", "from", "save"] },
];

function listed(names: readonly string[]): string {
  return names.length <= 1 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1) ?? ""}`;
}

function designArguments(demand: string, values: ReturnType<typeof parse>): DesignArguments {
  const { region = PRICED_REGION, spread, spare = "0" } = values;
  if (!REGIONS.includes(region)) {
    throw new UserError(`--region ${region}: no AWS region of this name is known${didYouMean(nearestNames(region, REGIONS))}`);
  }
  if (!/^\d{1,2}$/.test(spare)) {
    throw new UserError(`--spare ${spare}: write a number of nodes from 0 to 99`);
  }
  return {
    ...{ type: "design", items: demandOf("design", demand), ...outputOf(values) },
    offers: offersIn(region, values),
    zones: spread === undefined ? [] : zonesOf(spread, region),
    spare: Number(spare),
  };
}

function offersIn(region: string, values: ReturnType<typeof parse>): Offers {
  const prices = new Map<string, number>();
  for (const part of values.price?.split(",") ?? []) {
    const [, name = "", price = ""] = /^\s*([^=\s]+)=(\d+(?:\.\d+)?)\s*$/.exec(part) ?? [];
    if (!(Number(price) > 0)) {
      throw new UserError(`--price ${part}: write an instance type and dollars an hour above 0, such as p5.4xlarge=3.50`);
    }
    if (prices.has(name)) {
      throw new UserError(`--price: ${name} has two prices: write one of them`);
    }
    prices.set(name, Number(price));
  }
  const names = values["instance-types"]?.split(",").map((name) => name.trim());
  const result = offersOf(names, region, prices);
  if (result.type === "invalid") {
    throw new UserError(`${result.reason}${didYouMean(result.nearest)}`);
  }
  return result;
}

function zonesOf(text: string, region: string): readonly string[] {
  const zones = text.split(",").map((zone) => zone.trim());
  const other = zones.find((zone) => !new RegExp(`^${region}[a-z]$`).test(zone));
  if (other !== undefined) {
    throw new UserError(
      `--spread ${other}: not an availability zone of ${region} (its zones are ${region}a, ${region}b, ...); --region names another region`,
    );
  }
  if (zones.length < 2 || new Set(zones).size < zones.length) {
    throw new UserError(`--spread ${text}: write two or more different zones`);
  }
  return zones;
}

function didYouMean(nearest: readonly string[]): string {
  return nearest.length === 0 ? "" : `; did you mean ${nearest.map((name) => `"${name}"`).join(" or ")}?`;
}

function demandOf(question: "ask" | "design", text: string): readonly DemandItem[] {
  const reading = parseDemand(text);
  if (reading.type === "invalid") {
    throw new UserError(`--${question} ${text}: ${reading.reason}${didYouMean(reading.nearest)}`);
  }
  return reading.items;
}

function sourceOf({ stack, context, from }: ReturnType<typeof parse>): PlanSource {
  const named = Object.entries({ stack, context, from }).filter(([, value]) => value !== undefined);
  if (named.length > 1) {
    throw new UserError(`${named.map(([name]) => `--${name}`).join(" and ")} are different sources: write one of them`);
  }
  return context !== undefined
    ? { type: "context", name: context }
    : from !== undefined
      ? { type: "file", path: from }
      : { type: "stack", name: stack ?? "dev" };
}

function parse(argv: readonly string[]) {
  return readOptions({
    args: [...argv],
    options: {
      status: { type: "boolean" },
      ask: { type: "string" },
      team: { type: "string" },
      together: { type: "boolean" },
      apart: { type: "boolean" },
      "what-if": { type: "string" },
      pool: { type: "string" },
      replay: { type: "string" },
      fleet: { type: "string" },
      usage: { type: "boolean" },
      prometheus: { type: "string" },
      since: { type: "string" },
      csv: { type: "boolean" },
      design: { type: "string" },
      "instance-types": { type: "string" },
      region: { type: "string" },
      price: { type: "string" },
      spread: { type: "string" },
      spare: { type: "string" },
      stack: { type: "string" },
      context: { type: "string" },
      from: { type: "string" },
      save: { type: "string" },
      html: { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  }).values;
}
