import { UserError } from "../rehearsal/files";
import { readOptions } from "./options";

export const HELP = `Compares a cluster with what its stack declares, says what is wrong, whom it hurts, and which commands mend it. Without --active it only reads.

  npm run doctor -- SOURCE [options]

Sources
  --context NAME              the cluster of this kubectl context
  --from FILE                 a file that --save has written, or a List of kubectl get ... --output json (- is the standard input)

Options
  --stack NAME                the stack that the cluster must be, as in Pulumi.NAME.yaml (default: dev)
  --aws                       also ask AWS, by your AWS CLI and with its credentials, for addresses left in the subnets, vCPU quotas, and the ends of reservations; it only reads
  --active                    also try what a tenant must and must not be able to do, in namespaces that are removed at the end; it asks first
  --yes                       do not ask before --active
  --evidence DIR              where to write what CNCF's AI conformance checklist asks for: evidence.json and evidence.md
  --save FILE                 where to write what was read, without user names and without secrets
  --json                      print the answer as JSON (format 1) and nothing else
  --junit FILE                where to write the answer as JUnit XML too: a test case for each kind of finding
  --help                      print this

Exit codes
  0  the cluster is what the stack declares, or is on its way
  1  there are findings, errors or warnings
  2  nothing was found and something could not be read or tried, or the command line, a file or the stack is wrong
  130  --active was interrupted, and has removed what it had created

Examples
  npm run doctor -- --context production
  npm run doctor -- --context production --stack production --junit doctor.xml
  npm run doctor -- --context production --save state.json
  npm run doctor -- --context production --aws
  npm run doctor -- --from state.json
  npm run doctor -- --context production --active --evidence evidence
  npm run --silent doctor -- --from state.json --json | jq -r '.findings[] | .commands[]'
`;

export type DoctorArguments = { readonly type: "help" } | DoctorQuestion;

export interface DoctorQuestion {
  readonly type: "diagnose";
  readonly source: { readonly type: "context"; readonly name: string } | { readonly type: "file"; readonly path: string };
  readonly stack: string;
  readonly save: string | undefined;
  readonly junit: string | undefined;
  /** Where to write the evidence; undefined: nowhere. */
  readonly evidence: string | undefined;
  readonly json: boolean;
  /** Whether to ask the account of AWS. */
  readonly asksAws: boolean;
  /** Whether to try things, and whether to ask before. */
  readonly active: "no" | "ask" | "yes";
}

/** @throws UserError for what is not to be understood. */
export function readDoctorArguments(argv: readonly string[]): DoctorArguments {
  const { help, context, from, stack, save, junit, json, aws, active, yes, evidence } = parse(argv);
  if (help) {
    return { type: "help" };
  }
  if (context !== undefined && from !== undefined) {
    throw new UserError("--context and --from are different sources: write one of them");
  }
  const source =
    context !== undefined
      ? ({ type: "context", name: context } as const)
      : from !== undefined
        ? ({ type: "file", path: from } as const)
        : undefined;
  if (source === undefined) {
    throw new UserError("name a cluster: --context NAME or --from FILE; --help lists the options");
  }
  if (active && source.type === "file") {
    throw new UserError("--active tries things on a live cluster: write --context NAME instead of --from");
  }
  if (aws && source.type === "file") {
    throw new UserError("--aws asks the account of a live cluster, and of a file AWS is not asked: write --context NAME instead of --from");
  }
  if (yes && !active) {
    throw new UserError("--yes answers the question of --active: write --active too, or leave --yes out");
  }
  return { type: "diagnose", source, stack, save, junit, evidence, json, asksAws: aws, active: active ? (yes ? "yes" : "ask") : "no" };
}

function parse(argv: readonly string[]) {
  return readOptions({
    args: [...argv],
    options: {
      context: { type: "string" },
      from: { type: "string" },
      stack: { type: "string", default: "dev" },
      save: { type: "string" },
      json: { type: "boolean", default: false },
      junit: { type: "string" },
      aws: { type: "boolean", default: false },
      active: { type: "boolean", default: false },
      yes: { type: "boolean", default: false },
      evidence: { type: "string" },
      help: { type: "boolean", default: false },
    },
  }).values;
}
