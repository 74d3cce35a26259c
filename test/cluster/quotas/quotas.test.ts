/** Quotas on a real API server: what a team has it can claim, to the last slice and no further, and the rehearsal counts as the server does. */
import { DEVICE_CLASS_RESOURCE_PREFIX } from "../../../src/dra/device-classes";
import { TIERS } from "../../../src/dra/tiers";
import { toObject } from "../../../src/cluster/objects";
import { Quotas, claimCounts } from "../../../src/cluster/quota";
import type { ApiServer } from "../../../src/live/api/api-server";
import type { ControlPlane } from "../../../src/control-plane/control-plane";
import { startControlPlane } from "../../harness/control-plane/start";
import { COUNTED, claim, exactly, pod, specOf, told } from "./claims";
import { verdictOf } from "../refuser";
import { admissionPoliciesInForce, podsPossible, quotaInForce } from "../../../src/fleet/settled";
import { applyStack, stackObjects } from "../../support/stack-objects";
import { testedRelease } from "../../support/tested-release";
import { waitFor } from "../../../src/live/wait";

const MEMBER = "member";
const TEAM = { name: "team-a", group: "team-a-members", slices: { small: 3, medium: 2, large: 1 }, pods: 4, cpu: 8, memoryGiB: 16 };
const CLOSED = [
  "gpu.nvidia.com",
  "mig.nvidia.com",
  "vfio.gpu.nvidia.com",
  "compute-domain-daemon.nvidia.com",
  "compute-domain-default-channel.nvidia.com",
];
const CLAIMS = "count/resourceclaims.resource.k8s.io";
const devicesOf = (deviceClass: string) => `${deviceClass}.deviceclass.resource.k8s.io/devices`;

const [small, medium, large] = TIERS.map(({ className }) => className) as [string, string, string];

let cluster: ControlPlane;
let member: ApiServer;

beforeAll(async () => {
  cluster = await startControlPlane({ users: [{ name: MEMBER, groups: [TEAM.group] }], clientRate: "unlimited" });
  const objects = await stackObjects({ fashionMnist: { type: "none" }, teams: [TEAM] });
  await applyStack(cluster.api, objects);
  // The same quota where no guardrail refuses anything before it.
  const quota = objects.find(({ kind }) => kind === "ResourceQuota");
  await makeQuota("unguarded", quota?.["spec"].hard as Hard);
  for (const namespace of [TEAM.name, "unguarded"]) {
    await quotaInForce(cluster.api, namespace);
    await podsPossible(cluster.api, namespace);
  }
  await admissionPoliciesInForce(cluster.api);
  member = cluster.as(MEMBER);
});
afterAll(() => cluster.stop());

type Hard = Readonly<Record<string, string>>;

async function makeQuota(namespace: string, hard: Hard): Promise<void> {
  await cluster.api.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await cluster.api.apply({ apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace }, spec: { hard } });
}

