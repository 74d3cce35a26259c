import { stringify } from "yaml";
import { customResourcesKnown } from "../../../policy-pack/platform/custom-resources-known";
import { UNKNOWN, verdictOf } from "../verdict";

const said = (props: Readonly<Record<string, unknown>>) =>
  verdictOf(
    customResourcesKnown,
    {
      type: `kubernetes:${String(props["apiVersion"])}:${String(props["kind"])}`,
      props,
      urn: "urn:pulumi:dev::team-a::kubernetes:core/v1:Pod::manifest",
    },
    { isPreview: true },
  ).refused;

const WORKFLOW = {
  apiVersion: "argoproj.io/v1alpha1",
  kind: "Workflow",
  metadata: { name: UNKNOWN, namespace: "team-a" },
  status: UNKNOWN,
};
const JOB_SET = { apiVersion: "jobset.x-k8s.io/v1alpha2", kind: "JobSet", metadata: { name: "train", namespace: "team-a" } };
const THING = { apiVersion: "example.com/v1", kind: "Thing", metadata: { name: "x" } };
const jobs = (spec: unknown) => ({
  ...JOB_SET,
  spec: { replicatedJobs: [{ name: "workers", template: { spec: { template: { spec } } } }] },
});

test.each<[string, Readonly<Record<string, unknown>>]>([
  ["everything is known", { ...WORKFLOW, spec: { entrypoint: "main", templates: [] } }],
  ["the policies for pods judge it", jobs({ containers: [{ name: "main", image: UNKNOWN, env: [{ name: "A", value: UNKNOWN }] }] })],
  ["it is a list of containers", jobs({ containers: UNKNOWN })],
  ["it is a field of a pod", jobs({ tolerations: UNKNOWN, containers: [{ name: "main", image: "x" }] })],
  ["it is in a list of a pod", jobs({ tolerations: [{ key: UNKNOWN }], containers: [{ name: "main", image: "x" }] })],
  [
    "it is in a record that is itself the spec of a pod",
    {
      ...{ apiVersion: "trainer.kubeflow.org/v1alpha1", kind: "TrainJob", metadata: { name: "x" } },
      spec: { podSpecOverrides: [{ tolerations: UNKNOWN }] },
    },
  ],
  ["the policies for claims judge it", { ...THING, spec: { claim: { devices: { requests: [{ name: UNKNOWN, deviceClassName: "x" }] } } } }],
  ["the object is one of Kubernetes itself", { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "x" }, data: { a: UNKNOWN } }],
  [
    "its controller creates nothing",
    { apiVersion: "cert-manager.io/v1", kind: "Certificate", metadata: { name: "x" }, spec: { dnsNames: [UNKNOWN] } },
  ],
])("Should pass if %s", (_, props) => {
  expect(said(props)).toEqual([]);
});

test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
  [
    "texts of a workflow are unknown",
    { ...WORKFLOW, spec: { arguments: { parameters: [{ name: "a", value: UNKNOWN }] }, description: UNKNOWN } },
    ["spec.arguments.parameters[0].value", "spec.description"],
  ],
  [
    "a text beside the pods is",
    { ...JOB_SET, spec: { ...jobs({ containers: [{ name: "main", image: UNKNOWN }] }).spec, managedBy: UNKNOWN } },
    ["spec.managedBy"],
  ],
  ["nobody knows the kind", { ...THING, spec: UNKNOWN }, ["spec"]],
  [
    "the object that a workflow creates is known, and another part of the workflow is not",
    { ...WORKFLOW, spec: { description: UNKNOWN, templates: [{ name: "a", resource: { action: "create", manifest: stringify(THING) } }] } },
    ["spec.description"],
  ],
])("Should fail if %s", (_, props, paths) => {
  expect(said(props)).toEqual(
    paths.map(
      (path) =>
        `${String(props["kind"])}: "${path}" is unknown until \`pulumi up\`, which checks what it creates before it makes the resource.`,
    ),
  );
});
