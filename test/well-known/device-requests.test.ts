/** Every way to ask for devices without a claim is stopped by the policy pack and by the admission policies. */
import { forbidGpusWithoutClaim } from "../../policy-pack/pods/forbid-gpus-without-claim";
import { forbidNodeAccess } from "../../policy-pack/pods/forbid-node-access";
import {
  DEVICE_LIST_DIRECTORY,
  DEVICE_VARIABLES,
  INJECTOR_DOMAIN_LABELS,
  INJECTOR_FIRST_LABELS,
  NO_DEVICES,
  STATIC_POD_PREFIX,
  VISIBLE_DEVICES_VARIABLE,
} from "../../src/well-known/device-requests";
import { PASSES, STOPPED, podWith, put } from "./requests";

const withoutClaim = (pod: ReturnType<typeof podWith>) => put(pod, forbidGpusWithoutClaim, "shared-gpu-pods");
const nodeAccess = (pod: ReturnType<typeof podWith>) => put(pod, forbidNodeAccess, "shared-gpu-pods");

test("a pod without any of them passes", () => {
  const pod = podWith(
    { env: [{ name: "EPOCHS", value: "3" }], volumeMounts: [{ name: "data", mountPath: "/data" }] },
    { "example.com/owner": "a" },
  );
  expect(withoutClaim(pod)).toEqual(PASSES);
  expect(nodeAccess(pod)).toEqual(PASSES);
});

test.each(DEVICE_VARIABLES)("the variable %s", (name) => {
  expect(withoutClaim(podWith({ env: [{ name, value: "all" }] }))).toEqual(STOPPED);
});

test.each(NO_DEVICES)(`${VISIBLE_DEVICES_VARIABLE}=%s passes, because it asks for nothing`, (value) => {
  expect(withoutClaim(podWith({ env: [{ name: VISIBLE_DEVICES_VARIABLE, value }] }))).toEqual(PASSES);
});

test.each(DEVICE_VARIABLES.filter((name) => name !== VISIBLE_DEVICES_VARIABLE))(
  "%s=void does not pass: the value means nothing there",
  (name) => {
    expect(withoutClaim(podWith({ env: [{ name, value: "void" }] }))).toEqual(STOPPED);
  },
);

test.each(["/run", "/var/run"])("a mount in the device list below %s", (directory) => {
  for (const mountPath of [`${directory}/${DEVICE_LIST_DIRECTORY}`, `${directory}/${DEVICE_LIST_DIRECTORY}/0`]) {
    expect(withoutClaim(podWith({ volumeMounts: [{ name: "list", mountPath }] }))).toEqual(STOPPED);
  }
});

test.each(INJECTOR_DOMAIN_LABELS)("an annotation with %s anywhere in its domain", (label) => {
  for (const key of [`${label}.k8s.io/device`, `vendor.${label}.example/device`, `vendor.${label.toUpperCase()}.example/device`]) {
    expect(withoutClaim(podWith({}, { [key]: "all" }))).toEqual(STOPPED);
  }
});

test.each(INJECTOR_FIRST_LABELS)("an annotation whose domain begins with %s", (label) => {
  expect(withoutClaim(podWith({}, { [`${label}.example/container.main`]: "all" }))).toEqual(STOPPED);
  expect(withoutClaim(podWith({}, { [`example.${label}/container.main`]: "all" }))).toEqual(PASSES);
});

// The kubelet has the first four (pkg/kubelet/types); a later one would have the same beginning.
test.each(["mirror", "source", "hash", "seen", "later"])(`the annotation ${STATIC_POD_PREFIX}%s`, (name) => {
  expect(nodeAccess(podWith({}, { [`${STATIC_POD_PREFIX}${name}`]: "x" }))).toEqual(STOPPED);
});
