import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import { lastingFailure, schedulingFailure } from "../../src/live/scheduling";

function pod(status: string, message: string): KubernetesObject {
  const conditions = [
    { type: "Ready", status: "False", message: "not this one" },
    { type: "PodScheduled", status, reason: "Unschedulable", message },
  ];
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "one", namespace: "lab" }, status: { conditions } };
}

const NODES = "0/3 nodes are available: 3 cannot allocate all claims.";

test.each([
  ["no node fits", NODES, true],
  [
    "claims are still to be made",
    '0/44 nodes are available: pod "lab/one": ResourceClaim not created yet. no new claims to deallocate',
    false,
  ],
  ["another pod is getting the claim", "0/3 nodes are available: resource claim lab/shared is in the process of being allocated.", false],
  [
    "one cache has a claim and another one has not",
    'running PreFilter plugin "VolumeBinding": error getting PVC "lab/one-data": could not find v1.PersistentVolumeClaim "lab/one-data"',
    false,
  ],
  [
    "the same on 1.36",
    'running PreFilter plugin "VolumeBinding": error getting PVC "lab/one-data": persistentvolumeclaims "one-data" not found',
    false,
  ],
  [
    "a controller was faster to write into a claim",
    'running PreBind plugin "VolumeBinding": Operation cannot be fulfilled on persistentvolumeclaims "disk": the object has been modified; please apply your changes',
    false,
  ],
  ["a volume is still to be made", 'waiting for ephemeral volume controller to create the persistentvolumeclaim "one-data"', false],
])("a verdict on a pod or none: %s", (_, message, isVerdict) => {
  expect(schedulingFailure(pod("False", message))).toEqual(isVerdict ? { reason: "Unschedulable", message } : undefined);
  expect(schedulingFailure(pod("True", message))).toBeUndefined();
});

test.each([
  ["a class", "request a: device class small does not exist", "DeviceClass", { name: "small" }],
  ["a claim", 'resourceclaim.resource.k8s.io "shared" not found', "ResourceClaim", { name: "shared", namespace: "lab" }],
  ["a volume claim", 'persistentvolumeclaim "data" not found', "PersistentVolumeClaim", { name: "data", namespace: "lab" }],
])("%s that the scheduler does not know of counts only while it is not there", async (_, message, kind, metadata) => {
  const server = (objects: readonly string[]): ApiServer => {
    const find = (object: KubernetesObject) => {
      expect(object.metadata).toEqual(metadata);
      return Promise.resolve(objects.includes(object.kind) ? object : undefined);
    };
    return { find } as unknown as ApiServer;
  };
  expect(await lastingFailure(server([]), pod("False", message))).toMatchObject({ message });
  expect(await lastingFailure(server([kind]), pod("False", message))).toBeUndefined();
  expect(await lastingFailure(server([kind]), pod("False", NODES))).toMatchObject({ message: NODES });
});
