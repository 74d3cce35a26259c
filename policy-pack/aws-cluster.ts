/** Policies for EKS control planes: the component `eks:index:Cluster` and the cluster that it, or the program itself, makes. */
import type { ResourceValidationPolicy } from "@pulumi/policy";
import { readBlock } from "../src/config/cidr";
import { CONTROL_PLANE_LOG_TYPES } from "../src/well-known/control-plane-logs";
import { EKS_CLUSTER, EKS_CLUSTER_COMPONENT } from "../src/well-known/resource-types";
import { ifKnown, undetermined } from "./findings";
import type { Finding } from "./findings";
import { onTypes } from "./on-types";
import { UNKNOWN, entries, field, show } from "./snapshot";
import type { Snapshot } from "./snapshot";

type Path = readonly string[];

/** Where each type keeps what the rules look at. */
const SHAPES: Readonly<Record<string, Readonly<Record<"publicAccess" | "cidrs" | "authentication", Path>>>> = {
  [EKS_CLUSTER]: {
    publicAccess: ["vpcConfig", "endpointPublicAccess"],
    cidrs: ["vpcConfig", "publicAccessCidrs"],
    authentication: ["accessConfig", "authenticationMode"],
  },
  [EKS_CLUSTER_COMPONENT]: {
    publicAccess: ["endpointPublicAccess"],
    cidrs: ["publicAccessCidrs"],
    authentication: ["authenticationMode"],
  },
};
const CLUSTERS = Object.keys(SHAPES);

function at(properties: Snapshot, type: string, name: "publicAccess" | "cidrs" | "authentication"): { path: string; value: unknown } {
  const path = SHAPES[type]?.[name] ?? [];
  return { path: path.join("."), value: field(properties, ...path) };
}

/** Two /1 are the whole Internet; a /8 is a 256th of it. The stack's own configuration has the same limit. */
const WIDEST_IPV4_PREFIX = 8;
/** What a regional registry gives to one provider. */
const WIDEST_IPV6_PREFIX = 32;

/** Checks that the API server's public endpoint is off, or open to named address blocks only. Both default to the whole Internet. */
export const eksApiServerNotOpenToWorld: ResourceValidationPolicy = {
  name: "eks-api-server-not-open-to-world",
  displayName: "API server not open to the world",
  description: "Checks that the public endpoint of an EKS API server is off, or open to named address blocks only.",
  enforcementLevel: "mandatory",
  severity: "critical",
  tags: ["aws", "eks", "network"],
  remediationSteps:
    "Set endpointPublicAccess to false, or publicAccessCidrs to the blocks that need access. In this project: `pulumi config set apiServerAccess private`, or the blocks.",
  configSchema: {
    properties: {
      widestIpv4Prefix: {
        type: "integer",
        minimum: 1,
        maximum: 32,
        default: WIDEST_IPV4_PREFIX,
        description: "An IPv4 block with a shorter prefix counts as the world.",
      },
    },
  },
  validateResource: onTypes(CLUSTERS, (properties, args) => {
    const access = at(properties, args.type, "publicAccess");
    if (access.value === false) return [];
    if (access.value === UNKNOWN) return [undetermined(access.path, "who can reach the API server")];
    const cidrs = at(properties, args.type, "cidrs");
    if (cidrs.value === UNKNOWN) return [undetermined(cidrs.path, "who can reach the API server")];
    const blocks = entries(cidrs.value);
    if (blocks.length === 0) {
      return [
        `"${access.path}" is ${show(access.value)} and "${cidrs.path}" names no block: the API server is open to the whole Internet, which is the default`,
      ];
    }
    const { widestIpv4Prefix = WIDEST_IPV4_PREFIX } = args.getConfig<{ widestIpv4Prefix?: number }>();
    return blocks.flatMap((block, index) => cidrProblem(`${cidrs.path}[${String(index)}]`, block, widestIpv4Prefix));
  }),
};

function cidrProblem(path: string, value: unknown, widestIpv4Prefix: number): readonly Finding[] {
  if (value === UNKNOWN) return [undetermined(path, "who can reach the API server")];
  const reading = typeof value === "string" ? readBlock(value.trim()) : ({ type: "invalid" } as const);
  if (reading.type === "invalid") return [`"${path}" is ${show(value)}, which is not an address block`];
  const widest = reading.block.family === "ipv4" ? widestIpv4Prefix : WIDEST_IPV6_PREFIX;
  return reading.block.prefix >= widest ? [] : [`"${path}" is ${show(value)}: wider than /${String(widest)}, which restricts nobody`];
}

