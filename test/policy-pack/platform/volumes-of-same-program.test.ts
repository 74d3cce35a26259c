import { volumesOfSameProgram } from "../../../policy-pack/platform/volumes-of-same-program";
import type { StackResource } from "../stack-verdict";
import { UNKNOWN } from "../verdict";
import { stackVerdictOf, stackViolations } from "../stack-verdict";

type Props = Readonly<Record<string, unknown>>;

const EBS: StackResource = { type: "aws:ebs/volume:Volume", name: "disk", props: { id: "vol-1" } };
const EFS: StackResource = { type: "aws:efs/fileSystem:FileSystem", name: "files", props: { id: "fs-1" } };
const ACCESS_POINT: StackResource = { type: "aws:efs/accessPoint:AccessPoint", name: "point", props: { id: "fsap-1" } };

const volume = (spec: Props, more: Partial<StackResource> = {}): StackResource => ({
  type: "kubernetes:core/v1:PersistentVolume",
  name: "volume",
  props: { apiVersion: "v1", kind: "PersistentVolume", metadata: { name: "volume" }, spec },
  ...more,
});
const ebs = (volumeHandle: unknown, more: Partial<StackResource> = {}) =>
  volume({ csi: { driver: "ebs.csi.aws.com", volumeHandle }, claimRef: { name: "data", namespace: "team-a" } }, more);
const efs = (volumeHandle: unknown) =>
  volume({ csi: { driver: "efs.csi.aws.com", volumeHandle }, claimRef: { name: "data", namespace: "team-a" } });
const claim = (spec: Props = {}, namespace: unknown = "team-a", more: Partial<StackResource> = {}): StackResource => ({
  type: "kubernetes:core/v1:PersistentVolumeClaim",
  name: "claim",
  props: { apiVersion: "v1", kind: "PersistentVolumeClaim", metadata: { name: "data", namespace }, spec },
  ...more,
});
const storageClass = (fileSystemId: unknown, more: Partial<StackResource> = {}): StackResource => ({
  type: "kubernetes:storage.k8s.io/v1:StorageClass",
  name: "class",
  props: {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: "efs" }, provisioner: "efs.csi.aws.com" },
    parameters: { provisioningMode: "efs-ap", fileSystemId },
  },
  ...more,
});

/** Claims of a StatefulSet's replicas and of a pod, with these specs. */
const replicas = (spec: unknown): StackResource => ({
  type: "kubernetes:apps/v1:StatefulSet",
  name: "replicas",
  props: { apiVersion: "apps/v1", kind: "StatefulSet", metadata: { name: "x" }, spec: { volumeClaimTemplates: [{ spec }] } },
});
const scratch = (spec: unknown): StackResource => ({
  type: "kubernetes:batch/v1:Job",
  name: "job",
  props: {
    ...{ apiVersion: "batch/v1", kind: "Job", metadata: { name: "x" } },
    spec: { template: { spec: { volumes: [{ name: "v", ephemeral: { volumeClaimTemplate: { spec } } }] } } },
  },
});

const said = (...resources: readonly StackResource[]) =>
  stackViolations(volumesOfSameProgram, resources)
    .map(({ message }) => message)
    .join("\n");

describe("Should pass if", () => {
  test.each<[string, readonly StackResource[]]>([
    ["the volume is the program's own disk", [EBS, ebs("vol-1"), claim()]],
    ["the claim names the volume", [EBS, ebs("vol-1"), claim({ volumeName: "volume" })]],
    ["the volume is the program's own file system", [EFS, efs("fs-1"), claim()]],
    ["it is an access point of it", [EFS, ACCESS_POINT, efs("fs-1::fsap-1"), claim()]],
    ["it is a folder of it", [EFS, efs("fs-1:/team-a"), claim()]],
    ["the class makes access points in the program's own file system", [EFS, storageClass("fs-1")]],
    ["a claim waits for whatever its class makes", [claim({ storageClassName: "gp3" })]],
    ["a claim has an empty name of a volume", [claim({ volumeName: "" })]],
    ["replicas have volumes that their class makes", [replicas({ storageClassName: "gp3" })]],
    ["a pod has one until it ends", [scratch({ storageClassName: "gp3" })]],
    [
      "a class makes new disks",
      [{ type: "kubernetes:storage.k8s.io/v1:StorageClass", name: "class", props: { provisioner: "ebs.csi.aws.com", parameters: {} } }],
    ],
  ])("%s", (_, resources) => {
    expect(said(...resources)).toBe("");
  });

  test.each<[string, readonly StackResource[]]>([
    ["the id of the disk is unknown in a first preview", [EBS, ebs(UNKNOWN, { from: { spec: ["disk"] } }), claim()]],
    ["that of the file system is", [EFS, storageClass(UNKNOWN, { from: { parameters: ["files"] } })]],
    ["the name of the volume is", [EBS, ebs("vol-1"), claim({ volumeName: UNKNOWN }, "team-a", { from: { spec: ["volume"] } })]],
  ])("%s", (_, resources) => {
    expect(stackVerdictOf(volumesOfSameProgram, resources, {}, { isPreview: true }).found).toEqual([]);
  });

  test("the platform registers it", () => {
    const urn = "urn:pulumi:dev::shared-gpu::shared-gpu:kubernetes:Storage$kubernetes:core/v1:PersistentVolume::volume";
    expect(said(ebs("vol-2", { urn }))).toBe("");
  });
});

describe("Should fail if", () => {
  test.each<[string, readonly StackResource[], string]>([
    ["the disk is another's", [EBS, ebs("vol-2"), claim()], "volumeHandle"],
    ["no disk is the program's", [ebs("vol-1"), claim()], "volumeHandle"],
    ["the file system has the id of a disk", [EBS, efs("vol-1"), claim()], "volumeHandle"],
    ["the access point is another's", [EFS, efs("fs-1::fsap-2"), claim()], "volumeHandle"],
    ["the handle has more parts", [EFS, efs("fs-1:/:fs-1:fs-1"), claim()], "volumeHandle"],
    ["the handle is a list", [EBS, ebs(["vol-1"]), claim()], "volumeHandle"],
    ["there is no handle", [EBS, ebs(undefined), claim()], "volumeHandle"],
    ["the handle comes from something else", [EBS, EFS, ebs(UNKNOWN, { from: { spec: ["files"] } }), claim()], "volumeHandle"],
    ["the claim is another team's", [EBS, ebs("vol-1"), claim({}, "team-b")], "claimRef"],
    ["no claim is the program's", [EBS, ebs("vol-1")], "claimRef"],
    ["the claim takes a volume by its name", [claim({ volumeName: "of-team-b" })], "volumeName"],
    ["replicas take a volume by its name", [replicas({ volumeName: "of-team-b" })], "volumeClaimTemplates[0].spec.volumeName"],
    ["a pod takes a volume by its name", [scratch({ volumeName: "of-team-b" })], "ephemeral.volumeClaimTemplate.spec.volumeName"],
    ["the name of the volume comes from elsewhere", [claim({ volumeName: UNKNOWN })], "volumeName"],
    ["a class makes access points in another's file system", [EFS, storageClass("fs-2")], "parameters"],
    ["a class names no file system", [EFS, storageClass(undefined)], "parameters"],
  ])("%s", (_, resources, words) => {
    expect(said(...resources)).toContain(words);
  });
});
