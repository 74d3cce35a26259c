/** What the AWS CLI prints in a simulated account: its instances and node groups. */
import type { Instances } from "../instances";
import { parseCall, parseFilter } from "./parse";
import type { Call } from "./parse";
import { capacityAnswer } from "./capacity";
import type { CapacityState } from "./capacity";
import { Refusal } from "./refusal";

export interface Printed {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The codes with which the CLI ends: the command line is wrong, or the service refuses ("Command line return codes" of its user guide). */
const USAGE = 252;
const REFUSED = 254;

/** An account whose room is known has no instances that come and go. */
export type SimulatedAccount = Pick<Instances, "all" | "terminate"> | CapacityState;

/** Does what a command line says. @param args without the name of the program. */
export async function answerCall(args: readonly string[], account: SimulatedAccount): Promise<Printed> {
  const call = parseCall(args);
  if (call.type === "invalid") {
    return { code: USAGE, stdout: "", stderr: `aws: [ERROR]: ${call.reason}\n` };
  }
  try {
    const [query] = call.options.get("query") ?? [];
    const result = "subnets" in account ? ofCapacity(call, account) : await resultOf(call, account);
    const stdout = print(query === undefined ? result : select(result, query), call.options.get("output")?.[0]);
    return { code: 0, stdout, stderr: "" };
  } catch (error) {
    if (!(error instanceof Refusal)) {
      throw error;
    }
    return { code: REFUSED, stdout: "", stderr: `aws: [ERROR]: An error occurred ${error.message}\n` };
  }
}

function ofCapacity(call: Call, state: CapacityState): unknown {
  const answer = capacityAnswer(call, state);
  if (answer === undefined) {
    throw new Refusal(`(UnknownOperation): there is no AWS behind this program, and it does not answer ${call.operation}`);
  }
  return answer;
}

async function resultOf({ operation, options }: Call, instances: Pick<Instances, "all" | "terminate">): Promise<unknown> {
  const all = instances.all();
  const named = (option: string) =>
    (options.get(option) ?? []).map((id) => {
      const found = all.find((instance) => instance.id === id);
      if (found === undefined) {
        throw new Refusal(`(InvalidInstanceID.NotFound): The instance ID '${id}' does not exist`);
      }
      return found;
    });
  switch (operation) {
    case "eks describe-nodegroup": {
      const [nodegroupName = ""] = options.get("nodegroup-name") ?? [];
      if (!all.some(({ nodeGroup }) => nodeGroup === nodegroupName)) {
        throw new Refusal(`(ResourceNotFoundException): No node group found for name: ${nodegroupName}.`);
      }
      return { nodegroup: { nodegroupName, status: "ACTIVE", health: { issues: [] } } };
    }
    case "ec2 describe-instances": {
      const filters = (options.get("filters") ?? []).map(parseFilter);
      const found = all.filter((instance) =>
        filters.every(({ name, values }) => {
          const fields: Readonly<Record<string, string>> = {
            "tag:eks:nodegroup-name": instance.nodeGroup,
            "instance-state-name": "running",
          };
          const field = fields[name];
          if (field === undefined) {
            throw new Refusal(`(InvalidParameterValue): The filter '${name}' is invalid`);
          }
          return values.includes(field);
        }),
      );
      return { Reservations: found.map(({ id }) => ({ Instances: [{ InstanceId: id, State: { Name: "running" } }] })) };
    }
    case "ec2 get-console-output": {
      const [instance] = named("instance-id");
      return { InstanceId: instance?.id, Output: instance?.console };
    }
    case "ec2 terminate-instances": {
      const ended = named("instance-ids");
      for (const { id } of ended) {
        await instances.terminate(id);
      }
      return { TerminatingInstances: ended.map(({ id }) => ({ InstanceId: id, CurrentState: { Name: "shutting-down" } })) };
    }
    default:
      throw new Refusal(`(UnknownOperation): there is no AWS behind this program, and it does not answer ${operation}`);
  }
}

/** The part of JMESPath that the page uses: names and `[]`. @throws Error for anything else. */
function select(result: unknown, query: string): unknown {
  if (!/^\w+(\[\])?(\.\w+(\[\])?)*$/.test(query)) {
    throw new Error(`this aws does not understand --query ${query}`);
  }
  return query.split(".").reduce<unknown>((value, step) => {
    const name = step.replace("[]", "");
    const of = (item: unknown) => (item as Readonly<Record<string, unknown>>)[name];
    const found = Array.isArray(value) ? (value as readonly unknown[]).map(of) : of(value);
    return Array.isArray(found) ? (found as readonly unknown[]).flat() : found;
  }, result);
}

function print(result: unknown, output = "json"): string {
  if (output !== "text") {
    return `${JSON.stringify(result, undefined, 4)}\n`;
  }
  const values = Array.isArray(result) ? (result as readonly unknown[]) : Object.values(result as object);
  return `${values.map(String).join("\t")}\n`;
}
