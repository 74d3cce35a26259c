/** What versions of Kubernetes do otherwise, one test for each rule that only one of them has. */
import { validationProblems } from "../../src/cluster/judgement/validation/validate";
import { compileSelector } from "../../src/dra/selector/selector";
import { servedApi } from "../../src/releases/api/find";
import { RELEASES } from "../../src/releases/find";

const byVersion = <T>(ask: (release: (typeof RELEASES)[number]) => T): Readonly<Record<string, T>> =>
  Object.fromEntries(RELEASES.map((release) => [release.kubernetesVersion, ask(release)]));

test("selectors can name allowMultipleAllocations from 1.36 on", () => {
  const types = byVersion(({ kubernetes }) => compileSelector("!device.allowMultipleAllocations", kubernetes).type);
  expect(types).toEqual({ "1.34": "invalid", "1.35": "invalid", "1.36": "selector" });
});

test("Services, and the backends of an Ingress, can have names that begin with a digit from 1.36 on", () => {
  const service = { apiVersion: "v1", kind: "Service", metadata: { name: "0x" }, spec: { ports: [{ port: 80 }] } };
  const backend = { service: { name: "0x", port: { number: 80 } } };
  const ingress = { apiVersion: "networking.k8s.io/v1", kind: "Ingress", metadata: { name: "i" }, spec: { defaultBackend: backend } };
  const accepted = (body: Record<string, unknown>) =>
    byVersion((release) => validationProblems(body, servedApi(release), release.kubernetes).length === 0);
  expect(accepted(service)).toEqual({ "1.34": false, "1.35": false, "1.36": true });
  expect(accepted(ingress)).toEqual({ "1.34": false, "1.35": false, "1.36": true });
});
