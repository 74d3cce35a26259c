/**
 * What the doctor tries, on the real control plane with the fleet. Containers run the check's own script, and see what their CDI specifications and the settings of the
 * container toolkit give them. Each fault is found, and mended by the commands as they are printed.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Diagnosis } from "../../../src/doctor/finding";
import type { Evidence } from "../../../src/doctor/evidence/evidence";
import type { ActiveFindingId } from "../../../src/doctor/findings";
import { ACTIVE_LABEL } from "../../../src/doctor/active/places";
import type { KubernetesObject } from "../../../src/live/api/api-server";
import { waitFor } from "../../../src/live/wait";
import { documentedRoles } from "../../doctor/documented";
import { deployment } from "../../harness/fleet/manifests";
import { podsNamed, waitForRunning } from "../../harness/fleet/cluster";
import { runNode } from "../../support/child";
import { makeFolder } from "../../support/folder";
import { ROOT } from "../../support/program";
import { Bed, CONTEXT, LAB } from "./bed";

let bed: Bed;
/** Said right after the partition gate. */
let early: Diagnosis;
beforeAll(async () => {
  bed = await Bed.start(() => undefined);
  early = await bed.tryActively();
  await bed.ageGate();
});
afterAll(() => bed.cluster.stop());

const LABEL = Object.entries(ACTIVE_LABEL)
  .map(([key, value]) => `${key}=${value}`)
  .join();

async function left(): Promise<readonly string[]> {
  const lists = await Promise.all(
    ["/api/v1/namespaces", "/apis/scheduling.k8s.io/v1/priorityclasses"].map((path) =>
      bed.api.list(path, `labelSelector=${encodeURIComponent(LABEL)}`),
    ),
  );
  return lists.flat().map(({ metadata }) => String(metadata["name"]));
}

async function heldSlices(): Promise<number> {
  const claims = await bed.api.list("/apis/resource.k8s.io/v1/resourceclaims");
  return claims.filter(({ status }) => status?.allocation !== undefined).length;
}

/** Kinds of findings of the active check. */
const active = ({ findings, tried }: Diagnosis) =>
  [...new Set(findings.map(({ id }) => id))].filter((id) => tried.some((kind) => kind.id === id));

const kinds = ({ tried }: Diagnosis) => tried.map(({ id }) => id);

const ALL: readonly ActiveFindingId[] = ["gpu-without-claim", "slice-not-of-claim", "forbidden-request-admitted", "quota-not-counted"];

test("while pulumi up is at work nothing is tried", () => {
  expect(early).toMatchObject({ verdict: "unknown", findings: [] });
  expect(early.tried).toEqual(ALL.map((id) => ({ id, held: 0, broken: 0, unchecked: 1 })));
});

test("on a platform as declared everything holds, and nothing is left", async () => {
  const diagnosis = await bed.tryActively();
  expect(diagnosis.findings).toEqual([]);
  expect(diagnosis.unchecked).toEqual([]);
  expect(kinds(diagnosis)).toEqual(ALL);
  expect(diagnosis.tried.map(({ broken, unchecked }) => broken + unchecked)).toEqual(ALL.map(() => 0));
  // Three ways for each node, and three tiers.
  expect(diagnosis.tried.slice(0, 2)).toMatchObject([{ held: 3 }, { held: 3 }]);
  expect(await left()).toEqual([]);
  expect(await heldSlices()).toBe(0);
});

interface Fault {
  readonly id: ActiveFindingId;
  readonly name: string;
  readonly make: () => unknown;
  /** What the passive checks find too. */
  readonly besides?: readonly string[];
  /** What AWS does of the commands. */
  readonly simulated?: () => Promise<unknown>;
  readonly seen: RegExp;
}

