/** The commands that the pages for users give, and what runs each of them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./program";

export const DOCUMENTS = [
  "README.md",
  ...["rehearsal", "planner", "security", "upgrade", "captures", "advisories"].map((page) => `docs/${page}.md`),
];

export type RunBy =
  /** `test/processes/documented-commands.test.ts`, in a shell. */
  | { readonly by: "process tier"; readonly code: number; readonly prints: RegExp }
  /** `test/cluster/trial/documented.test.ts`, in a shell. */
  | { readonly by: "cluster tier"; readonly code: number; readonly prints: RegExp }
  /** `test/engine/readme.test.ts`, in a shell beside the real CLI. */
  | { readonly by: "engine tier"; readonly prints: RegExp }
  /** A workflow of .github/workflows has the same line. */
  | { readonly by: "workflow" }
  | { readonly by: "nothing"; readonly reason: string };

/** Every command of the documents. One that is not here fails the process tier. */
export const COMMANDS: Readonly<Record<string, RunBy>> = {
  "npm ci": { by: "workflow" },
  "npm run check": { by: "workflow" },
  "npm test": { by: "workflow" },
  "npm run test:processes": { by: "workflow" },
  "npm run test:cluster": { by: "workflow" },
  "npm run test:engine": { by: "workflow" },
  "npm run test:operations": { by: "workflow" },
  "npm run test:workloads": { by: "workflow" },
  "npm run test:driver": { by: "nothing", reason: "needs a program of NVIDIA's; without it every test is skipped" },
  "npm run plan -- --usage --since 30d --prometheus http://localhost:9090": {
    by: "nothing",
    reason:
      "needs the Prometheus of a cluster; test/processes/usage.test.ts runs it on a server of its own, test/cluster/monitoring asks a real one",
  },
  "npm run compare-slices -- slices.yaml": {
    by: "nothing",
    reason: "needs the slices of a cluster; test/processes/compare-slices.test.ts runs it on recorded ones",
  },
  "kubectl get resourceslices -o yaml > slices.yaml": { by: "nothing", reason: "as the command after it" },
  "npm run bench": { by: "nothing", reason: "measures for minutes, and what it measures depends on the machine" },
  "npm run build:policy-pack": {
    by: "nothing",
    reason: "writes into the checkout; test/processes/bundle.test.ts builds the pack in another folder",
  },
  "npm start": { by: "process tier", code: 0, prints: /^OK: no mandatory violation/m },
  "npm start -- --help": { by: "process tier", code: 0, prints: /--manifest FILE/ },
  "npm start -- --manifest docs/examples/team-notebook.yaml": { by: "process tier", code: 0, prints: /all 8 pods are placed/ },
  "npm start -- --manifest docs/examples/whole-gpu.yaml": { by: "process tier", code: 1, prints: /whole-gpu\.yaml/ },
  "npm start -- --then reboot,relayout=all-1g.5gb,upgrade=1.35": { by: "process tier", code: 1, prints: /can never be placed again/ },
  "npm start -- --manifest train.yaml": { by: "process tier", code: 0, prints: /all 6 pods are placed/ },
  "helm template ./chart | npm start -- --manifest - --namespace mig-test": {
    by: "process tier",
    code: 0,
    prints: /all 6 pods are placed/,
  },
  "npm run doctor -- --context NAME": { by: "nothing", reason: "needs a cluster; test/cluster/doctor/doctor.test.ts runs it on one" },
  "npm run doctor -- --context NAME --active": {
    by: "nothing",
    reason: "needs a cluster; test/cluster/doctor/active.test.ts runs it on one",
  },
  "npm run relayout -- --context NAME --layout LAYOUT": {
    by: "nothing",
    reason: "needs a cluster; test/cluster/relayout/relayout.test.ts runs it on one",
  },
  "npm run plan -- --help": { by: "process tier", code: 0, prints: /--ask DEMAND/ },
  "npm run plan -- --status": { by: "process tier", code: 0, prints: /A100-SXM4-40GB {2}1g\.5gb +16 +1 +15/ },
  "npm run plan -- --ask 3x1g.5gb,1xlarge --team mig-test": { by: "process tier", code: 0, prints: /^Fits: 3 x 1g\.5gb, 1 x large/m },
  "npm run plan -- --ask 9x3g.20gb": { by: "process tier", code: 1, prints: /divide GPU 1 of node .* into 3g\.20gb x2/ },
  "npm run plan -- --ask 9xlarge --html ask.html": { by: "process tier", code: 1, prints: /^The same as a page: .*ask\.html/m },
  "npm run plan -- --ask 3x1g.5gb --together": { by: "process tier", code: 1, prints: /constraint: .*parentUUID/ },
  "npm run plan -- --what-if layout=all-1g.5gb --pool a100": {
    ...{ by: "process tier", code: 1, prints: /^Some pods do not run again: layout all-1g\.5gb/m },
  },
  "npm run plan -- --what-if nodes=+1": { by: "process tier", code: 0, prints: /^Every pod that stops runs again: 1 node more/m },
  "npm run plan -- --what-if nodes=-1 --pool a100": { by: "process tier", code: 1, prints: /^Some pods do not run again: 1 node fewer/m },
  "npm run plan -- --what-if team=mig-test": { by: "process tier", code: 0, prints: /3: 0 go on, 0 run elsewhere, 3 do not run/ },
  "npm run plan -- --replay docs/examples/trace.csv --fleet 1xp4d.24xlarge": {
    ...{ by: "process tier", code: 0, prints: /^ {2}designed for this demand +109 +100 +100/m },
  },
  "npm run plan -- --design 20x1g.5gb,4x2g.10gb,3x3g.20gb": {
    by: "process tier",
    code: 0,
    prints: /^ {2}- \$21\.96 an hour: 1 x p4d\.24xlarge\n {2}- proven/m,
  },
  "npm run plan -- --design 3xsmall,1xmedium --spread us-east-1a,us-east-1b --spare 1": {
    by: "process tier",
    code: 0,
    prints: /availabilityZone: us-east-1b/,
  },
  "npm run plan -- --design 30x1g.10gb --region eu-west-1 --price p4d.24xlarge=25.10,p5.4xlarge=7.90": {
    by: "process tier",
    code: 0,
    prints: /\$25\.10 an hour: 1 x p4d\.24xlarge/,
  },
  "npm run plan -- --design 1g.5gb --instance-types p5.4xlarge": { by: "process tier", code: 1, prints: /^Nothing serves: 1 x 1g\.5gb/m },
  "npm start -- --control-plane": { by: "cluster tier", code: 0, prints: /^ +and differ on 0\.$/m },
  "npm start -- --control-plane --manifest team-a/*.yaml --save difference.yaml": {
    by: "cluster tier",
    code: 0,
    prints: /all 6 pods are placed/,
  },
  "npm run build:control-plane": { by: "nothing", reason: "takes minutes; the cluster tier builds the same programs in the same way" },
  "npm run build:control-plane -- 1.35": { by: "nothing", reason: "as for the version of the dev stack" },
  "npm start -- --control-plane --context kind-spare": {
    by: "nothing",
    reason: "needs a spare cluster; test/cluster/trial/spare-cluster.test.ts rehearses on a control plane as on one",
  },
  "npm start -- --from-export state.json": {
    by: "nothing",
    reason: "needs the export of a deployed stack; test/engine/upgrades/plan.test.ts reads such exports",
  },
  "pulumi stack export --file state.json": { by: "nothing", reason: "as the command after it" },
  "pulumi stack export --show-secrets": { by: "nothing", reason: "test/rehearsal/deployed/secrets.test.ts reads what it writes" },
  "pulumi config set kubernetesVersion 1.35": { by: "nothing", reason: "test/engine/upgrades/kubernetes-versions.test.ts upgrades so" },
  "pulumi up --target '**::gpu-operator' --target '**::dra-driver'": {
    by: "nothing",
    reason: "test/engine/upgrades/gpu-software.test.ts takes its targets from the page",
  },
  "pulumi config rm gpuSoftware": { by: "nothing", reason: "test/engine/upgrades/gpu-software.test.ts upgrades so" },
  "kubectl drain -l node-role=gpu --ignore-daemonsets --delete-emptydir-data": { by: "nothing", reason: "as the command after it" },
  "kubectl uncordon -l node-role=gpu": { by: "nothing", reason: "test/harness/fleet has its own cordon; docs/operations.md runs kubectl" },
  "kubectl delete pod --force": { by: "nothing", reason: "it is named, without a pod" },
  "kubectl exec": { by: "nothing", reason: "it is named, without a pod" },
  "pulumi refresh": { by: "nothing", reason: "test/engine/operations runs it" },
  "pulumi up --refresh": { by: "nothing", reason: "test/engine/up.test.ts refreshes after a deletion, and runs `up`" },
  "pulumi up --policy-pack policy-pack --policy-pack-config policy-config.json": {
    by: "nothing",
    reason: "test/engine/policy-config.test.ts runs it with this file",
  },
  "npm start -- --date 2027-04-01": { by: "process tier", code: 0, prints: /stack dev {2}2027-04-01/ },
  "npm start -- --policy-pack-config policy-config.json": { by: "process tier", code: 0, prints: /^OK: no mandatory violation/m },
  "npx jest test/releases": { by: "nothing", reason: "the unit tier runs these files" },
  "pulumi stack export": { by: "nothing", reason: "it is named, without a file; the same test runs it" },
  "kubectl uncordon": { by: "nothing", reason: "it is named, without a node" },
  "pulumi stack init dev": { by: "engine tier", prints: /^$/ },
  'pulumi config set apiServerAccess "$(curl -s https://checkip.amazonaws.com)/32"': { by: "engine tier", prints: /^$/ },
  "pulumi preview --policy-pack policy-pack": { by: "engine tier", prints: /\d+ to create/ },
  "pulumi up --policy-pack policy-pack": { by: "engine tier", prints: /\d+ created/ },
  "pulumi stack output kubeconfig --show-secrets > kubeconfig.json": { by: "engine tier", prints: /^$/ },
  "export KUBECONFIG=$PWD/kubeconfig.json": { by: "engine tier", prints: /^$/ },
  "kubectl get resourceslices": { by: "engine tier", prints: /gpu\.nvidia\.com/ },
  "kubectl -n mig-test get pods,resourceclaims": { by: "engine tier", prints: /resourceclaim\.resource\.k8s\.io\/mig-small/ },
  "pulumi up": { by: "engine tier", prints: /\d+ unchanged/ },
  "pulumi destroy": { by: "engine tier", prints: /\d+ deleted/ },
};

