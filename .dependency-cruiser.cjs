// The dependency rule of docs/architecture.md:
//   hardware, well-known <- releases, dra <- cluster, config <- planner <- aws, kubernetes, policy-pack, rehearsal, doctor <- cli
// An arrow may be crossed from right to left over any distance, never the other way.
const layers = [
  ["^src/hardware/", "^src/well-known/"],
  ["^src/releases/", "^src/dra/"],
  ["^src/cluster/", "^src/config/"],
  ["^src/planner/"],
  ["^src/aws/", "^src/kubernetes/", "^policy-pack/", "^src/rehearsal/", "^src/doctor/"],
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
  ["^src/releases/", "^src/dra/"],
  ["^src/cluster/", "^src/config/"],
  ["^src/config/", "^src/cluster/"],
  ["^src/planner/", "^src/config/"],
  ["^src/aws/", "^(src/(kubernetes|rehearsal|doctor)|policy-pack)/"],
  ["^src/kubernetes/", "^(src/(aws|rehearsal|doctor)|policy-pack)/"],
  ["^policy-pack/", "^src/(aws|kubernetes|rehearsal|doctor)/"],
  ["^src/rehearsal/", "^src/(aws|kubernetes|doctor)/"],
].map(([from, to]) => ({ name: "parts-of-a-layer-are-apart", severity: "error", from: { path: from }, to: { path: to } }));

module.exports = {
  forbidden: [
    { name: "no-circular", severity: "error", from: {}, to: { circular: true } },
    { name: "no-unresolvable", severity: "error", from: {}, to: { couldNotResolve: true } },
    ...upward,
    ...sideways,
    {
      name: "pure-cores-do-no-io",
      comment: "hardware, well-known, releases, dra, cluster and planner import no Pulumi, no Node API, no I/O: everything else asks them",
      severity: "error",
      from: { path: "^src/(hardware|well-known|releases|dra|cluster|planner)/" },
      to: { dependencyTypes: ["core"] },
    },
    {
      name: "pure-cores-know-no-pulumi",
      severity: "error",
      from: { path: "^src/(hardware|well-known|releases|dra|cluster|planner)/" },
      to: { path: "@pulumi|@grpc|google-protobuf" },
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