describe("a team can have what its quota says, and no more", () => {
  test("no key is written in vain: every one is counted", async () => {
    const path = `/api/v1/namespaces/${TEAM.name}/resourcequotas/team`;
    const { spec, status } = await cluster.api.get(path);
    expect(Object.keys(status.used).sort()).toEqual(Object.keys(spec.hard).sort());
  });

  test.each(TIERS.map(({ name, className }) => [name, className] as const))("slices of tier %s", async (tier, className) => {
    const allowed = TEAM.slices[tier];
    for (let index = 0; index < allowed; index += 1) {
      expect(told(await member.tryCreate(claim(TEAM.name, `${tier}-${index}`, [exactly(className)])))).toBe("admitted");
    }
    const excess = told(await member.tryCreate(claim(TEAM.name, `${tier}-more`, [exactly(className)])));
    expect(excess).toMatch(/^quota: /);
    expect(excess).toContain(`used: ${tier === "large" ? `${CLAIMS}=6,` : ""}${devicesOf(className)}=${allowed}`);
  });

  test("what is deleted can be claimed again", async () => {
    await member.delete(claim(TEAM.name, "large-0", []));
    await waitFor(
      "the slice to be counted no more",
      async () =>
        told(await member.tryCreate(claim(TEAM.name, "large-again", [exactly("mig-large.nvidia.com")]), { dryRun: true })) === "admitted",
    );
  });

  test.each(CLOSED)("nothing of class %s, even where no guardrail stands before the quota", async (className) => {
    const answer = await cluster.api.tryCreate(claim("unguarded", "closed", [exactly(className)]), { dryRun: true });
    expect(told(answer)).toMatch(/^quota: /);
    expect(told(answer)).toMatch(new RegExp(`limited: (?:.*,)?${devicesOf(className)}=0`));
  });

  test("a class as an extended resource, together with claims, where Kubernetes gives devices for it", async () => {
    const hard = (await cluster.api.get(`/api/v1/namespaces/${TEAM.name}/resourcequotas/team`)).spec.hard as Hard;
    await makeQuota("both", hard);
    await quotaInForce(cluster.api, "both");
    await podsPossible(cluster.api, "both");
    expect(told(await cluster.api.tryCreate(claim("both", "claim", [exactly(small, { count: 2 })])))).toBe("admitted");
    const asked = async (devices: number) => {
      const limits = { cpu: "1", memory: "1Gi", [`${DEVICE_CLASS_RESOURCE_PREFIX}${small}`]: devices };
      return told(await cluster.api.tryCreate(pod("both", "resource", { resources: { limits } }), { dryRun: true }));
    };
    expect(await asked(1)).toBe("admitted");
    const counted = testedRelease().kubernetes.featureGates.DRAExtendedResource;
    expect(await asked(2)).toMatch(
      counted ? new RegExp(`^quota: .*limited: requests.${DEVICE_CLASS_RESOURCE_PREFIX}${small}=3`) : /^admitted$/,
    );
  });

  test("pods", async () => {
    for (let index = 0; index < TEAM.pods; index += 1) {
      expect(told(await member.tryCreate(pod(TEAM.name, `pod-${index}`)))).toBe("admitted");
    }
    expect(told(await member.tryCreate(pod(TEAM.name, "pod-more")))).toMatch(/^quota: .*limited: .*pods=4$/);
    await member.deleteAll(`/api/v1/namespaces/${TEAM.name}/pods`);
  });

  test.each([
    ["requests.cpu", { requests: { cpu: "8", memory: "1Gi" } }, { requests: { cpu: "8001m", memory: "1Gi" } }],
    [
      "requests.memory",
      { requests: { memory: "16Gi" }, limits: { memory: "16Gi" } },
      { requests: { memory: "16385Mi" }, limits: { memory: "17Gi" } },
    ],
    ["limits.memory", { limits: { memory: "16Gi" } }, { requests: { memory: "1Gi" }, limits: { memory: "16385Mi" } }],
  ])("%s", async (key, within, beyond) => {
    await waitFor("the end of other pods", async () => (await cluster.api.list(`/api/v1/namespaces/${TEAM.name}/pods`)).length === 0);
    await waitFor(
      "a quota that counts no pod",
      async () => told(await member.tryCreate(pod(TEAM.name, "within", { resources: within }), { dryRun: true })) === "admitted",
    );
    expect(told(await member.tryCreate(pod(TEAM.name, "beyond", { resources: beyond }), { dryRun: true }))).toMatch(
      new RegExp(`^quota: .*${key}`),
    );
  });

  test.each(["nvidia.com/gpu", "nvidia.com/gpu.shared", "nvidia.com/mig-1g.5gb", "nvidia.com/mig-3g.20gb"])(
    "no extended resource %s",
    async (resource) => {
      const limits = { cpu: "1", memory: "1Gi", [resource]: 1 };
      const answer = await cluster.api.tryCreate(pod("unguarded", "gpu", { resources: { limits, requests: limits } }), { dryRun: true });
      expect(told(answer)).toMatch(/^quota: /);
      expect(told(answer)).toContain(`limited: requests.${resource}=0`);
    },
  );

  test.each([
    ["LoadBalancer", "services.loadbalancers"],
    ["NodePort", "services.nodeports"],
  ])("no service of type %s, even where no guardrail stands before the quota", async (type, key) => {
    const service = {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "web", namespace: "unguarded" },
      spec: { type, selector: { app: "x" }, ports: [{ port: 80 }] },
    };
    expect(told(await cluster.api.tryCreate(service, { dryRun: true }))).toMatch(new RegExp(`^quota: .*limited: .*${key}=0`));
  });
});

describe("the rehearsal counts what the API server counts", () => {
  const bounds = Object.entries(COUNTED).flatMap(([title, requests], index) => {
    const counts = claimCounts(specOf(requests));
    const hard = Object.fromEntries(Object.entries(counts).map(([key, count]) => [key, String(count)]));
    const short = Object.keys(counts).map((key) => ({ key, hard: { ...hard, [key]: String(Number(counts[key]) - 1) } }));
    return [{ key: undefined, hard }, ...short].map(({ key, hard: limits }, variant) => ({
      title,
      requests,
      key,
      hard: limits,
      namespace: `bound-${index}-${variant}`,
    }));
  });
  beforeAll(async () => {
    await Promise.all(
      bounds.map(async ({ namespace, hard }) => {
        await makeQuota(namespace, hard);
        await quotaInForce(cluster.api, namespace);
      }),
    );
  });

  test.each(Object.keys(COUNTED))("%s: admitted where the quota is what it counts, refused where that is one less", async (title) => {
    for (const { key, namespace, requests } of bounds.filter((bound) => bound.title === title)) {
      const answer = told(await cluster.api.tryCreate(claim(namespace, "claim", requests), { dryRun: true }));
      expect({ key, answer }).toEqual({
        key,
        answer: key === undefined ? "admitted" : expect.stringMatching(new RegExp(`^quota: .*limited: ${key}=`)),
      });
    }
  });

  test("one claim after the other, until nothing fits", async () => {
    const hard = { [CLAIMS]: "24", [devicesOf(small)]: "30", [devicesOf(medium)]: "70", [devicesOf(large)]: "40" };
    await makeQuota("sequence", hard);
    await quotaInForce(cluster.api, "sequence");
    const ours = Quotas.of([
      toObject(
        { apiVersion: "v1", kind: "ResourceQuota", metadata: { name: "team", namespace: "sequence" }, spec: { hard } },
        { type: "stack", urn: "" },
        "",
      ),
    ]);
    const verdicts: { readonly claim: string; readonly real: boolean; readonly rehearsed: boolean }[] = [];
    for (const round of [0, 1, 2, 3]) {
      for (const [index, [title, requests]] of Object.entries(COUNTED).entries()) {
        const answer = await cluster.api.tryCreate(claim("sequence", `claim-${round}-${index}`, requests));
        const rehearsed = ours.add("sequence", claimCounts(specOf(requests))) === undefined;
        verdicts.push({ claim: `${title}, round ${round}`, real: verdictOf(answer).type === "admitted", rehearsed });
      }
    }
    expect(verdicts.filter(({ real, rehearsed }) => real !== rehearsed)).toEqual([]);
    expect(new Set(verdicts.map(({ real }) => real))).toEqual(new Set([true, false]));
  });
});
