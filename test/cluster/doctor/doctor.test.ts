/**
 * The doctor on the real control plane with the fleet: it is silent while the platform comes up, finds each fault, says nothing of a state that is nearly one, and is
 * silent once its commands have been executed as they are printed. kubectl is the real one. What `pulumi` and `aws` would do is simulated, case by case.
 */
import { join } from "node:path";
import { FINDINGS } from "../../../src/doctor/findings";
import type { FindingId } from "../../../src/doctor/findings";
import type { Diagnosis, Finding } from "../../../src/doctor/finding";
import { OBSERVED_KIND_NAMES } from "../../../src/doctor/observation/kinds";
import { observeCluster } from "../../../src/doctor/observation/live";
import { RELEASES } from "../../../src/releases/find";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { documentedRole } from "../../doctor/documented";
import { runNode } from "../../support/child";
import { testedRelease } from "../../support/tested-release";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";
import { Bed, CONTEXT, LAB } from "./bed";
import { CASES } from "./cases";
import type { Case } from "./cases";

let bed: Bed;
const alarms: Finding[] = [];
let looks = 0;
beforeAll(async () => {
  bed = await Bed.start(({ findings }) => {
    looks++;
    alarms.push(...findings);
  });
});
afterAll(() => bed.cluster.stop());

test("there is no alarm while the platform comes up", () => {
  expect(alarms).toEqual([]);
  expect(looks).toBeGreaterThan(3);
});

const of = (id: FindingId, { findings }: Diagnosis) => findings.filter((finding) => finding.id === id);

const versions = RELEASES.map(({ kubernetesVersion }) => kubernetesVersion);
const here = CASES.filter(({ since = "" }) => versions.indexOf(since) <= versions.indexOf(testedRelease().kubernetesVersion));
test.each(here.map((each) => [each.name === undefined ? each.id : `${each.id}: ${each.name}`, each] as const))("%s", async (_, each) => {
  const { id, nearMiss, fault, besides = [], hurts } = each;
  if (nearMiss.type === "state") {
    await nearMiss.make(bed);
    expect(of(id, await bed.examine())).toEqual([]);
    await nearMiss.remove(bed);
  }
  await fault(bed);
  const diagnosis = await bed.waitForFinding(id, besides);
  if (nearMiss.type === "early") {
    expect(of(id, await bed.examine(nearMiss.minutes))).toEqual([]);
  }
  const [finding] = of(id, diagnosis);
  expect(finding).toMatchObject({ matters: FINDINGS[id].matters });
  if (hurts !== undefined) {
    expect(finding?.hurts.join(" ")).toContain(hurts);
  }
  await mend(each, finding?.commands ?? []);
  await bed.waitForSilence();
  await each.after?.(bed);
});

/** Executes the commands as they are printed, in their order. The first of `pulumi` or `aws` is simulated, and what has to be true beside kubectl's. */
async function mend({ shortened = (command) => command, simulated }: Case, commands: readonly string[]): Promise<void> {
  expect(commands).not.toEqual([]);
  const isElsewhere = (command: string) => /^(pulumi|aws) /.test(command);
  let isSimulated = false;
  const simulate = async () => {
    if (!isSimulated) {
      isSimulated = true;
      await simulated?.(bed);
    }
  };
  if (!commands.some(isElsewhere)) {
    await simulate();
  }
  for (const command of commands) {
    if (isElsewhere(command)) {
      expect(simulated).toBeDefined();
      continue;
    }
    expect(command).toMatch(new RegExp(`(kubectl|npm run relayout --) --context ${CONTEXT} `));
    await bed.run(shortened(command));
  }
  await simulate();
}

test("at least 40 kinds of findings are injected", () => {
  expect(new Set(CASES.map(({ id }) => id)).size).toBeGreaterThanOrEqual(40);
});

test("the documented role is enough to read everything, and changes nothing", async () => {
  const { api } = bed;
  const account = { apiVersion: "v1", kind: "ServiceAccount", metadata: { name: "doctor", namespace: LAB } };
  await bed.cluster.apply([account, documentedRole()]);
  await bed.run(`kubectl create clusterrolebinding doctor --clusterrole doctor --serviceaccount ${LAB}:doctor`);
  const token = (await bed.run(`kubectl -n ${LAB} create token doctor`)).trim();
  const reader = api.as(token);
  const read = () => observeCluster(reader, CONTEXT, () => undefined);
  await waitFor("the rights of the role", async () => (await read()).gaps.length === 0, {
    describe: async () => JSON.stringify((await read()).gaps),
  });
  const { objects } = await read();
  const observed = await bed.observe();
  expect(OBSERVED_KIND_NAMES.filter((kind) => objects[kind].length !== observed.objects[kind].length)).toEqual([]);
  const node = { apiVersion: "v1", kind: "Node", metadata: { name: bed.node.name } } as KubernetesObject;
  await expect(reader.merge(node, { metadata: { labels: { a: "b" } } })).rejects.toMatchObject({ status: 403 });
  await expect(reader.list("/api/v1/secrets")).rejects.toMatchObject({ status: 403 });
  reader.close();
  await bed.run("kubectl delete clusterrolebinding doctor");
});

test("the command reads a context, saves what it read, and says the same of the file", async () => {
  const folder = makeFolder({});
  const file = join(folder, "state.json");
  const doctor = (...args: readonly string[]) =>
    runNode(["--require", "./transpile.js", "src/cli/doctor.ts", ...args], { cwd: ROOT, env: bed.shell.env });
  await bed.run(`kubectl cordon ${bed.node.name}`);
  const live = await doctor("--context", CONTEXT, "--save", file, "--json", "--junit", join(folder, "doctor.xml"));
  const saved = await doctor("--from", file, "--json");
  await bed.run(`kubectl uncordon ${bed.node.name}`);
  const found = (text: string) => (JSON.parse(text) as Diagnosis).findings.map(({ id, subject, seen }) => ({ id, subject, seen }));
  expect(live.stderr).toBe("");
  expect(live.code).toBe(1);
  expect(found(live.stdout)).toEqual([expect.objectContaining({ id: "node-cordoned" })]);
  expect(found(saved.stdout)).toEqual(found(live.stdout));
  expect(saved.code).toBe(1);
});
