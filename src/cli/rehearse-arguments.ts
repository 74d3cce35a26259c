import { parseLife } from "../planner/life/steps";
import type { LifeStep } from "../planner/life/steps";
import { UserError } from "../rehearsal/files";
import { readOptions } from "./options";
import type { ControlPlaneSource } from "../trial/open";

export const HELP = `Rehearses a stack of this project without an account, a cluster or a GPU.

  npm start -- [options]

It runs the real program with the stack's real settings, and the real policy pack on everything that the program
registers. Then it simulates the cluster: MIG Manager partitions the GPUs, the driver publishes the slices, and the
scheduler gives them to the pods.

Options
  --stack NAME                the stack, as in Pulumi.NAME.yaml (default: dev)
  --manifest FILE...          your own Kubernetes objects (YAML, several documents or a List; - is the standard input):
                              the API server's rules and the policy pack judge them, and they are placed after the
                              stack's own. You can repeat this option
  --namespace NAME            namespace of objects in manifests that name none, as with kubectl (default: default)
  --strict                    objects in manifests that the rehearsal does not model are findings (exit code 1)
  --from-export FILE          output of pulumi stack export: the report says what pulumi up would do with each deployed
                              resource, and so to nodes and running pods, and what it refuses
  --then STEPS                what happens after pulumi up, step by step, with the GPUs after each and the pods that lose their
                              slice: reboot,relayout=all-1g.5gb,upgrade=1.35. reboot=POOL and relayout=POOL:LAYOUT name a pool
  --policy-pack-config FILE   settings of the policy pack (JSON), as for pulumi --policy-pack-config
  --date YYYY-MM-DD           judge the support of Kubernetes, advisories and exceptions as on this day (default: today, UTC)
  --html FILE                 where to write the HTML page (default: .rehearsal/NAME.html)
  --json                      print the report as JSON (format 1) and nothing else
  --control-plane             ask a real etcd, kube-apiserver, kube-controller-manager and kube-scheduler too, with simulated
                              nodes: their answers make the report, and it says where the rehearsal differs from them
  --binaries DIR              with --control-plane: the folder that has these programs (default: KUBEBUILDER_ASSETS,
                              otherwise the cache, which npm run build:control-plane fills)
  --context NAME              with --control-plane: the kubectl context of a spare cluster without GPUs, in place of
                              programs. Everything that is made there is removed again
  --save FILE                 with --control-plane: where to write differences as a bug report. Names stay in it, secrets do not
  --help                      print this

Exit codes
  0  no mandatory violation, every layout legal, every pod placed. The last line counts what is not modelled
  1  findings, which are at the end of the report
  2  wrong command line, file or configuration. Nothing was rehearsed
  3  with --control-plane: the rehearsal and the control plane differ, with or without findings
  130  interrupted

Examples
  npm start
  npm start -- --stack production
  npm start -- --date 2027-04-01
  npm start -- --manifest team-a/*.yaml --then reboot,relayout=all-1g.5gb,upgrade=1.35
  npm start -- --manifest team-a/*.yaml --namespace team-a
  helm template ./chart | npm start -- --manifest - --namespace team-a
  pulumi stack export --file state.json && npm start -- --from-export state.json
  npm start -- --control-plane --manifest team-a/*.yaml --save difference.yaml
  npm start --silent -- --json | jq '.profiles'
`;

/** The command line of the rehearsal. */
export interface Arguments {
  readonly stack: string;
  readonly manifests: readonly string[];
  readonly namespace: string;
  readonly strict: boolean;
  readonly policyPackConfig: string | undefined;
  /** The day on which to judge. @default today */
  readonly date: Date | undefined;
  /** The export of the deployed stack; undefined: nothing is known of what is deployed. */
  readonly fromExport: string | undefined;
  /** What happens after `up`. */
  readonly life: readonly LifeStep[];
  readonly html: string | undefined;
  readonly json: boolean;
  /** Undefined: the models answer alone. */
  readonly controlPlane: ControlPlaneArguments | undefined;
  readonly help: boolean;
}

export interface ControlPlaneArguments {
  readonly source: ControlPlaneSource;
  /** Where to write differences. */
  readonly save: string | undefined;
}

/** @throws UserError for what is not to be understood. */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parse(argv);
  // A shell expands --manifest team-a/*.yaml into several words; those after the first arrive as positionals.
  if (positionals.length > 0 && values.manifest === undefined) {
    throw new UserError(`unexpected "${positionals[0] ?? ""}"; name manifests with --manifest FILE...`);
  }
  return {
    stack: values.stack,
    manifests: [...(values.manifest ?? []), ...positionals],
    namespace: values.namespace,
    strict: values.strict,
    policyPackConfig: values["policy-pack-config"],
    date: values.date === undefined ? undefined : readDay(values.date),
    fromExport: values["from-export"],
    life: values.then === undefined ? [] : stepsOf(values.then),
    html: values.html,
    json: values.json,
    controlPlane: readControlPlane(values),
    help: values.help,
  };
}

/** A day of the calendar, as the midnight in UTC with which it begins. */
function readDay(text: string): Date {
  const day = new Date(text);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text)) {
    throw new UserError(`--date is "${text}", which is no day of the calendar: write it as 2027-01-31`);
  }
  return day;
}

function stepsOf(text: string): readonly LifeStep[] {
  const reading = parseLife(text);
  if (reading.type === "invalid") {
    throw new UserError(`--then: ${reading.reason}`);
  }
  return reading.steps;
}

function readControlPlane(values: ReturnType<typeof parse>["values"]): ControlPlaneArguments | undefined {
  const { binaries, context, save } = values;
  if (!values["control-plane"]) {
    const [unused] = Object.entries({ binaries, context, save }).filter(([, value]) => value !== undefined);
    if (unused !== undefined) {
      throw new UserError(`--${unused[0]} is an option of --control-plane: write --control-plane too`);
    }
    return undefined;
  }
  if (binaries !== undefined && context !== undefined) {
    throw new UserError("--binaries starts programs, and --context uses a cluster that runs: write one of them");
  }
  return { source: context === undefined ? { type: "programs", folder: binaries } : { type: "context", name: context }, save };
}

function parse(argv: readonly string[]) {
  return readOptions({
    args: [...argv],
    allowPositionals: true,
    options: {
      stack: { type: "string", default: "dev" },
      manifest: { type: "string", multiple: true },
      namespace: { type: "string", default: "default" },
      strict: { type: "boolean", default: false },
      "policy-pack-config": { type: "string" },
      date: { type: "string" },
      "from-export": { type: "string" },
      then: { type: "string" },
      html: { type: "string" },
      json: { type: "boolean", default: false },
      "control-plane": { type: "boolean", default: false },
      binaries: { type: "string" },
      context: { type: "string" },
      save: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
}
