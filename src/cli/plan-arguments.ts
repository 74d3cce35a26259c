import { parseArgs } from "node:util";
import { parseDemand } from "../planner/ask/demand";
import type { DemandItem } from "../planner/ask/demand";
import type { Arrangement } from "../planner/ask/pods";
import { UserError } from "../rehearsal/files";

export const HELP = `Answers what a cluster of this project has left, and whether it can take more.

  npm run plan -- QUESTION [options]

Questions
  --status                    slices by profile, tier, node and team; what waits and why; what is used and idle, in dollars
  --ask DEMAND                whether this fits too, and if not, what would help: 3x1g.5gb,1xlarge (MIG profiles, the tiers
                              small, medium and large, or gpu for a GPU that is not divided). Each slice has a pod of its own
    --team NAME               in the namespace of this team, with its quota (default: namespace default)
    --together                one pod has all slices, from one GPU
    --apart                   one pod has all slices, each from another GPU

Sources
  --stack NAME                the cluster that this stack would make, as in Pulumi.NAME.yaml (default: dev)
  --context NAME              the cluster of this kubectl context. It is only read
  --from FILE                 a file: one that --save has written, or a List of kubectl get ... --output json (- is the
                              standard input)

Options
  --save FILE                 where to write what was read, without names of people and without secrets
  --json                      print the answer as JSON (format 1) and nothing else
  --help                      print this

Exit codes
  0  answered; with --ask: it fits
  1  with --ask: it does not fit
  2  it cannot be told: the answer says what is missing. Or a wrong command line or file

Examples
  npm run plan -- --status
  npm run plan -- --ask 3x1g.5gb,1xlarge --team mig-test
  npm run plan -- --ask 2x1g.5gb --together --context production
  npm run --silent plan -- --status --json | jq '.profiles'
`;

/** The command line of the planner. */
export type PlanArguments = { readonly type: "help" } | PlanQuestion;

export interface PlanQuestion {
  readonly type: "status" | "ask";
  /** Of a status nothing. */
  readonly items: readonly DemandItem[];
  readonly team: string | undefined;
  readonly arrangement: Arrangement;
  readonly source: PlanSource;
  readonly save: string | undefined;
  readonly json: boolean;
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
  if (values.status === (values.ask !== undefined)) {
    throw new UserError("ask one question: --status or --ask DEMAND; --help lists the options");
  }
  const { team, together, apart } = values;
  const [unused] = Object.entries({ team, together: together || undefined, apart: apart || undefined }).filter(
    ([, value]) => value !== undefined,
  );
  if (values.ask === undefined && unused !== undefined) {
    throw new UserError(`--${unused[0]} is an option of --ask: write --ask DEMAND too`);
  }
  if (together && apart) {
    throw new UserError("--together means one GPU, --apart different ones: write one of them");
  }
  const items = values.ask === undefined ? [] : demandOf(values.ask);
  if (together && items.some(({ wanted }) => wanted.type === "gpu")) {
    throw new UserError("--together asks for slices of one GPU: leave gpu out of the demand, or write no --together");
  }
  return {
    ...{ type: values.ask === undefined ? "status" : "ask", items, team },
    arrangement: together ? "together" : apart ? "apart" : "separate",
    source: sourceOf(values),
    save: values.save,
    json: values.json,
  };
}

function demandOf(text: string): readonly DemandItem[] {
  const reading = parseDemand(text);
  if (reading.type === "invalid") {
    const nearest = reading.nearest.length === 0 ? "" : `; did you mean ${reading.nearest.map((name) => `"${name}"`).join(" or ")}?`;
    throw new UserError(`--ask ${text}: ${reading.reason}${nearest}`);
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
  try {
    return parseArgs({
      args: [...argv],
      options: {
        status: { type: "boolean", default: false },
        ask: { type: "string" },
        team: { type: "string" },
        together: { type: "boolean", default: false },
        apart: { type: "boolean", default: false },
        stack: { type: "string" },
        context: { type: "string" },
        from: { type: "string" },
        save: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    // Node's advice after the first sentence is about positional arguments that begin with a dash.
    const [reason] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UserError(`${reason ?? ""}; --help lists the options`);
  }
}
