/**
 * The rules, in pieces that two cores measure in a few minutes each: the policies of the pack and what they read resources with, the admission policies, the
 * language and the reach of selectors, Pod Security, and the table of a team's rights.
 */
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** By name: files, and folders without those in them. */
const PIECES = {
  "policy-pack/claims": ["policy-pack/claims"],
  "policy-pack/pods": ["policy-pack/pods"],
  "policy-pack/platform": ["policy-pack/platform", "policy-pack/platform/storage"],
  "policy-pack/platform/rights": ["policy-pack/platform/rights", "src/well-known/team-rights.ts"],
  "policy-pack/aws": ["cluster", "cost", "gpu-pools", "nodes"].map((folder) => `policy-pack/aws/${folder}`),
  "policy-pack/aws/iam": ["policy-pack/aws/iam"],
  "policy-pack/aws/sharing": ["policy-pack/aws/sharing"],
  "policy-pack/helm": ["policy-pack/helm"],
  "policy-pack/advisories": ["policy-pack/advisories"],
  "policy-pack/resources": ["policy-pack/resources"],
  "policy-pack/resources/local-charts": ["policy-pack/resources/local-charts"],
  "policy-pack/resources/classification": ["charts", "kubernetes-kinds", "types"].map(
    (file) => `policy-pack/resources/classification/${file}.ts`,
  ),
  "policy-pack/resources/classification/cloud-types": ["policy-pack/resources/classification/cloud-types.ts"],
  "src/kubernetes/admission": ["src/kubernetes/admission", "src/well-known/pod-security.ts"],
  "src/cluster/judgement/pod-security": ["src/cluster/judgement/pod-security.ts"],
  "src/dra/selector/language": ["src/dra/selector/language"],
  "src/dra/reach": ["src/dra/reach.ts", "src/dra/reach"],
};

/** Every file in these is a rule. */
const RULES = ["policy-pack", "src/kubernetes/admission", "src/dra/selector/language", "src/dra/reach"];
const NO_RULES = [
  // It registers the admission policies. The engine tier does that on a real API server.
  "src/kubernetes/admission/component.ts",
  // How the pack runs, is built and is described. Its tests start processes.
  ...["policy-pack/build.ts", "policy-pack/index.ts", "policy-pack/policies.ts", "policy-pack/policy-files.ts"],
  ...["policy-pack/policy-proxy.d.ts", "policy-pack/docs/", "policy-pack/engine/", "policy-pack/evaluation/"],
];

const isRule = (file) => file.endsWith(".ts") && !NO_RULES.some((each) => file.startsWith(each));

/** The pieces with their files. @throws Error if a rule is in no piece. */
export function piecesOf(root) {
  const filesIn = (path) => (statSync(join(root, path)).isFile() ? [path] : readdirSync(join(root, path)).map((name) => `${path}/${name}`));
  const pieces = Object.entries(PIECES).map(([name, paths]) => ({ name, files: paths.flatMap(filesIn).filter(isRule).sort() }));
  const measured = new Set(pieces.flatMap(({ files }) => files));
  const rules = RULES.flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`));
  const left = rules.filter((file) => isRule(file) && !file.includes("/dist/") && !file.includes("/node_modules/") && !measured.has(file));
  if (left.length > 0) {
    throw new Error(`test/mutation/pieces.mjs has no piece for ${left.join(", ")}`);
  }
  return pieces;
}
