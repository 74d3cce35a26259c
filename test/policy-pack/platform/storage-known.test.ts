/** What the corpus of storage cannot say: patches, lists, who registers a class, and unknown values. */
import { serviceAccountsWithoutRoles } from "../../../policy-pack/platform/service-accounts-without-roles";
import { storageKnown } from "../../../policy-pack/platform/storage-known";
import { UNKNOWN, violations } from "../verdict";

type Manifest = Readonly<Record<string, unknown>>;

const PLATFORM = "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:StorageClass$x::y";
const said = (manifest: Manifest, urn?: string) =>
  violations(storageKnown, manifest, {}, undefined, urn === undefined ? {} : { urn }).join("\n");

const storageClass = (more: Manifest = {}): Manifest => ({
  ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "x" }, provisioner: "ebs.csi.aws.com" },
  ...more,
});
const volume = (spec: unknown): Manifest => ({ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "x" }, spec });
const claimRef = { name: "data", namespace: "team-a" };
const csi = { driver: "ebs.csi.aws.com", volumeHandle: "vol-1" };
const claim = (dataSourceRef: unknown): Manifest => ({
  ...{ apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "x", namespace: "team-a" }, spec: { dataSourceRef } },
});

describe("Should pass if", () => {
  test.each<[string, Manifest]>([
    ["the handle is unknown, which is for another policy", volume({ csi: { ...csi, volumeHandle: UNKNOWN }, claimRef })],
    [
      "fields are null",
      storageClass({ reclaimPolicy: null, parameters: null, mountOptions: null, metadata: { name: "x", annotations: null } }),
    ],
    [
      "the annotation of the default is off",
      storageClass({ metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "false" } } }),
    ],
    ["a claim copies one of its namespace", claim({ kind: "PersistentVolumeClaim", name: "data" })],
    ["a claim copies nothing", claim(undefined)],
  ])("%s", (_, manifest) => {
    expect(said(manifest)).toBe("");
  });
  test("the platform makes the default class", () => {
    const manifest = storageClass({ metadata: { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } } });
    expect(said(manifest)).toContain("is-default-class");
    expect(said(manifest, PLATFORM)).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, Manifest, string]>([
    ["the spec is unknown", volume(UNKNOWN), "spec"],
    ["the source is unknown", volume({ csi: UNKNOWN, claimRef }), "spec.csi"],
    ["the driver is unknown", volume({ csi: { driver: UNKNOWN }, claimRef }), "driver"],
    ["the attributes are unknown", volume({ csi: { ...csi, volumeAttributes: UNKNOWN }, claimRef }), "volumeAttributes"],
    ["an attribute is not known", volume({ csi: { ...csi, volumeAttributes: { x: "y" } }, claimRef }), "volumeAttributes.x"],
    ["the options are unknown", volume({ csi, claimRef, mountOptions: UNKNOWN }), "mountOptions"],
    ["an option is no text", volume({ csi, claimRef, mountOptions: [1] }), "mountOptions"],
    ["the claim is unknown", volume({ csi, claimRef: UNKNOWN }), "claimRef"],
    ["the claim has no namespace", volume({ csi, claimRef: { name: "data" } }), "claimRef"],
    ["the claim has no name", volume({ csi, claimRef: { namespace: "team-a" } }), "claimRef"],
    ["the provisioner is unknown", storageClass({ provisioner: UNKNOWN }), "provisioner"],
    ["the provisioner is missing", storageClass({ provisioner: undefined }), "provisioner"],
    ["the parameters are unknown", storageClass({ parameters: UNKNOWN }), "parameters"],
    ["the reclaim policy is unknown", storageClass({ reclaimPolicy: UNKNOWN }), "reclaimPolicy"],
    ["the options of the class are unknown", storageClass({ mountOptions: UNKNOWN }), "mountOptions"],
    ["an option of the class is not known", storageClass({ mountOptions: ["mounttargetip=10.0.0.1"] }), "mountOptions"],
    ["the annotations are unknown", storageClass({ metadata: { annotations: UNKNOWN } }), "annotations"],
    [
      "the old annotation makes it the default",
      storageClass({ metadata: { annotations: { "storageclass.beta.kubernetes.io/is-default-class": "true" } } }),
      "beta",
    ],
    [
      "a list has it",
      { apiVersion: "storage.k8s.io/v1", kind: "StorageClassList", items: [storageClass({ provisioner: "x" })] },
      "items[0].provisioner",
    ],
    [
      "a claim copies another team's data",
      claim({ kind: "PersistentVolumeClaim", name: "data", namespace: "team-b" }),
      "dataSourceRef.namespace",
    ],
    ["a claim copies what is unknown", claim({ namespace: UNKNOWN }), "dataSourceRef"],
    [
      "an attributes class changes another parameter",
      {
        apiVersion: "storage.k8s.io/v1",
        kind: "VolumeAttributesClass",
        metadata: {},
        driverName: "ebs.csi.aws.com",
        parameters: { x: "y" },
      },
      "parameters.x",
    ],
  ])("%s", (_, manifest, words) => {
    expect(said(manifest)).toContain(words);
  });
  test.each<[string, Manifest]>([
    [
      "a patch adds a role",
      { kind: "ServiceAccountPatch", metadata: { name: "default", annotations: { "eks.amazonaws.com/role-arn": "x" } } },
    ],
    ["the annotations are unknown", { kind: "ServiceAccount", metadata: { name: "x", annotations: UNKNOWN } }],
    ["the metadata is unknown", { kind: "ServiceAccount", metadata: UNKNOWN }],
  ])("of an account %s", (_, manifest) => {
    expect(violations(serviceAccountsWithoutRoles, { apiVersion: "v1", ...manifest }).join()).toContain("annotations");
  });
});

describe("Claims inside of workloads", () => {
  const OF_TEAM_B = { dataSourceRef: { kind: "PersistentVolumeClaim", name: "x", namespace: "team-b" } };
  const replicas = (volumeClaimTemplates: unknown) =>
    violations(storageKnown, { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "x" }, spec: { volumeClaimTemplates } });
  const pod = (volumeClaimTemplate: unknown) =>
    violations(storageKnown, {
      ...{ apiVersion: "v1", kind: "Pod", metadata: { name: "x" } },
      spec: { volumes: [{ name: "v", ephemeral: { volumeClaimTemplate } }] },
    });
  test("pass if they copy nothing", () => {
    expect(replicas([{ spec: {} }])).toEqual([]);
    expect(pod({ spec: { dataSourceRef: { kind: "VolumeSnapshot", name: "x" } } })).toEqual([]);
    expect(pod(undefined)).toEqual([]);
  });
  test.each([[[{ spec: {} }, { spec: OF_TEAM_B }]], [UNKNOWN], [[UNKNOWN]], [[{ spec: { dataSourceRef: UNKNOWN } }]]])(
    "are denied if replicas copy data of another namespace, or perhaps: %p",
    (templates) => {
      expect(replicas(templates)).toHaveLength(1);
    },
  );
  test("are denied if a pod copies data of another namespace", () => {
    expect(pod({ spec: OF_TEAM_B })).toEqual([expect.stringContaining("ephemeral.volumeClaimTemplate.spec.dataSourceRef.namespace")]);
  });
});
