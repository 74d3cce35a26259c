/** The validated configuration of one stack. Immutable; everything in it is legal and resolved. */
import type { InstanceType, NodeLayout } from "../hardware/types";
import type { Release } from "../releases/types";
import type { TierName } from "../dra/tiers";
import type { Severity } from "../well-known/severities";

/** Who may reach the Kubernetes API server. */
export type ApiServerAccess =
  /** Only from inside the VPC (and networks connected to it). */
  | { readonly type: "private" }
  /** From inside the VPC and from these CIDR blocks. */
  | { readonly type: "cidrs"; readonly cidrs: readonly string[] };

/** Numbers of nodes, `min <= desired <= max`, `max >= 1`. A GPU pool with `min` and `desired` 0 is parked: it has no node until the stack says otherwise. */
export interface PoolSize {
  readonly min: number;
  readonly desired: number;
  readonly max: number;
}

/** How the instances of a GPU pool are bought. */
export type Capacity =
  | { readonly type: "onDemand" }
  /** An EC2 Capacity Block for ML; it exists in one zone. */
  | {
      readonly type: "capacityBlock";
      readonly reservationId: string;
      /** When AWS takes the instances back, ISO 8601 in UTC; undefined: the configuration does not say. */
      readonly endDate: string | undefined;
    };

export interface SystemPool {
  readonly instanceType: InstanceType;
  readonly size: PoolSize;
  /** Size of the encrypted gp3 root volume. */
  readonly volumeGiB: number;
}

export interface GpuPool {
  /** Unique among the pools; part of resource names. */
  readonly name: string;
  readonly instanceType: InstanceType;
  /** What MIG Manager makes of every node; `layout.name` is the value of the node label `nvidia.com/mig.config`. */
  readonly layout: NodeLayout;
  readonly size: PoolSize;
  readonly capacity: Capacity;
  /** The zone the pool is pinned to; undefined: the first zone of `network.availabilityZones` that offers the instance type. */
  readonly availabilityZone: string | undefined;
  readonly volumeGiB: number;
}

export interface Network {
  readonly cidr: string;
  /** Two or more zone names of the region; their order decides which subnet gets which range. */
  readonly availabilityZones: readonly string[];
  readonly natGateways: "onePerAz" | "single" | "none";
  /** AWS services with an interface endpoint in the VPC (`ecr.api`, `sts`, ...); the S3 gateway endpoint always exists. */
  readonly interfaceEndpoints: readonly string[];
}

export interface ControlPlane {
  readonly deletionProtection: boolean;
  readonly logRetentionDays: number;
  /** `STANDARD`: EKS upgrades the control plane by itself when standard support ends. `EXTENDED`: it stays, at extra cost. */
  readonly supportType: "STANDARD" | "EXTENDED";
  /** IAM principals that get cluster-wide administration through an access entry. */
  readonly adminPrincipalArns: readonly string[];
}