const FAULTS: readonly Fault[] = [
  {
    id: "gpu-without-claim",
    name: "the container toolkit follows the variable",
    make: () => bed.runtimes.leaks.set(bed.node.name, "variable"),
    simulated: () => bed.replaceNode(),
    seen: /NVIDIA_VISIBLE_DEVICES=all, sees 32 slices .*NVIDIA_VISIBLE_DEVICES=all from its image, sees 32 slices/,
  },
  {
    id: "gpu-without-claim",
    name: "the container toolkit follows mounts",
    make: () => bed.runtimes.leaks.set(bed.node.name, "mounts"),
    simulated: () => bed.replaceNode(),
    seen: /^a pod without a claim, with a list of devices as mounts, sees 32 slices/,
  },
  {
    id: "slice-not-of-claim",
    name: "the plugin gives out the slices of others",
    make: () => {
      bed.runtimes.mistake(bed.node.name);
    },
    seen: /tier small got \S+ \(MIG-[\w-]+\) sees 1 slice \(MIG-/,
  },
  {
    id: "forbidden-request-admitted",
    name: "an admission policy has no binding",
    make: () => bed.run("kubectl delete validatingadmissionpolicybinding shared-gpu-claims"),
    besides: ["object-missing"],
    seen: /no admission policy refuses a claim with allocationMode All in namespace mig-test, only a quota does/,
  },
  {
    id: "forbidden-request-admitted",
    name: "an admission policy is gone",
    make: () => bed.run("kubectl delete validatingadmissionpolicy shared-gpu-pods"),
    besides: ["object-missing"],
    seen: /accepts a pod without a claim that tolerates the GPU taint/,
  },
  {
    id: "quota-not-counted",
    name: "a team has no quota",
    make: () => bed.run("kubectl -n mig-test delete resourcequota team"),
    besides: ["object-missing"],
    seen: /accepts a pod that asks for 1000000 CPUs in namespace mig-test/,
  },
];

test.each(FAULTS.map((fault) => [`${fault.id}: ${fault.name}`, fault] as const))("%s", async (_, fault) => {
  const { id, make, besides = [], simulated, seen } = fault;
  await make();
  let diagnosis = await bed.tryActively();
  // What the API server goes by is of a moment ago.
  await waitFor(`finding ${id}`, async () => {
    const isFound = diagnosis.findings.some((finding) => finding.id === id && seen.test(finding.seen));
    diagnosis = isFound ? diagnosis : await bed.tryActively();
    return isFound;
  });
  expect([...new Set(diagnosis.findings.map((finding) => finding.id))].sort()).toEqual([...besides, id].sort());
  const [finding] = diagnosis.findings.filter((each) => each.id === id);
  expect(finding?.seen).toMatch(seen);
  expect(await left()).toEqual([]);
  const commands = diagnosis.findings.flatMap((each) => each.commands);
  expect(commands).not.toEqual([]);
  for (const command of commands) {
    if (/^aws /.test(command)) {
      await simulated?.();
    } else {
      await bed.run(command);
    }
  }
  await bed.waitForSilence();
  const after = await bed.tryActively();
  expect(after.findings).toEqual([]);
  expect(active(after)).toEqual([]);
});

test("what cannot be tried is not checked, and nobody is evicted for it", async () => {
  // Every large slice is held, and one more pod waits.
  const service = deployment(9, { name: "large", namespace: LAB, claims: [{ resourceClaimTemplateName: "large" }], cpu: "10m" });
  await bed.cluster.apply([largeTemplate(), service]);
  const running = async () =>
    (await podsNamed(bed.api, LAB, "large"))
      .filter(({ status }) => status?.phase === "Running")
      .map(({ metadata }) => String(metadata["uid"]));
  try {
    await waitForRunning(bed.api, LAB, "large", 8);
    const before = await running();
    const diagnosis = await bed.tryActively();
    expect(await running()).toEqual(before);
    expect(diagnosis.findings).toEqual([]);
    expect(diagnosis.verdict).toBe("unknown");
    expect(diagnosis.unchecked).toEqual([
      { what: "whether a pod with a claim of tier large sees its slice", reason: expect.stringMatching(/^no free slice/) as string },
    ]);
    expect(diagnosis.tried).toContainEqual({ id: "slice-not-of-claim", held: 2, broken: 0, unchecked: 1 });
  } finally {
    await bed.api.delete(service);
    await waitFor("the end of the pods", async () => (await heldSlices()) === 0);
  }
});

function largeTemplate(): KubernetesObject {
  return {
    apiVersion: "resource.k8s.io/v1",
    kind: "ResourceClaimTemplate",
    metadata: { name: "large", namespace: LAB },
    spec: { spec: { devices: { requests: [{ name: "slice", exactly: { deviceClassName: "mig-large.nvidia.com" } }] } } },
  };
}

describe("the command", () => {
  const ARGS = ["--require", "./transpile.js", "src/cli/doctor.ts", "--context", CONTEXT, "--active"];
  const doctor = (...args: readonly string[]) => runNode([...ARGS, ...args], { cwd: ROOT, env: bed.shell.env });

  /** Starts the check, and answers once it has pods that do not end. */
  async function startHeld() {
    bed.runtimes.isHeld = true;
    const child = spawn(process.execPath, [...ARGS, "--yes"], { cwd: ROOT, env: { ...process.env, ...bed.shell.env } });
    let stderr = "";
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.stdout.resume();
    const ended = once(child, "close");
    await waitFor(
      "pods of the check",
      async () => {
        const pods = await bed.api.list("/api/v1/pods", "fieldSelector=status.phase%3DRunning");
        return pods.some(({ metadata }) => /^doctor-\w+-team$/.test(String(metadata["namespace"])));
      },
      { timeoutMs: 240_000, describe: () => Promise.resolve(stderr) },
    );
    return { child, ended, stderr: () => stderr };
  }

  test("asks before, and does nothing where nobody can answer", async () => {
    const { code, stderr } = await doctor();
    expect(code).toBe(2);
    expect(stderr).toMatch(/It takes 3 free slices for some seconds.*Write --yes/s);
    expect(await left()).toEqual([]);
  });

  test("a second one removes nothing of the first. Ctrl-C ends it, and nothing is left", async () => {
    const { child, ended, stderr } = await startHeld();
    const created = await left();
    const second = await doctor("--yes");
    expect([second.code, second.stderr]).toEqual([2, expect.stringMatching(/^another active check is at work, of \S+\. Wait until/)]);
    expect(await left()).toEqual(created);
    child.kill("SIGINT");
    const [code] = (await ended) as [number | null];
    bed.runtimes.isHeld = false;
    expect({ code, stderr: stderr() }).toEqual({ code: 130, stderr: "interrupted; nothing is left behind\n" });
    expect(await left()).toEqual([]);
    expect(await heldSlices()).toBe(0);
  });

  test("what a killed check has left goes with the next one, whose evidence names nobody", async () => {
    const { child, ended } = await startHeld();
    child.kill("SIGKILL");
    await ended;
    bed.runtimes.isHeld = false;
    expect(await left()).not.toEqual([]);
    const folder = makeFolder({});
    const { code, stdout, stderr } = await doctor(
      "--yes",
      "--json",
      "--evidence",
      join(folder, "evidence"),
      "--junit",
      join(folder, "doctor.xml"),
    );
    expect(stderr).toBe("");
    expect(await left()).toEqual([]);
    const diagnosis = JSON.parse(stdout) as Diagnosis;
    expect(kinds(diagnosis)).toEqual(ALL);
    expect(active(diagnosis)).toEqual([]);
    expect([0, 1]).toContain(code);
    const text = readFileSync(join(folder, "evidence", "evidence.json"), "utf8");
    const page = readFileSync(join(folder, "evidence", "evidence.md"), "utf8");
    const { requirements } = JSON.parse(text) as Evidence;
    expect(requirements.map(({ id, verdict }) => [id, verdict])).toEqual([
      ["dra_support", "met"],
      // What the killed check holds can be on one GPU.
      ["gpu_sharing", expect.stringMatching(/^(met|not observed)$/)],
      ["secure_accelerator_access", "met"],
      ["accelerator_metrics", "not observed"],
    ]);
    for (const name of [bed.node.name, "mig-test", `context ${CONTEXT}`, "stand-in"]) {
      expect([name, text.includes(name), page.includes(name)]).toEqual([name, false, false]);
    }
  });
});

describe("the documented roles", () => {
  const subject = (name: string) => `--serviceaccount ${LAB}:${name}`;

  async function somebody(name: string, roles: readonly string[]) {
    await bed.run(`kubectl -n ${LAB} create serviceaccount ${name}`);
    for (const role of roles) {
      await bed.run(`kubectl create clusterrolebinding ${name}-${role} --clusterrole ${role} ${subject(name)}`);
    }
    return bed.api.as((await bed.run(`kubectl -n ${LAB} create token ${name}`)).trim());
  }

  test("both together are enough to try everything, and the read-only one tries nothing", async () => {
    await bed.cluster.apply(documentedRoles());
    const [reader, tester] = [await somebody("reader", ["doctor"]), await somebody("tester", ["doctor", "doctor-active"])];
    await waitFor("the rights of the roles", async () => {
      const answer = await tester.request("GET", "/apis/scheduling.k8s.io/v1/priorityclasses");
      const nodes = await reader.request("GET", "/api/v1/nodes");
      return answer.status === 200 && nodes.status === 200;
    });
    await expect(bed.tryActively(reader)).rejects.toThrow(/may not do what it needs/);
    const diagnosis = await bed.tryActively(tester);
    expect(diagnosis.unchecked).toEqual([]);
    expect(kinds(diagnosis)).toEqual(ALL);
    expect(active(diagnosis)).toEqual([]);
    expect((await tester.request("GET", "/api/v1/secrets")).status).toBe(403);
    reader.close();
    tester.close();
    expect(await left()).toEqual([]);
  });
});
