/** Runs of every stack before its first deployment: those of this project, and those that differ from them in what they make. */
import { readdirSync } from "node:fs";
import type { RecordedResource, Recording } from "../../../../src/rehearsal/monitor/recording";
import { STACK_CONFIGS } from "../../../support/stack-configs";
import type { StackSettings } from "../../../support/stack-configs";
import { ROOT } from "../../../support/program";
import { recordedProgram } from "../../../support/recordings/recorded-program";
import { childUrn } from "../../as-child";
import { scalarsOf } from "./values";

const stackNames = readdirSync(ROOT).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.slice(1) ?? []);
const MORE_NETWORKS: Readonly<Record<string, StackSettings>> = {
  "open to one address, protected, with an administrator": {
    ...{ natGateways: "onePerAz", apiServerAccess: "203.0.113.0/24", deletionProtection: true, supportType: "STANDARD" },
    adminPrincipalArns: ["arn:aws:iam::123456789012:role/ops"],
  },
  "without a way out, on a capacity block": {
    natGateways: "none",
    interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts", "logs"],
    gpuPools: [
      {
        ...{ name: "a100", instanceType: "p4d.24xlarge", size: { desired: 1 }, availabilityZone: "us-east-1a" },
        capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" },
      },
    ],
  },
};
/** By name, as `recordedProgram` takes them. */
const stacks: readonly (readonly [string, { readonly stack?: string; readonly config?: StackSettings }])[] = [
  ...stackNames.map((stack) => [`the stack ${stack}`, { stack }] as const),
  ...Object.entries({ ...STACK_CONFIGS, ...MORE_NETWORKS })
    .filter(([, config]) => Object.keys(config).length > 0)
    .map(([name, config]) => [name, { config }] as const),
];

export const isChild = ({ madeBy }: RecordedResource) => madeBy !== undefined;

export interface Run {
  readonly preview: Recording;
  /** The same with every value known; of another stack where the components are given the same. */
  readonly known: Recording;
  /** What the program gives the components and knows itself. */
  readonly literals: ReadonlySet<unknown>;
}
export type Runs = ReadonlyMap<string, Run>;

export const STACK_NAMES = stacks.map(([name]) => name);

/** The runs of every stack, by the stack's name. */
export async function firstPreviews(): Promise<Runs> {
  const runs = new Map<string, Run>();
  const sameComponents = new Map<string, Recording>();
  for (const [name, options] of stacks) {
    const preview = await recordedProgram({ ...options, mode: "preview" });
    const given = preview.resources.filter(({ kind }) => kind === "remoteComponent").map(({ inputs }) => inputs);
    const key = JSON.stringify(given);
    const known = sameComponents.get(key) ?? (await recordedProgram(options));
    sameComponents.set(key, known);
    runs.set(name, { preview, known, literals: new Set(scalarsOf(given)) });
  }
  return runs;
}

/** One of each type and shape, of every stack. */
export function distinct(runs: Runs, isMeant: (resource: RecordedResource) => boolean): readonly RecordedResource[] {
  const all = [...runs.values()].flatMap(({ known, preview }) => [...known.resources, ...preview.resources]);
  return distinctOf(all.filter(isMeant));
}

export function distinctOf(resources: readonly RecordedResource[]): readonly RecordedResource[] {
  return [...new Map(resources.map((resource) => [`${resource.type} ${JSON.stringify(shapeOf(resource.inputs))}`, resource])).values()];
}

/** Of lists one entry of each shape, of texts nothing: enough to tell apart what policies may judge differently. */
function shapeOf(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return typeof value === "boolean" ? value : typeof value;
  if (Array.isArray(value)) return [...new Set(value.map((item) => JSON.stringify(shapeOf(item))))];
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shapeOf(inner)]));
}

/** Whatever the stacks register, as if a component's plugin made it: one of a later version may make what the program makes by itself today. */
export function asChildren(runs: Runs): readonly RecordedResource[] {
  return distinct(runs, ({ kind }) => kind === "custom").map((resource) => ({ ...resource, urn: childUrn(resource.type) }));
}