/** A Helm chart as it is installed. */
export interface Chart {
  /** Chart name, or an `oci://` reference (then `repository` is undefined), or a local path. */
  readonly chart: string;
  readonly repository: string | undefined;
  readonly version: string;
  /** Extra values, merged over the platform's own. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface Charts {
  readonly kubePrometheusStack: Chart;
  readonly gpuOperator: Chart;
  readonly draDriver: Chart;
}

/** A team: a namespace with a quota of slices. */
export interface Team {
  /** Also the namespace's name. */
  readonly name: string;
  /** Slices per tier the team may hold at one time. Only tiers that some pool has are above 0. */
  readonly slices: Readonly<Record<TierName, number>>;
  /** Kubernetes group whose members work in the namespace; undefined: no RBAC is made. */
  readonly group: string | undefined;
  /** IAM roles and users that are members of the group, each by an access entry; none without a group. */
  readonly principalArns: readonly string[];
  /** Pods the namespace may hold at one time. */
  readonly pods: number;
  /** CPU cores that the pods of the namespace may request together. */
  readonly cpu: number;
  /** Memory that the pods of the namespace may request together, and be limited to. */
  readonly memoryGiB: number;
  /** Storage that the volumes of the namespace may have together. */
  readonly storageGiB: number;
  /** Disk of the nodes that the pods of the namespace may request together, and be limited to. */
  readonly ephemeralStorageGiB: number;
  /** Objects of each kind that the namespace may hold at one time: ConfigMaps, Secrets, Services and so on. */
  readonly objects: number;
}

/** A tier of which the teams' quotas promise more slices than there are. */
export interface Overcommitment {
  readonly tier: TierName;
  /** Sum of the quotas. */
  readonly promised: number;
  /** Slices of all pools with their desired number of nodes. */
  readonly present: number;
  /** Slices of all pools at their full size. */
  readonly most: number;
}

/** The example workloads. */
export type FashionMnist =
  | { readonly type: "none" }
  | {
      readonly type: "deployed";
      /** The team in whose namespace they run. */
      readonly team: string;
      /** All three on one physical GPU, through one shared claim. */
      readonly colocate: boolean;
      readonly image: string;
      /** `configMap`: this checkout's programs, on any image with PyTorch. `image`: what `workloads/Dockerfile` has put into `image`, data set included. */
      readonly scripts: "configMap" | "image";
      /** `perPod`: gone with the pod. `shared`: one volume for all three, which then run on one node; the inference serves what the medium training learns. */
      readonly checkpoints: { readonly type: "perPod" } | { readonly type: "shared"; readonly sizeGiB: number };
    };

export interface PartitionGate {
  readonly timeoutMinutes: number;
  /** Image with Node.js that runs the gate's script. */
  readonly image: string;
}

/** A value that Pulumi stores encrypted. Whoever hands it on marks it as a secret. */
export interface SecretValue {
  /** Its key without the namespace. */
  readonly name: string;
  readonly value: string;
}

/** Who is told of alerts. */
export type Receiver = {
  readonly name: string;
  /** Teams whose alerts it gets. Empty: those of all teams, and of the platform. */
  readonly teams: readonly string[];
  /** Severities of alerts that it gets. Empty: all. */
  readonly severities: readonly Severity[];
  /** The address of Slack or of the webhook, PagerDuty's routing key, the password of the mail server. */
  readonly secret: SecretValue;
} & (
  | { readonly type: "slack" | "pagerduty" | "webhook" }
  | {
      readonly type: "email";
      /** One address, or several with commas between them. */
      readonly to: string;
      readonly from: string;
      /** Host and port of the mail server. */
      readonly smarthost: string;
      readonly username: string;
    }
);

/** A system beyond the cluster that takes metrics by Prometheus' protocol for remote write. */
export interface RemoteWrite {
  readonly url: string;
  readonly auth:
    | { readonly type: "sigv4"; readonly region: string; readonly workspaceId: string }
    | { readonly type: "basic"; readonly username: string; readonly password: SecretValue }
    | { readonly type: "bearer"; readonly token: SecretValue };
}

interface InCluster {
  /** How long Prometheus keeps metrics. Old ones go earlier if they do not fit. */
  readonly retentionDays: number;
  /** Size of Prometheus' volume. */
  readonly storageGiB: number;
  readonly receivers: readonly Receiver[];
}

/** Prometheus, Alertmanager and Grafana. */
export type Monitoring =
  /** Nothing is measured. */
  | { readonly type: "none" }
  | ({ readonly type: "inCluster" } & InCluster)
  /** The same, and what is measured goes to another system as well. */
  | ({ readonly type: "remoteWrite"; readonly remoteWrite: RemoteWrite } & InCluster);

export interface StackConfig {
  readonly clusterName: string;
  readonly region: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly network: Network;
  readonly apiServerAccess: ApiServerAccess;
  readonly controlPlane: ControlPlane;
  readonly systemPool: SystemPool;
  readonly gpuPools: readonly GpuPool[];
  /** Versions that go together: Kubernetes, AMI, add-ons, charts. Where the stack overrides a chart's version, that one stands here too. */
  readonly release: Release;
  readonly charts: Charts;
  readonly teams: readonly Team[];
  /** Empty where every team can have its whole quota at the same time. */
  readonly overcommitments: readonly Overcommitment[];
  readonly fashionMnist: FashionMnist;
  readonly partitionGate: PartitionGate;
  readonly monitoring: Monitoring;
}
