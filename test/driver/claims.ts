/** Claims that the real scheduler allocates, as the kubelet of their node gets them. */
import { VENDOR_DEVICE_CLASSES } from "../../src/dra/device-classes";
import type { AllocatedClaim } from "../../src/fleet/machine";
import { podsPossible } from "../../src/fleet/settled";
import type { ApiServer, KubernetesObject } from "../../src/live/api/api-server";
import { waitFor } from "../../src/live/wait";
import { pod } from "../harness/fleet/manifests";

const NAMESPACE = "default";

/** A class, and what its device has to be besides. */
export type Request = readonly [deviceClassName: string, expression?: string];

export const SMALL: Request = ["mig.nvidia.com", `device.attributes["gpu.nvidia.com"].profile == "1g.5gb"`];
export const WHOLE: Request = ["gpu.nvidia.com"];

export class Claims {
  #made = 0;

  private constructor(private readonly api: ApiServer) {}

  /** On a control plane with one node and the classes of NVIDIA's chart. */
  static async on(api: ApiServer, nodeName: string): Promise<Claims> {
    for (const { name, selectors } of VENDOR_DEVICE_CLASSES) {
      const spec = { selectors: selectors.map((expression) => ({ cel: { expression } })) };
      await api.apply({ apiVersion: "resource.k8s.io/v1", kind: "DeviceClass", metadata: { name }, spec });
    }
    await api.create({ apiVersion: "v1", kind: "Node", metadata: { name: nodeName }, status: { allocatable: { cpu: "96", pods: "110" } } });
    await podsPossible(api, NAMESPACE);
    return new Claims(api);
  }

  /** Has the scheduler allocate a claim with one device for each request, for a pod of its own. */
  async allocated(...requests: readonly Request[]): Promise<AllocatedClaim> {
    const { api } = this;
    const name = `claim-${String(++this.#made)}`;
    const exactly = requests.map(([deviceClassName, expression]) => ({
      deviceClassName,
      ...(expression === undefined ? {} : { selectors: [{ cel: { expression } }] }),
    }));
    const spec = { devices: { requests: exactly.map((request, index) => ({ name: `device-${String(index)}`, exactly: request })) } };
    await api.create({ ...claimObject(name), spec });
    await api.create(pod({ name, namespace: NAMESPACE, claims: [{ resourceClaimName: name }] }));
    const found = async () => (await api.find(claimObject(name))) ?? claimObject(name);
    await waitFor(`the allocation of ${name}`, async () => (await found())["status"]?.reservedFor !== undefined);
    const { metadata, status } = await found();
    const results = status.allocation.devices.results as readonly { readonly device: string }[];
    const devices = results.map(({ device }) => ({ name: device, adminAccess: false }));
    return { namespace: NAMESPACE, name, uid: String(metadata["uid"]), devices };
  }

  /** Removes a claim and its pod by force, so that its devices are free for others, and the kubelet has not taken it back. */
  async forget({ name }: AllocatedClaim): Promise<void> {
    await this.api.delete({ apiVersion: "v1", kind: "Pod", metadata: { name, namespace: NAMESPACE } });
    await this.api.delete(claimObject(name));
    await waitFor(`the end of ${name}`, async () => (await this.api.find(claimObject(name))) === undefined);
  }

  /** So that the devices of their claims are free. */
  async removePods(): Promise<void> {
    await this.api.deleteAll(`/api/v1/namespaces/${NAMESPACE}/pods`);
  }
}

function claimObject(name: string): KubernetesObject {
  return { apiVersion: "resource.k8s.io/v1", kind: "ResourceClaim", metadata: { name, namespace: NAMESPACE } };
}
