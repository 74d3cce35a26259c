/** What the corpus cannot say of forbid-gpus-without-claim: values that are unknown or of another type, and patches. */
import { forbidGpusWithoutClaim } from "../../../policy-pack/pods/forbid-gpus-without-claim";
import { UNKNOWN, violations } from "../verdict";

const pod = (spec: object) => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "pod", namespace: "team-a" },
  spec: { containers: [{ name: "main", image: "x" }], ...spec },
});
const VOID = { env: [{ name: "NVIDIA_VISIBLE_DEVICES", value: "void" }] };
const main = (content: object, spec: object = {}) => pod({ ...spec, containers: [{ name: "main", image: "x", ...content }] });
const claimed = (resourceClaims: readonly object[], use: object) => main({ ...VOID, resources: { claims: [use] } }, { resourceClaims });
const patch = (spec: object) => ({ apiVersion: "apps/v1", kind: "DeploymentPatch", metadata: { name: "d", namespace: "team-a" }, spec });
const unknown = (path: string, what: string) =>
  `Pod: "${path}" is unknown until \`pulumi up\`, so this policy cannot check ${what}. Use a value that is known at preview.`;

type Manifest = Readonly<Record<string, unknown>>;

test.each<[string, Manifest]>([
  [
    "a claim is called like a tier's template",
    claimed([{ name: "gpu", resourceClaimName: "mig-small-template" }], { name: "gpu", request: "mine" }),
  ],
  ["the request of a claim is unknown to have a name", claimed([{ name: "gpu", resourceClaimName: "mine" }], { name: UNKNOWN })],
  ["a patch has no containers", patch({ replicas: 2, template: { spec: { priorityClassName: "low" } } })],
  ["a patch does not touch the pods", patch({ replicas: 2 })],
  [
    "a mount's name begins like the list of devices",
    main({ volumeMounts: [{ name: "v", mountPath: "/run/nvidia-container-devices-notes" }] }),
  ],
  ["a mount is below another folder", main({ volumeMounts: [{ name: "v", mountPath: "/srv/run/nvidia-container-devices" }] })],
])("Should pass if %s", (_, manifest) => {
  expect(violations(forbidGpusWithoutClaim, manifest)).toEqual([]);
});

const LIST = "is a list of devices to NVIDIA's runtime. Mount it elsewhere, and claim a slice.";

test.each<[string, Manifest, string]>([
  ["the runtime class is unknown", pod({ runtimeClassName: UNKNOWN }), unknown("spec.runtimeClassName", "which runtime injects devices")],
  [
    "the runtime class is no text",
    pod({ runtimeClassName: 7 }),
    "Pod: spec.runtimeClassName is 7. Remove it: it selects the runtime, which injects devices, and claims need none.",
  ],
  ...[
    { operator: "Exists" },
    { key: null },
    { key: "" },
    { key: "nvidia.com/gpu", effect: "" },
    { key: "nvidia.com/gpu", effect: null },
    UNKNOWN,
  ].map((toleration): [string, Manifest, string] => [
    `it tolerates ${JSON.stringify(toleration)}`,
    pod({ tolerations: [toleration] }),
    "Pod: spec.tolerations let the pod run on GPU nodes without a claim, so its image could expose every GPU. Add resourceClaims (mig-small-template, ...), or tolerate the taints of other nodes by name.",
  ]),
  [
    "the names of claims are unknown",
    main({ resources: { claims: [{ name: UNKNOWN }] } }, { resourceClaims: [{ name: UNKNOWN, resourceClaimName: "mine" }] }),
    "Pod: spec.containers[0] does not use the pod's claim, so its image could expose every GPU of the node. Add the claim to resources.claims, or set NVIDIA_VISIBLE_DEVICES to void.",
  ],
  [
    "the path of a device is unknown",
    main({ volumeDevices: [{ name: "v", devicePath: UNKNOWN }] }),
    unknown("spec.containers[0].volumeDevices[0].devicePath", "what it gives the pod"),
  ],
  [
    "a device has the path of the list",
    main({ volumeDevices: [{ name: "v", devicePath: "run/nvidia-container-devices/all" }] }),
    `Pod: spec.containers[0].volumeDevices[0] ${LIST}`,
  ],
  [
    "a mount is the list itself",
    main({ volumeMounts: [{ name: "v", mountPath: "//var//run/x/../nvidia-container-devices" }] }),
    `Pod: spec.containers[0].volumeMounts[0] ${LIST}`,
  ],
  ["the pod's resources are unknown", pod({ resources: UNKNOWN }), unknown("spec.resources", "what it gives the pod")],
  ["the pod's overhead is unknown", pod({ overhead: UNKNOWN }), unknown("spec.overhead", "what it gives the pod")],
  [
    "a patch has containers and no tolerations",
    patch({ template: { spec: { containers: [{ name: "main", image: "x" }] } } }),
    "Deployment: spec.template.spec.containers are in a patch, which hides the rest of the pod, and the pod may run on a GPU node. Write the whole object.",
  ],
  [
    "the second claim is a tier's, and the container names a request that it has not",
    claimed(
      [
        { name: "other", resourceClaimName: "mine" },
        { name: "gpu", resourceClaimTemplateName: "mig-small-template" },
      ],
      { name: "gpu", request: "mine" },
    ),
    'Pod: spec.containers[0].resources.claims[0].request is "mine", so the container gets no device: mig-small-template has the request slice only. Remove it, or write slice.',
  ],
])("Should fail if %s", (_, manifest, message) => {
  expect(violations(forbidGpusWithoutClaim, manifest)).toEqual([message]);
});
