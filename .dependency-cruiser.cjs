// The dependency rule of docs/architecture.md:
//   json, hardware, well-known <- releases, cel <- dra <- cluster, config <- planner, monitoring <- relayout <- aws, kubernetes, policy-pack, rehearsal, live <- control-plane, fleet <- trial <- doctor <- cli
// An arrow may be crossed from right to left over any distance, never the other way.
const layers = [
  ["^src/json/", "^src/hardware/", "^src/well-known/"],
  ["^src/releases/", "^src/cel/"],
  ["^src/dra/"],
  ["^src/cluster/", "^src/config/"],
  ["^src/planner/", "^src/monitoring/"],
  ["^src/relayout/"],
  ["^src/aws/", "^src/kubernetes/", "^policy-pack/", "^src/rehearsal/", "^src/live/"],
  ["^src/control-plane/", "^src/fleet/"],
  ["^src/trial/"],
  ["^src/doctor/"],
  ["^src/cli/"],
];

const upward = layers.slice(0, -1).map((paths, index) => ({
  name: `layer-${index + 1}-knows-no-later-layer`,
  severity: "error",
  from: { path: paths },
  to: { path: [...layers.slice(index + 1).flat(), "^index\\.ts$"] },
}));

/** Parts of one layer do not know each other, except where the list says so. */
const sideways = [
  ["^src/json/", "^src/(hardware|well-known)/"],
  ["^src/hardware/", "^src/(json|well-known)/"],
  ["^src/well-known/", "^src/(json|hardware)/"],
  // A release describes the CEL environment of its Kubernetes version; the language knows no version.
  ["^src/cel/", "^src/(json|hardware|well-known|releases)/"],
  ["^src/cluster/", "^src/config/"],
  ["^src/config/", "^src/cluster/"],
  // The planner is asked about live clusters as well, which have no stack configuration.
  ["^src/planner/", "^src/(config|monitoring)/"],
  ["^src/monitoring/", "^src/(config|planner)/"],
  ["^src/relayout/", "^src/(config|monitoring)/"],
  ["^src/aws/", "^(src/(kubernetes|rehearsal|live)|policy-pack)/"],
  ["^src/kubernetes/", "^(src/(aws|rehearsal|live)|policy-pack)/"],
  ["^policy-pack/", "^src/(aws|kubernetes|rehearsal|live)/"],
  ["^src/rehearsal/", "^src/(aws|kubernetes|live)/"],
  ["^src/live/", "^(src/(aws|kubernetes|rehearsal)|policy-pack)/"],
  ["^src/control-plane/", "^(src/(aws|kubernetes|rehearsal|fleet)|policy-pack)/"],
  ["^src/fleet/", "^(src/(aws|control-plane)|policy-pack)/"],
].map(([from, to]) => ({ name: "parts-of-a-layer-are-apart", severity: "error", from: { path: from }, to: { path: to } }));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...upward,
    ...sideways,
    {
      name: "pure-cores-do-no-io",
      comment: "json to relayout (without config) import no Pulumi, no Node API, no I/O: everything else asks them",
      severity: "error",
      from: { path: "^src/(json|hardware|well-known|releases|cel|dra|cluster|planner|monitoring|relayout)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-cores-know-no-pulumi",
      severity: "error",
      from: { path: "^src/(json|hardware|well-known|releases|cel|dra|cluster|planner|monitoring|relayout)/" },
      to: { path: "@pulumi|@grpc|google-protobuf" },
    },
    {
      name: "harness-knows-no-tier",
      comment: "test/harness and test/support are what the tiers are made with",
      severity: "error",
      from: { path: "^test/(harness|support)/" },
      to: { path: "^test/(?!harness/|support/)" },
    },
    { name: "product-knows-no-test", severity: "error", from: { path: "^(src|policy-pack|index)" }, to: { path: "^test/" } },
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsConfig: { fileName: "tsconfig.check.json" },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["require", "node", "default", "types"] },
  },
};
