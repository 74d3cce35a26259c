/** Where the programs of a control plane are looked for, and which are refused. */
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { findControlPlane } from "../../src/control-plane/programs/find";
import { CONTROL_PLANE_PROGRAMS } from "../../src/control-plane/programs/kubernetes";
import { makeFolder } from "../support/folder";

/** A folder with programs that only say their version. */
function programs(versions: Readonly<Record<string, string>>): string {
  const folder = makeFolder(Object.fromEntries(Object.entries(versions).map(([name, line]) => [name, `#!/bin/sh\necho '${line}'\n`])));
  Object.keys(versions).forEach((name) => chmodSync(join(folder, name), 0o755));
  return folder;
}

const ALL = {
  etcd: "etcd Version: 3.6.1",
  "kube-apiserver": "Kubernetes v1.34.1",
  "kube-controller-manager": "Kubernetes v1.34.1",
  "kube-scheduler": "Kubernetes v1.34.1",
};

let before: NodeJS.ProcessEnv;
beforeEach(() => {
  before = process.env;
  // No cache and no folder of envtest, unless a test names one.
  process.env = { ...process.env, XDG_CACHE_HOME: makeFolder({}), KUBEBUILDER_ASSETS: "" };
});
afterEach(() => {
  process.env = before;
});

test("a folder that is named has all four", () => {
  const folder = programs(ALL);
  expect(findControlPlane(folder, "1.34")).toEqual(Object.fromEntries(CONTROL_PLANE_PROGRAMS.map((name) => [name, join(folder, name)])));
});

test("KUBEBUILDER_ASSETS names a folder as --binaries does, which goes before it", () => {
  const [ofEnvtest, named] = [programs(ALL), programs(ALL)];
  process.env["KUBEBUILDER_ASSETS"] = ofEnvtest;
  expect(findControlPlane(undefined, "1.34").etcd).toBe(join(ofEnvtest, "etcd"));
  expect(findControlPlane(named, "1.34").etcd).toBe(join(named, "etcd"));
});

test.each<[string, Readonly<Record<string, string>>, RegExp]>([
  [
    "another minor version",
    { ...ALL, "kube-scheduler": "Kubernetes v1.33.7" },
    /kube-scheduler \(--binaries\): is v1\.33\.7, and the stack is about Kubernetes 1\.34\. Put kube-scheduler v1\.34\.x there/,
  ],
  ["an old etcd", { ...ALL, etcd: "etcd Version: 3.4.30" }, /etcd \(--binaries\): is 3\.4\.30, .* Put etcd 3\.5 or later there/],
  ["another program of that name", { ...ALL, etcd: "hello" }, /is no program that says its version/],
  [
    "envtest's own three",
    { etcd: ALL.etcd, "kube-apiserver": ALL["kube-apiserver"], kubectl: "" },
    /kube-controller-manager, kube-scheduler are neither in .* nor in the cache\. .* npm run build:control-plane -- 1\.34 \(about 5 minutes on 2 cores\)/,
  ],
])("a folder with %s is refused by name", (_, versions, message) => {
  expect(() => findControlPlane(programs(versions), "1.34")).toThrow(message);
});

test("a folder that does not exist is refused", () => {
  expect(() => findControlPlane("/nowhere/at/all", "1.34")).toThrow(/^--binaries: \/nowhere\/at\/all is no folder/);
});

test("without a folder and with an empty cache, the message says how to build them", () => {
  expect(() => findControlPlane(undefined, "1.34")).toThrow(
    /^the control plane's etcd, kube-apiserver, kube-controller-manager, kube-scheduler are not in the cache\. Name a folder .* --binaries, or build them once/,
  );
});
