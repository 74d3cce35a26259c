import { formatProblem, parseConfig } from "../../src/config/parse";
import type { Problem, RawConfig } from "../../src/config/parse";
import { resolveGpuPools } from "../../src/config/pools";
import { shapeConfig } from "../../src/config/reading/shape";
import { defaultRelease } from "../../src/releases/find";
import { POOL, STACK } from "./stacks";

const pool = (change: object): RawConfig => ({ gpuPools: [{ ...POOL, ...change }] });
const teams = (...entries: object[]): RawConfig => ({
  teams: [{ name: "mig-test", slices: { small: 1, medium: 1, large: 1 } }, ...entries],
});
const custom = (profiles: object, change: object = {}): RawConfig =>
  pool({ layout: { name: "mine", gpus: [{ devices: "all", profiles }], ...change } });

/** What stands over the dev stack, the key that is named, and what the message says. */
type Case = readonly [what: string, change: RawConfig, key: string, says: RegExp];

const CASES: readonly Case[] = [
  // Shape
  ["an unknown key", { naGateways: "none" }, "naGateways", /no such key; did you mean "natGateways"/],
  [
    "an unknown key inside a pool",
    pool({ zone: "us-east-1a" }),
    "gpuPools[0].zone",
    /no such key here; the keys are name, .*did you mean "availabilityZone"/,
  ],
  ["an unknown key inside a union", pool({ capacity: { type: "onDemand", id: 1 } }), "gpuPools[0].capacity.id", /no such key here/],
  ["a key that other objects inherit", { toString: "x" }, "toString", /no such key/],
  ["text for a list", { availabilityZones: "us-east-1a" }, "availabilityZones", /"us-east-1a": expected a list/],
  ["text for a number", { logRetentionDays: "soon" }, "logRetentionDays", /"soon": expected an integer/],
  ["a fraction", { logRetentionDays: 1.5 }, "logRetentionDays", /1.5: expected an integer/],
  ["text for a truth value", { deletionProtection: "no" }, "deletionProtection", /"no": expected true or false/],
  ["a number for text", { kubernetesVersion: 1.34 }, "kubernetesVersion", /1.34: expected a string \(write it in quotes\)/],
  ["a number for a tag", { tags: { costCentre: 42 } }, "tags.costCentre", /42: expected a string \(write it in quotes\)/],
  ["a list for a map", { systemPool: [] }, "systemPool", /expected a map/],
  ["null inside a map", { systemPool: { instanceType: null } }, "systemPool.instanceType", /null: expected a string/],
  [
    "a word that is none of the choices",
    { natGateways: "singel" },
    "natGateways",
    /"singel": expected "onePerAz" or "single" or "none"; did you mean "single"/,
  ],
  [
    "a kind of capacity that there is not",
    pool({ capacity: { type: "spot" } }),
    "gpuPools[0].capacity.type",
    /expected "onDemand" or "capacityBlock"/,
  ],
  ["a pool without a name", { gpuPools: [{ ...POOL, name: undefined }] }, "gpuPools[0].name", /not set, and it has no default/],
  ["a negative number of nodes", pool({ size: { desired: -1 } }), "gpuPools[0].size.desired", /-1: it must be at least 0; did you mean 0/],
  ["a layout that is neither name nor map", pool({ layout: 7 }), "gpuPools[0].layout", /7: expected a string or a map/],
  [
    "a custom layout with text for its profiles",
    custom("none" as never),
    "gpuPools[0].layout.gpus[0].profiles",
    /"none": expected a map or "whole"/,
  ],
  ["a custom layout without GPUs", custom({}, { gpus: [] }), "gpuPools[0].layout.gpus", /must not be empty/],
  [
    "metrics for two years",
    { monitoring: { type: "inCluster", retentionDays: 730 } },
    "monitoring.retentionDays",
    /at most 365; did you mean 365/,
  ],
  ["a volume for metrics that is too small", { monitoring: { type: "inCluster", storageGiB: 1 } }, "monitoring.storageGiB", /at least 10/],
  [
    "a retention without monitoring",
    { monitoring: { type: "none", retentionDays: 3 } },
    "monitoring.retentionDays",
    /there is no such key here/,
  ],
  ["a kind of monitoring that there is not", { monitoring: { type: "remote" } }, "monitoring.type", /did you mean "remoteWrite"/],
  [
    "the day on which a capacity block ends, without the time",
    pool({
      availabilityZone: "us-east-1a",
      capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate: "2027-01-15" },
    }),
    "gpuPools[0].capacity.endDate",
    /not an instant in UTC.*did you mean "2027-01-15T11:30:00Z"/,
  ],
  [
    "an end that no calendar has",
    pool({
      availabilityZone: "us-east-1a",
      capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate: "2027-13-45T11:30:00Z" },
    }),
    "gpuPools[0].capacity.endDate",
    /not an instant in UTC/,
  ],
  ...(
    [
      ["2027-01-15T11:30:00", "2027-01-15T11:30:00Z"],
      ["2027-01-15 11:30", "2027-01-15T11:30:00Z"],
      ["2027-01-15T13:30:00+02:00", "2027-01-15T11:30:00Z"],
    ] as const
  ).map(([endDate, nearest]): Case => [
    `an end at ${endDate}`,
    pool({ availabilityZone: "us-east-1a", capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate } }),
    "gpuPools[0].capacity.endDate",
    new RegExp(`not an instant in UTC.*did you mean "${nearest}"`),
  ]),
  [
    "an end on February 30",
    pool({
      availabilityZone: "us-east-1a",
      capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0", endDate: "2027-02-30T11:30:00Z" },
    }),
    "gpuPools[0].capacity.endDate",
    /EndDate of `aws ec2 describe-capacity-reservations`$/,
  ],
  ["a wait of a day", { partitionGate: { timeoutMinutes: 1440 } }, "partitionGate.timeoutMinutes", /at most 180; did you mean 180/],
  // Place
  ["no region", { "aws:region": undefined }, "aws:region", /not set/],
  ["an unknown region", { "aws:region": "us-est-1" }, "aws:region", /"us-est-1": no AWS region.*did you mean "us-east-1"/],
  [
    "a zone of another region",
    { availabilityZones: ["us-east-1a", "eu-west-1b"] },
    "availabilityZones[1]",
    /"eu-west-1b": not an availability zone of us-east-1.*did you mean "us-east-1b"/,
  ],
  ["a Local Zone", { availabilityZones: ["us-east-1a", "us-east-1-bos-1a"] }, "availabilityZones[1]", /not an availability zone/],
  ["one zone", { availabilityZones: ["us-east-1a"] }, "availabilityZones", /at least 2 zones/],
  [
    "the same zone twice",
    { availabilityZones: ["us-east-1a", "us-east-1a"] },
    "availabilityZones[1]",
    /availabilityZones\[0\] has the same value/,
  ],
  [
    "a pool in a zone that is not in the list",
    pool({ availabilityZone: "us-east-1f" }),
    "gpuPools[0].availabilityZone",
    /"us-east-1f": not one of availabilityZones \(us-east-1a, us-east-1b, us-east-1d\)/,
  ],
  // Network
  ["a VPC that is no block", { vpcCidr: "10.0.0.0" }, "vpcCidr", /without its prefix; did you mean "10.0.0.0\/16"/],
  ["a VPC that is nonsense", { vpcCidr: "ten" }, "vpcCidr", /not an IPv4 block/],
  ["a VPC with octal numbers", { vpcCidr: "010.0.0.0/16" }, "vpcCidr", /not an IPv4 block/],
  ["an IPv6 VPC", { vpcCidr: "fd00::/56" }, "vpcCidr", /not an IPv4 block/],
  ["a VPC with host bits", { vpcCidr: "10.0.1.0/16" }, "vpcCidr", /bits set beyond its prefix; did you mean "10.0.0.0\/16"/],
  ["a VPC wider than AWS allows", { vpcCidr: "10.0.0.0/8" }, "vpcCidr", /\/16 to \/24.*did you mean "10.0.0.0\/16"/],
  ["a VPC without room for nodes", { vpcCidr: "10.0.0.0/28" }, "vpcCidr", /\/16 to \/24/],
  [
    "a VPC without addresses for the nodes",
    { vpcCidr: "10.1.0.0/24" },
    "vpcCidr",
    /private subnet of us-east-1a is 10\.1\.0\.0\/27 and has 27 addresses .* the nodes there hold 80: 2 of pool system with 21 each \(its own, 20 for pods from its start on\), 1 of pool a100 with 38 each \(its own, 32 for a pod on each slice, 5 spare\)\. A \/22 has enough/,
  ],
  [
    "a VPC with addresses for the nodes that there are, and not for those that the pools may have",
    { vpcCidr: "10.1.0.0/22", ...pool({ size: { desired: 1, min: 1, max: 10 } }) },
    "vpcCidr",
    /has 123 addresses .* hold 194: .* 4 of pool a100 .* A \/21 has enough/,
  ],
  [
    "a VPC whose one zone is too small for a pool of that zone",
    { vpcCidr: "10.1.0.0/22", ...pool({ size: { desired: 4 }, availabilityZone: "us-east-1b" }) },
    "vpcCidr",
    /private subnet of us-east-1b .* hold 194/,
  ],
  [
    "a VPC in which interface endpoints take addresses",
    {
      vpcCidr: "10.1.0.0/22",
      interfaceEndpoints: ["ec2", "ecr.api", "ecr.dkr", "eks", "eks-auth", "sts"],
      ...pool({ size: { desired: 6 } }),
    },
    "vpcCidr",
    /has 117 addresses .* hold 118/,
  ],
  ["a VPC of public addresses", { vpcCidr: "8.8.0.0/16" }, "vpcCidr", /not private addresses/],
  [
    "a VPC over the first service range",
    { vpcCidr: "10.100.0.0/20" },
    "vpcCidr",
    /overlaps 10.100.0.0\/16, which EKS uses for Kubernetes services/,
  ],
  ["a VPC over the second service range", { vpcCidr: "172.20.0.0/16" }, "vpcCidr", /overlaps 172.20.0.0\/16/],
  [
    "an endpoint that there is not",
    { interfaceEndpoints: ["ecr"] },
    "interfaceEndpoints[0]",
    /"ecr": this platform uses no such interface endpoint.*did you mean "e/,
  ],
  ["the same endpoint twice", { interfaceEndpoints: ["sts", "sts"] }, "interfaceEndpoints[1]", /same value/],
  [
    "no way out for nodes",
    { natGateways: "none", interfaceEndpoints: ["sts", "ec2"] },
    "interfaceEndpoints",
    /cannot join without ecr.api, ecr.dkr, eks, eks-auth/,
  ],
  // Access
  [
    "access that nobody chose",
    { apiServerAccess: "" },
    "apiServerAccess",
    /pulumi config set apiServerAccess private\n.*pulumi config set apiServerAccess "\$\(curl -s https:\/\/checkip.amazonaws.com\)\/32"/,
  ],
  ["access that is not mentioned", { apiServerAccess: undefined }, "apiServerAccess", /pulumi config set apiServerAccess private/],
  ["access for everybody", { apiServerAccess: "0.0.0.0/0" }, "apiServerAccess", /"0.0.0.0\/0": this allows the whole Internet/],
  ["access for everybody, IPv6", { apiServerAccess: "::/0" }, "apiServerAccess", /whole Internet/],
  ["access for everybody, with host bits", { apiServerAccess: "203.0.113.7/0" }, "apiServerAccess", /whole Internet/],
  ["access for half of everybody", { apiServerAccess: "0.0.0.0/1,128.0.0.0/1" }, "apiServerAccess", /wider than \/8/],
  [
    "access for forty wide blocks",
    { apiServerAccess: Array.from({ length: 40 }, (_, at) => `${at + 11}.0.0.0/8`).join(",") },
    "apiServerAccess",
    /have 671,088,640 addresses together, more than a \/8, which is no restriction\. The addresses of a public cloud .* NAT gateway/,
  ],
  [
    "access for a wide block and one more",
    { apiServerAccess: "3.0.0.0/8,52.1.2.3/32" },
    "apiServerAccess",
    /16,777,217 addresses together/,
  ],
  ["access for IPv6", { apiServerAccess: "2001:db8::/32" }, "apiServerAccess", /the cluster uses IPv4/],
  [
    "access with host bits",
    { apiServerAccess: "203.0.113.7/24" },
    "apiServerAccess",
    /beyond its prefix; did you mean "203.0.113.0\/24" or "203.0.113.7\/32"/,
  ],
  ["access without a prefix", { apiServerAccess: "203.0.113.7" }, "apiServerAccess", /without its prefix; did you mean "203.0.113.7\/32"/],
  ["access for private addresses", { apiServerAccess: "10.0.0.0/8" }, "apiServerAccess", /nobody reaches AWS over the Internet/],
  [
    "access blocks that overlap",
    { apiServerAccess: "203.0.113.0/24, 203.0.113.7/32" },
    "apiServerAccess",
    /"203.0.113.7\/32": it overlaps 203.0.113.0\/24/,
  ],
  ["access with a word", { apiServerAccess: "203.0.113.7/32,public" }, "apiServerAccess", /"public": neither "private" nor a CIDR block/],
  [
    "more access blocks than EKS takes",
    { apiServerAccess: Array.from({ length: 41 }, (_, i) => `203.0.113.${i}/32`).join() },
    "apiServerAccess",
    /41 CIDR blocks are more than the 40/,
  ],
  // Control plane
  ["a cluster name that is no DNS label", { clusterName: "Shared GPU" }, "clusterName", /lower-case letters.*did you mean "shared-gpu"/],
  [
    "Kubernetes without DRA",
    { kubernetesVersion: "1.33" },
    "kubernetesVersion",
    /"1.33": Dynamic Resource Allocation.*from 1.34 on; did you mean "1.34"/,
  ],
  [
    "Kubernetes that nothing is pinned to",
    { kubernetesVersion: "1.99" },
    "kubernetesVersion",
    /"1.99": this project pins no GPU Operator.*It does for 1.34/,
  ],
  ["Kubernetes that is nonsense", { kubernetesVersion: "latest" }, "kubernetesVersion", /pins no GPU Operator/],
  ["a retention CloudWatch does not have", { logRetentionDays: 100 }, "logRetentionDays", /100: CloudWatch Logs accepts.*did you mean 90/],
  ["an administrator that is no ARN", { adminPrincipalArns: ["me"] }, "adminPrincipalArns[0]", /not the ARN of an IAM role or user/],
  [
    "the account itself as administrator",
    { adminPrincipalArns: ["arn:aws:iam::123456789012:root"] },
    "adminPrincipalArns[0]",
    /not the ARN/,
  ],
  [
    "a session as administrator",
    { adminPrincipalArns: ["arn:aws:sts::123456789012:assumed-role/ops/me"] },
    "adminPrincipalArns[0]",
    /did you mean "arn:aws:iam::123456789012:role\/ops"/,
  ],
  ["a tag that AWS keeps to itself", { tags: { "aws:x": "y" } }, 'tags["aws:x"]', /AWS reserves names/],
  ["a tag with characters AWS refuses", { tags: { owner: "me?" } }, "tags.owner", /consist of/],
  ["too many tags", { tags: Object.fromEntries(Array.from({ length: 41 }, (_, i) => [`t${i}`, ""])) }, "tags", /41 tags/],
  // Pools
  [
    "an unknown instance type",
    pool({ instanceType: "p4d.24xlage" }),
    "gpuPools[0].instanceType",
    /"p4d.24xlage": no instance type.*did you mean "p4d.24xlarge"/,
  ],
  [
    "a GPU without MIG (A10G)",
    pool({ instanceType: "g5.xlarge" }),
    "gpuPools[0].instanceType",
    /"g5.xlarge": its A10G GPUs cannot be partitioned: .*A10G/,
  ],
  ["a GPU without MIG (L4)", pool({ instanceType: "g6.xlarge" }), "gpuPools[0].instanceType", /cannot be partitioned/],
  ["a GPU pool without GPUs", pool({ instanceType: "m6i.large" }), "gpuPools[0].instanceType", /"m6i.large": it has no GPU/],
  ["an unknown system instance type", { systemPool: { instanceType: "m6i.lage" } }, "systemPool.instanceType", /did you mean "m6i.large"/],
  ["a system pool with GPUs", { systemPool: { instanceType: "g5.xlarge" } }, "systemPool.instanceType", /it has GPUs/],
  [
    "a layout that there is not",
    pool({ layout: "all-balancd" }),
    "gpuPools[0].layout",
    /"all-balancd" is not a layout.*did you mean "all-balanced"/,
  ],
  ["a layout of another GPU", pool({ layout: "all-2g.20gb" }), "gpuPools[0].layout", /2g.20gb.*did you mean "all-2g.10gb"/],
  [
    "a profile that the GPU does not have",
    pool({ instanceType: "p6-b200.48xlarge", layout: "all-2g.40gb" }),
    "gpuPools[0].layout",
    /"2g.40gb" is not a profile of B200.*did you mean "all-2g.45gb"/,
  ],
  ["a custom layout with more than fits", custom({ "3g.20gb": 2, "1g.5gb": 1 }), "gpuPools[0].layout", /mine|3g.20gb/],
  [
    "a custom layout for GPUs that are not there",
    pool({ layout: { name: "mine", gpus: [{ devices: [8], profiles: "whole" }] } }),
    "gpuPools[0].layout",
    /there is no GPU 8/,
  ],
  ["a layout that makes nothing", pool({ layout: "all-enabled" }), "gpuPools[0].layout", /creates no GPU instance/],
  [
    "one name for two layouts",
    {
      gpuPools: [{ "3g.20gb": 2 }, { "2g.10gb": 3 }].map((profiles, i) => ({
        ...POOL,
        name: `p${i}`,
        layout: { name: "mine", gpus: [{ devices: "all", profiles }] },
      })),
    },
    "gpuPools[1].layout",
    /gpuPools\[0\].layout gives this name to another layout/,
  ],
  ["min above desired", pool({ size: { desired: 1, min: 2, max: 3 } }), "gpuPools[0].size.min", /2: more than desired, which is 1/],
  [
    "more nodes than anybody has",
    pool({ size: { desired: 1_000_000_000 } }),
    "gpuPools[0].size.desired",
    /more nodes than a Kubernetes cluster can have.*did you mean 5000/,
  ],
  [
    "a maximum that nobody reaches",
    pool({ size: { desired: 1, max: 6000 } }),
    "gpuPools[0].size.max",
    /6000: more nodes.*did you mean 5000/,
  ],
  ["max below desired", pool({ size: { desired: 3, max: 2 } }), "gpuPools[0].size.max", /2: less than desired, which is 3/],
  [
    "a pool that autoscaling empties",
    pool({ size: { desired: 1, min: 0 } }),
    "gpuPools[0].size.min",
    /0: .*cannot be scaled up from zero on Kubernetes 1.34.*did you mean 1/,
  ],
  ["a pool that autoscaling should fill", pool({ size: { desired: 0, max: 2 } }), "gpuPools[0].size.min", /cannot be scaled up from zero/],
  ["an empty system pool", { systemPool: { size: { desired: 0 } } }, "systemPool.size.min", /cannot be empty/],
  [
    "a capacity block without reservation",
    pool({ capacity: { type: "capacityBlock" }, availabilityZone: "us-east-1a" }),
    "gpuPools[0].capacity.reservationId",
    /not set. Buy a capacity block/,
  ],
  [
    "a capacity block without zone",
    pool({ capacity: { type: "capacityBlock", reservationId: "cr-0123456789abcdef0" } }),
    "gpuPools[0].availabilityZone",
    /not set. A capacity block exists in one zone/,
  ],
  [
    "a reservation that is none",
    pool({ capacity: { type: "capacityBlock", reservationId: "my-block" }, availabilityZone: "us-east-1a" }),
    "gpuPools[0].capacity.reservationId",
    /"my-block": not the ID/,
  ],
  ["two pools of one name", { gpuPools: [POOL, POOL] }, "gpuPools[1].name", /"a100": gpuPools\[0\].name has the same value/],
  ["a pool name that is no DNS label", pool({ name: "A100_pool" }), "gpuPools[0].name", /did you mean "a100-pool"/],
  ["a pool name longer than node groups can have", pool({ name: "a".repeat(31) }), "gpuPools[0].name", /1 to 30/],
  ["a volume too small for the image", pool({ volumeGiB: 8 }), "gpuPools[0].volumeGiB", /20 to 16384 GiB; did you mean 20/],
  // Charts
  ["GPU software that there is not", { gpuSoftware: "25.1" }, "gpuSoftware", /"25.1".*It has current, 25.10; did you mean "25.10"/],
  ["a chart that there is not", { charts: { gpuOperater: {} } }, "charts.gpuOperater", /did you mean "gpuOperator"/],
  [
    "a chart version that moves",
    { charts: { gpuOperator: { version: "latest" } } },
    "charts.gpuOperator.version",
    /did you mean "v26.3.3"/,
  ],
  [
    "a GPU that the operator's MIG Manager does not know",
    { ...pool({ instanceType: "g7e.48xlarge" }), charts: { gpuOperator: { version: "v25.3.2" } } },
    "charts.gpuOperator.version",
    /MIG Manager v0.12.2.* has no layout all-balanced for the RTX PRO 6000 96GB of pool a100.*Use GPU Operator v25.3.3 or later/,
  ],
  [
    "a GPU that the MIG Manager of the values does not know",
    { ...pool({ instanceType: "p6-b300.48xlarge" }), charts: { gpuOperator: { values: { migManager: { version: "v0.12.3" } } } } },
    "charts.gpuOperator.version",
    /MIG Manager v0.12.3 has no layout all-balanced for the B300 269GB.*Use GPU Operator v25.10.0 or later/,
  ],
  [
    "a DRA driver nobody has read",
    { charts: { draDriver: { version: "26.1.0" } } },
    "charts.draDriver.version",
    /how this version.*names its devices.*did you mean "0.4.1"/,
  ],
  [
    "an OCI registry as repository",
    { charts: { draDriver: { repository: "oci://registry.example/charts" } } },
    "charts.draDriver.repository",
    /write an OCI registry into charts.draDriver.chart; did you mean "oci:\/\/registry.example\/charts\/dra-driver-nvidia-gpu"/,
  ],
  [
    "a chart by a URL, of which Helm would take any version",
    { charts: { gpuOperator: { chart: "https://mirror.example/gpu-operator-v25.10.1.tgz" } } },
    "charts.gpuOperator.chart",
    /an oci:\/\/ reference, a path, or a name in charts\.gpuOperator\.repository/,
  ],
  [
    "a chart under another name, which nothing would judge",
    { charts: { gpuOperator: { chart: "oci://mirror.example/my-operator" } } },
    "charts.gpuOperator.chart",
    /the chart is called gpu-operator, at a mirror too/,
  ],
  [
    "the driver's chart under another name",
    { charts: { draDriver: { chart: "dra", repository: "https://mirror.example" } } },
    "charts.draDriver.chart",
    /called dra-driver-nvidia-gpu or nvidia-dra-driver-gpu/,
  ],
  [
    "a chart with a tag",
    { charts: { gpuOperator: { chart: "oci://mirror.example:5000/gpu-operator:v25.10.1" } } },
    "charts.gpuOperator.chart",
    /write the version into charts\.gpuOperator\.version/,
  ],
  [
    "a chart with a digest",
    { charts: { draDriver: { chart: "oci://mirror.example/dra-driver-nvidia-gpu@sha256:00" } } },
    "charts.draDriver.chart",
    /no tag or digest here/,
  ],
  [
    "credentials in a chart",
    { charts: { draDriver: { chart: "oci://me:hunter2@mirror.example/dra-driver-nvidia-gpu" } } },
    "charts.draDriver.chart",
    /^(?!.*hunter2).*contains credentials/,
  ],
  [
    "a repository for a local chart",
    { charts: { draDriver: { chart: "./charts/dra", repository: "https://charts.example" } } },
    "charts.draDriver.repository",
    /Remove the repository/,
  ],
  [
    "a password in a repository",
    { charts: { draDriver: { repository: "https://me:secret@charts.example" } } },
    "charts.draDriver.repository",
    /^charts.draDriver.repository: it contains credentials/,
  ],
  // Teams and workloads
  ["two teams of one name", teams({ name: "mig-test" }), "teams[1].name", /teams\[0\].name has the same value/],
  ["a team name that is no DNS label", teams({ name: "Team A" }), "teams[1].name", /did you mean "team-a"/],
  ["a team in a namespace of Kubernetes", teams({ name: "kube-system" }), "teams[1].name", /has a namespace of this name/],
  ["a team in a namespace of the platform", teams({ name: "gpu-operator" }), "teams[1].name", /did you mean "team-gpu-operator"/],
  ["a team of masters", teams({ name: "ops", group: "system:masters" }), "teams[1].group", /EKS reserves/],
  [
    "more slices than the pools can have, with what is left by the teams before",
    teams({ name: "ops", slices: { large: 16 } }),
    "teams[1].slices.large",
    /16: the quotas of all teams promise 17 large slices, 1 more than the 16 that the pools have.*"overcommit" to true; did you mean 15\?/,
  ],
  [
    "more slices than the pools can have, by one team alone",
    teams({ name: "ops", slices: { small: 31 } }, { name: "dev", slices: { small: 40 } }),
    "teams[2].slices.small",
    /40: .* promise 72 small slices, 40 more than the 32.*did you mean 0\?/,
  ],
  ["text for a truth value of quotas", { overcommit: "maybe" }, "overcommit", /expected true or false/],
  [
    "members without a group",
    teams({ name: "ops", principalArns: ["arn:aws:iam::111122223333:role/ops"] }),
    "teams[1].group",
    /not set. Name the group whose members principalArns are/,
  ],
  [
    "a member by a session",
    teams({ name: "ops", group: "ops", principalArns: ["arn:aws:sts::111122223333:assumed-role/ops/me"] }),
    "teams[1].principalArns[0]",
    /Name the role itself; did you mean "arn:aws:iam::111122223333:role\/ops"/,
  ],
  [
    "a member who is an administrator",
    {
      adminPrincipalArns: ["arn:aws:iam::111122223333:role/ops"],
      ...teams({ name: "ops", group: "ops", principalArns: ["arn:aws:iam::111122223333:role/ops"] }),
    },
    "teams[1].principalArns[0]",
    /in adminPrincipalArns too, and EKS accepts one access entry/,
  ],
  ["a team without CPU", teams({ name: "ops", cpu: 0 }), "teams[1].cpu", /0: /],
  ["a team with negative storage", teams({ name: "ops", storageGiB: -1 }), "teams[1].storageGiB", /-1: /],
  ["storage that is text", teams({ name: "ops", storageGiB: "1Ti" }), "teams[1].storageGiB", /"1Ti": expected an integer/],
  [
    "a team whose containers have no disk",
    teams({ name: "ops", ephemeralStorageGiB: 5 }),
    "teams[1].ephemeralStorageGiB",
    /5: a container that names no limit gets 10 GiB, so no pod would fit; did you mean 10\?/,
  ],
  ["a team with hardly any objects", teams({ name: "ops", objects: 3 }), "teams[1].objects", /3: .*At least 10; did you mean 10\?/],
  [
    "a team that could fill the cluster's database",
    teams({ name: "ops", objects: 5000 }),
    "teams[1].objects",
    /5000: .*At most 500; did you mean 500\?/,
  ],
  [
    "checkpoints larger than the team's storage",
    {
      teams: [{ name: "mig-test", slices: { small: 1, medium: 1, large: 1 }, storageGiB: 5 }],
      fashionMnist: { type: "deployed", team: "mig-test", checkpoints: { type: "shared", sizeGiB: 10 } },
    },
    "fashionMnist.checkpoints.sizeGiB",
    /10: the quota of team mig-test has 5 GiB of storage.*did you mean 5\?/,
  ],
  [
    "slices that no pool has",
    { ...pool({ layout: "all-3g.20gb" }), teams: [{ name: "mig-test", slices: { large: 1, medium: 1 } }], fashionMnist: { type: "none" } },
    "teams[0].slices.medium",
    /1: no GPU pool has a medium slice/,
  ],
  [
    "slices of a tier that there is not",
    teams({ name: "ops", slices: { huge: 1 } }),
    "teams[1].slices.huge",
    /the keys are small, medium, large/,
  ],
  [
    "workloads of an unknown team",
    { fashionMnist: { type: "deployed", team: "mig-tset" } },
    "fashionMnist.team",
    /"mig-tset": no entry of teams.*did you mean "mig-test"/,
  ],
  [
    "workloads without a quota for them",
    { teams: [{ name: "mig-test", slices: { small: 1 } }] },
    "fashionMnist.team",
    /this team's quota has none of medium, large/,
  ],
  [
    "workloads together where no GPU holds all three",
    {
      ...pool({
        layout: {
          name: "mine",
          gpus: [
            { devices: [0, 1, 2, 3], profiles: { "3g.20gb": 2 } },
            { devices: [4, 5, 6, 7], profiles: { "2g.10gb": 2, "1g.5gb": 3 } },
          ],
        },
      }),
      fashionMnist: { type: "deployed", team: "mig-test", colocate: true },
    },
    "fashionMnist.colocate",
    /on one physical GPU/,
  ],
  [
    "an image that moves",
    { fashionMnist: { type: "deployed", team: "mig-test", image: "nvcr.io/nvidia/pytorch:latest" } },
    "fashionMnist.image",
    /not pinned/,
  ],
  ["an image without a tag", { partitionGate: { image: "localhost:5000/node" } }, "partitionGate.image", /not pinned/],
  ["an image that is none", { partitionGate: { image: "https://node" } }, "partitionGate.image", /not a container image/],
];