/** First words of a command. A block that begins otherwise is what a command prints. */
const COMMAND = /^(aws|curl|export|git|helm|kubectl|npm|npx|pulumi) \S/;

const read = (document: string): string => readFileSync(join(ROOT, document), "utf8");

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

export function blocksOf(document: string): readonly Block[] {
  return [...read(document).matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)].map(([, language = "", text = ""]) => ({
    language,
    lines: text.split("\n").filter((line) => line.trim() !== ""),
  }));
}

/** What a document tells its reader to run, in its order: lines of blocks, then what is in the midst of a sentence. */
export function commandsOf(document: string): readonly string[] {
  const lines = blocksOf(document)
    .filter(isCommands)
    .flatMap((block) => block.lines.map((line) => line.trim()));
  const prose = read(document).replace(/^ *```[\s\S]*?^ *```$/gm, "");
  const spans = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, span = ""]) => span).filter((span) => COMMAND.test(span));
  return [...lines, ...spans];
}

/** Blocks of what commands print. */
export function outputsOf(document: string): readonly Block[] {
  return blocksOf(document).filter((block) => block.language === "" && !isCommands(block));
}

function isCommands({ language, lines }: Block): boolean {
  return language === "" && COMMAND.test(lines[0]?.trim() ?? "");
}
