import { z } from "zod";
import { defaultRelease } from "../releases/find";
import { monitoringSchema } from "./monitoring/schema";

/**
 * The raw configuration: every key of the project with its type in Pulumi.yaml, its default and the shape of its value.
 * Shapes only; what a value means (does this layout exist?) is checked where it is resolved. A test holds Pulumi.yaml against this table.
 */

/** What Pulumi.yaml can say of a key. */
export type PulumiType = "string" | "integer" | "boolean" | "array" | "object";

interface KeySpec {
  readonly type: PulumiType;
  /** The same as in Pulumi.yaml, where Pulumi fills it in; here for programs that run without its CLI. A key without one has to be set. */
  readonly default?: unknown;
  readonly schema: z.ZodType;
}

/** Size of the volume for checkpoints, unless the configuration has another: a hundred of the medium training's checkpoints. */
export const DEFAULT_CHECKPOINTS_GIB = 10;

const count = z.int().min(0);

const size = z.strictObject({
  desired: count,
  /** @default desired */
  min: count.optional(),
  /** @default desired */
  max: count.optional(),
});

const profiles = z.union([z.literal("whole"), z.record(z.string(), z.int().min(1))]);

const layout = z.union([
  z.string(),
  z.strictObject({
    name: z.string(),
    gpus: z.array(z.strictObject({ devices: z.union([z.literal("all"), z.array(count)]), profiles })).min(1),
  }),
]);

const gpuPool = z.strictObject({
  name: z.string(),
  instanceType: z.string(),
  layout: layout.default("all-balanced"),
  size,
  capacity: z
    .discriminatedUnion(
      "type",
      [
        z.strictObject({ type: z.literal("onDemand") }),
        z.strictObject({
          type: z.literal("capacityBlock"),
          reservationId: z.string().optional(),
          endDate: z.string().optional(),
        }),
      ],
      { error: "The stack buys no Spot instances, and uses no other reservations than those of capacity blocks" },
    )
    .default({ type: "onDemand" }),
  availabilityZone: z.string().optional(),
  volumeGiB: z.int().default(200),
});

const chart = z
  .strictObject({
    chart: z.string().min(1).optional(),
    repository: z.string().optional(),
    version: z.string().optional(),
    values: z.record(z.string(), z.unknown()).default({}),
  })
  .prefault({});

const team = z.strictObject({
  name: z.string(),
  slices: z.strictObject({ small: count.default(0), medium: count.default(0), large: count.default(0) }).prefault({}),
  group: z.string().min(1).optional(),
  principalArns: z.array(z.string()).default([]),
  pods: z.int().min(1).default(30),
  cpu: z.int().min(1).default(64),
  memoryGiB: z.int().min(1).default(512),
  storageGiB: z.int().min(0).default(2000),
  /** @default 10 for each of the pods */
  ephemeralStorageGiB: z.int().min(1).optional(),
  objects: z.int().min(1).default(30),
});

/** What a stack gets that names no Kubernetes version. */
const DEFAULT_KUBERNETES_VERSION = defaultRelease().kubernetesVersion;

/** Every key of the project's own namespace. */
export const KEYS = {
  clusterName: { type: "string", schema: z.string() },
  kubernetesVersion: { type: "string", default: DEFAULT_KUBERNETES_VERSION, schema: z.string() },
  gpuSoftware: { type: "string", default: "current", schema: z.string() },
  // Blank stands for "not set": without a default Pulumi itself would refuse the stack, with a message that does not say what to do.
  apiServerAccess: { type: "string", default: "", schema: z.string() },
  vpcCidr: { type: "string", default: "10.0.0.0/16", schema: z.string() },
  availabilityZones: { type: "array", schema: z.array(z.string()) },
  natGateways: { type: "string", default: "onePerAz", schema: z.enum(["onePerAz", "single", "none"]) },
  interfaceEndpoints: { type: "array", default: [], schema: z.array(z.string()) },
  deletionProtection: { type: "boolean", default: true, schema: z.boolean() },
  logRetentionDays: { type: "integer", default: 90, schema: z.int() },
  supportType: { type: "string", default: "EXTENDED", schema: z.enum(["STANDARD", "EXTENDED"]) },
  adminPrincipalArns: { type: "array", default: [], schema: z.array(z.string()) },
  systemPool: {
    type: "object",
    default: {},
    schema: z.strictObject({
      instanceType: z.string().default("m6i.large"),
      size: size.default({ desired: 2, min: 1, max: 4 }),
      volumeGiB: z.int().default(50),
    }),
  },
  gpuPools: { type: "array", schema: z.array(gpuPool) },
  charts: {
    type: "object",
    default: {},
    schema: z.strictObject({ kubePrometheusStack: chart, gpuOperator: chart, draDriver: chart }),
  },
  teams: { type: "array", default: [], schema: z.array(team) },
  overcommit: { type: "boolean", default: false, schema: z.boolean() },
  fashionMnist: {
    type: "object",
    default: { type: "none" },
    schema: z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("none") }),
      z.strictObject({
        type: z.literal("deployed"),
        team: z.string(),
        colocate: z.boolean().default(false),
        image: z.string().default("nvcr.io/nvidia/pytorch:25.12-py3"),
        scripts: z.enum(["configMap", "image"]).default("configMap"),
        checkpoints: z
          .discriminatedUnion("type", [
            z.strictObject({ type: z.literal("perPod") }),
            z.strictObject({ type: z.literal("shared"), sizeGiB: z.int().min(1).default(DEFAULT_CHECKPOINTS_GIB) }),
          ])
          .optional(),
      }),
    ]),
  },
  partitionGate: {
    type: "object",
    default: {},
    schema: z.strictObject({
      timeoutMinutes: z.int().min(10).max(180).default(45),
      image: z.string().default("public.ecr.aws/docker/library/node:22.21.1-alpine"),
    }),
  },
  monitoring: {
    type: "object",
    default: { type: "inCluster" },
    schema: monitoringSchema,
  },
  tags: { type: "object", default: {}, schema: z.record(z.string(), z.string()) },
} as const satisfies Readonly<Record<string, KeySpec>>;

export type Key = keyof typeof KEYS;

/** The AWS provider's own key for the region. */
export const REGION_KEY = "aws:region";

/** What a stack says, by key: JSON values that nobody has looked at. Keys are the project's own, `aws:region`, and secrets by their full key. */
export type RawConfig = Readonly<Record<string, unknown>>;

/** The values of all keys in the right shape, defaults filled in. Undefined: the key has problems, and they are reported. */
export type ShapedConfig = { readonly [K in Key]: z.output<(typeof KEYS)[K]["schema"]> | undefined } & {
  readonly region: string | undefined;
};