/**
 * Checks that Kubernetes Secrets are encrypted with a key of the account's own. EKS encrypts what etcd stores by itself, with a key that the
 * account neither controls nor can withdraw.
 */
export const eksSecretsEncrypted: ResourceValidationPolicy = {
  name: "eks-secrets-encrypted",
  displayName: "Kubernetes Secrets encrypted with KMS",
  description: "Checks that an EKS cluster encrypts Kubernetes Secrets with a KMS key of the account.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "encryption"],
  remediationSteps: "Name a KMS key: encryptionConfig with resources [secrets], or encryptionConfigKeyArn of eks.Cluster.",
  validateResource: onTypes(CLUSTERS, (properties, args) => {
    if (args.type === EKS_CLUSTER_COMPONENT) {
      return hasValue(field(properties, "encryptionConfigKeyArn"))
        ? []
        : [`"encryptionConfigKeyArn" is not set: Secrets have no key of their own`];
    }
    const config = field(properties, "encryptionConfig");
    if (config === UNKNOWN) return [undetermined("encryptionConfig", "whether Secrets are encrypted")];
    // The key is usually the output of another resource, and unknown: it is enough that there is one.
    if (!hasValue(field(config, "provider", "keyArn")))
      return [`"encryptionConfig.provider.keyArn" is not set: Secrets have no key of their own`];
    const resources = field(config, "resources");
    if (entries(resources).includes("secrets")) return [];
    const sentence = `"encryptionConfig.resources" is ${show(resources)} and does not name "secrets"`;
    return [ifKnown(resources, "encryptionConfig.resources", "whether Secrets are encrypted", sentence)];
  }),
};

function hasValue(value: unknown): boolean {
  return value === UNKNOWN || (typeof value === "string" && value !== "");
}

/** Checks that the control plane logs what an investigation needs. All logs are off by default. */
export const eksControlPlaneLogsOn: ResourceValidationPolicy = {
  name: "eks-control-plane-logs-on",
  displayName: "Control plane logs on",
  description: "Checks that an EKS control plane sends its logs to CloudWatch.",
  enforcementLevel: "mandatory",
  severity: "medium",
  tags: ["aws", "eks", "audit"],
  remediationSteps: `Set enabledClusterLogTypes to ${CONTROL_PLANE_LOG_TYPES.join(", ")}.`,
  configSchema: {
    properties: {
      logTypes: {
        type: "array",
        description: "The logs that have to be on.",
        items: { type: "string", enum: [...CONTROL_PLANE_LOG_TYPES] },
        uniqueItems: true,
        default: CONTROL_PLANE_LOG_TYPES,
      },
    },
  },
  validateResource: onTypes(CLUSTERS, (properties, args) => {
    const value = field(properties, "enabledClusterLogTypes");
    const { logTypes = CONTROL_PLANE_LOG_TYPES } = args.getConfig<{ logTypes?: readonly string[] }>();
    const missing = logTypes.filter((type) => !entries(value).includes(type));
    if (missing.length === 0) return [];
    const off = missing.join(", ");
    return [
      ifKnown(
        value,
        "enabledClusterLogTypes",
        `whether these logs are on: ${off}`,
        `"enabledClusterLogTypes" is ${show(value)}; off: ${off}`,
      ),
    ];
  }),
};

/**
 * Checks that access entries alone say who is who. The other modes read the ConfigMap aws-auth as well, which whoever may edit ConfigMaps in
 * kube-system can use to become an administrator, and which no policy of AWS sees.
 */
export const eksApiAuthenticationOnly: ResourceValidationPolicy = {
  name: "eks-api-authentication-only",
  displayName: "Authentication by access entries only",
  description: "Checks that an EKS cluster's authentication mode is API.",
  enforcementLevel: "mandatory",
  severity: "high",
  tags: ["aws", "eks", "identity"],
  remediationSteps: "Set the authentication mode to API and give access by access entries.",
  validateResource: onTypes(CLUSTERS, (properties, args) => {
    const { path, value } = at(properties, args.type, "authentication");
    if (value === "API") return [];
    const sentence = `"${path}" is ${show(value)} and has to be "API": otherwise the ConfigMap aws-auth counts too`;
    return [ifKnown(value, path, "who can log in", sentence)];
  }),
};