describe("a stack is refused", () => {
  it.each(CASES)("for %s", (_what, change, key, says) => {
    const result = parseConfig({ ...STACK, ...change });
    const problems = result.type === "invalid" ? result.problems : [];
    const named = problems.find((problem) => problem.key === key);
    expect(problems.map((problem) => problem.key)).toContain(key);
    expect(named && formatProblem(named)).toMatch(says);
  });

  it("for everything that is wrong with it at once, each thing once", () => {
    const result = parseConfig({
      ...STACK,
      kubernetesVersion: "1.33",
      vpcCidr: "10.0.1.0/16",
      foo: 1,
      ...pool({ instanceType: "g5.xlarge", size: { desired: 1, min: 2 } }),
    });
    const keys = result.type === "invalid" ? result.problems.map(({ key }) => key) : [];
    expect([...keys].sort()).toEqual(["foo", "gpuPools[0].instanceType", "gpuPools[0].size.min", "kubernetesVersion", "vpcCidr"]);
  });

  it("when it says nothing at all, for what has no default", () => {
    const result = parseConfig({});
    const keys = result.type === "invalid" ? result.problems.map(({ key }) => key) : [];
    expect([...keys].sort()).toEqual(["apiServerAccess", "availabilityZones", "aws:region", "clusterName", "gpuPools"]);
  });
});

test("a layout with more devices than NVIDIA's driver publishes of a node is refused, with both numbers", () => {
  const release = defaultRelease();
  const { claimApi } = release.kubernetes;
  const narrow = { ...claimApi, deviceLimits: { ...claimApi.deviceLimits, devicesPerSlice: 31 } };
  const problems: Problem[] = [];
  const report = (problem: Problem) => void problems.push(problem);
  const { gpuPools } = shapeConfig(STACK, report);
  resolveGpuPools(gpuPools, undefined, { ...release, kubernetes: { ...release.kubernetes, claimApi: narrow } }, report);
  expect(problems.map(formatProblem)).toEqual([
    expect.stringMatching(/gpuPools\[0\]\.layout.*a node has 32 devices.*more than 31/) as unknown,
  ]);
});
