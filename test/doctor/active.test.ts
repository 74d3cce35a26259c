/** The active check without a cluster: what it plans, how it judges what comes of it, and what its script reports. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { JsonObject } from "../../src/cluster/objects";
import { objectAt } from "../../src/cluster/objects";
import { answerOf, triedKinds } from "../../src/doctor/active/answer";
import type { ActiveRun, Attempt, Attempts, Judgement, Outcome } from "../../src/doctor/active/attempt";
import { activeNames, activeObjects } from "../../src/doctor/active/places";
import { describeCost, planActive } from "../../src/doctor/active/plan";
import { LOOK, readSight } from "../../src/doctor/active/sight";
import type { Situation } from "../../src/doctor/active/situation";
import { diagnosisOf, examine } from "../../src/doctor/diagnose";
import { ACTIVE_FINDINGS } from "../../src/doctor/findings";
import type { ActiveFindingId } from "../../src/doctor/findings";
import type { Observation } from "../../src/doctor/observation/observation";
import { formatDiagnosis } from "../../src/cli/doctor-text";
import { junitOf } from "../../src/cli/doctor-junit";
import { PLAIN } from "../../src/rehearsal/report/style";
import { GPU_TAINT, TEAM_LABEL } from "../../src/well-known/labels";
import { runCommand } from "../support/child";
import { makeFolder } from "../support/folder";
import { recordedProgram } from "../support/recordings/recorded-program";
import { byKind, claimingPod, devicesOn, healthy, observed } from "./healthy";
import type { Healthy } from "./healthy";

let dev: Healthy;
let gpuNode = "";
beforeAll(async () => {
  dev = healthy(await recordedProgram());
  gpuNode = dev.nodes.find(({ layout }) => layout !== undefined)?.name ?? "";
});

const NAMES = activeNames("test");
const situation = (objects: Observation["objects"] = dev.objects): Situation => ({
  examined: examine(observed(objects), dev.declaration, "prod"),
  names: NAMES,
});
const plan = (objects?: Observation["objects"]): Attempts => planActive(situation(objects));
const of = (id: ActiveFindingId, { attempts }: Attempts): readonly Attempt[] => attempts.filter((attempt) => attempt.id === id);
const find = (what: RegExp, { attempts }: Attempts = plan()): Attempt => {
  const [found] = attempts.filter((attempt) => what.test(attempt.what));
  if (found === undefined) {
    throw new Error(`nothing tries ${String(what)}`);
  }
  return found;
};
const withNode = (change: (node: JsonObject) => JsonObject) => ({
  ...dev.objects,
  Node: dev.objects.Node.map((node) => (objectAt(node, "metadata")["name"] === gpuNode ? change(node) : node)),
});
const ended = (message: string, more: Partial<Extract<Outcome, { type: "ended" }>> = {}): Outcome => ({
  ...{ type: "ended", nodeName: gpuNode, exitCode: 0, message, devices: [] },
  ...more,
});
const typeOf = (judgement: Judgement) => judgement.type;

describe("the plan", () => {
  test("tries three ways on each GPU node, a slice of each tier, and requests in its own namespace and in that of each team", () => {
    const planned = plan();
    expect(planned.unchecked).toEqual([]);
    expect(of("gpu-without-claim", planned).map(({ what }) => what)).toEqual([
      `a pod without a claim on node ${gpuNode}, with NVIDIA_VISIBLE_DEVICES=all`,
      `a pod without a claim on node ${gpuNode}, with NVIDIA_VISIBLE_DEVICES=all from its image`,
      `a pod without a claim on node ${gpuNode}, with a list of devices as mounts`,
    ]);
    expect(of("slice-not-of-claim", planned).map(({ what }) => what)).toEqual(
      ["small", "medium", "large"].map((tier) => `a pod with a claim of tier ${tier}`),
    );
    const forbidden = of("forbidden-request-admitted", planned);
    expect(forbidden.filter(({ what }) => what.endsWith("in namespace mig-test"))).toHaveLength(forbidden.length / 2);
    expect(of("quota-not-counted", planned).map(({ what }) => what)).toContain("a pod that is beyond ResourceQuota mig-test/team");
    expect(describeCost(planned, situation())).toMatch(/creates 7 pods .* 3 free slices for some seconds/s);
  });

  test("only what must be refused leaves the namespaces of the check, and as a dry run", () => {
    const own = Object.values(NAMES.namespaces);
    for (const { action } of plan().attempts) {
      const object = action.type === "dryRun" ? action.object : action.pod;
      const { namespace } = objectAt(object, "metadata");
      expect(action.type === "dryRun" || own.includes(String(namespace))).toBe(true);
    }
  });

  test("nobody is preempted, and one namespace alone is a team's", () => {
    const objects = activeObjects(NAMES);
    expect(objects.filter(({ kind }) => kind === "PriorityClass")).toMatchObject([{ value: -1000, preemptionPolicy: "Never" }]);
    const namespaces = objects.filter(({ kind }) => kind === "Namespace").map((each) => objectAt(each, "metadata", "labels"));
    expect(namespaces.filter((labels) => labels[TEAM_LABEL] !== undefined)).toHaveLength(1);
    expect(namespaces.map((labels) => labels["pod-security.kubernetes.io/enforce"])).toEqual(["restricted", "restricted", "privileged"]);
  });

  test.each<[string, () => Observation["objects"], RegExp]>([
    ["a cordoned node", () => withNode((node) => ({ ...node, spec: { ...objectAt(node, "spec"), unschedulable: true } })), /is cordoned/],
    [
      "a node that is not ready",
      () => withNode((node) => ({ ...node, status: { ...objectAt(node, "status"), conditions: [] } })),
      /is not ready/,
    ],
    [
      "a node without the plugin",
      () => ({ ...dev.objects, Pod: dev.objects.Pod.filter((pod) => !JSON.stringify(pod).includes("kubelet-plugin")) }),
      /does not run on node/,
    ],
  ])("%s is not checked", (_, objects, reason) => {
    const planned = plan(objects());
    expect(of("gpu-without-claim", planned)).toEqual([]);
    expect(planned.unchecked.filter(({ id }) => id === "gpu-without-claim").map((each) => each.reason)).toEqual([
      expect.stringMatching(reason) as string,
    ]);
  });

  test("nothing is tried while pulumi up is at work", () => {
    const running = { ...situation(), examined: { ...situation().examined, rollout: { type: "running", waitsFor: "the gate" } as const } };
    const planned = planActive(running);
    expect(planned.attempts).toEqual([]);
    expect(planned.unchecked.map(({ id }) => id)).toEqual(ACTIVE_FINDINGS);
  });

  test("a tier without a free slice is not checked, also where others only wait for it", () => {
    const holders = devicesOn(dev.objects, gpuNode)
      .filter((device) => device.includes("3g20gb"))
      .flatMap((device, index) => claimingPod("mig-test", `run-${String(index)}`, "mig-large.nvidia.com", 10, `${gpuNode}/${device}`));
    const all = Object.values(dev.objects).flat();
    const full = plan(byKind([...all, ...holders]));
    expect(full.unchecked).toEqual([
      {
        id: "slice-not-of-claim",
        what: "whether a pod with a claim of tier large sees its slice",
        reason: expect.stringMatching(/^no free slice/) as string,
      },
    ]);
    const tolerations = [{ key: GPU_TAINT.key, operator: "Exists" }];
    const waiting = claimingPod("mig-test", "waits", "mig-large.nvidia.com", 1, undefined).map((object) =>
      object["kind"] === "Pod" ? { ...object, spec: { ...objectAt(object, "spec"), tolerations } } : object,
    );
    const oneFree = [...all, ...holders.slice(2)];
    expect(plan(byKind(oneFree)).unchecked).toEqual([]);
    expect(plan(byKind([...oneFree, ...waiting])).unchecked.map(({ reason }) => reason)).toEqual([expect.stringMatching(/^no free slice/)]);
  });
});

describe("a pod without a claim", () => {
  const judge = (outcome: Outcome) => find(/from its image/).judge(outcome);

  test.each<[string, Outcome, Judgement["type"]]>([
    ["sees nothing", ended("nvidia-smi absent\n"), "holds"],
    ["sees a device file", ended("nvidia-smi absent\ndevice /dev/nvidiactl\n"), "broken"],
    ["sees a GPU by NVML only", ended("nvidia-smi 0\nuuid GPU-1\n"), "broken"],
    ["has a driver and no GPU", ended("nvidia-smi 6\n"), "holds"],
    ["says something else", ended("hello\n"), "unchecked"],
    ["says nothing", ended(""), "unchecked"],
    ["fails", ended("", { exitCode: 127 }), "unchecked"],
    ["does not run", { type: "pending", reason: "no place" }, "unchecked"],
    ["may not be created", { type: "refused", status: 403, message: "pods is forbidden" }, "unchecked"],
  ])("that %s", (_, outcome, type) => {
    expect(typeOf(judge(outcome))).toBe(type);
  });

  test("that sees GPUs is a finding of its node, with the commands that replace it", () => {
    const judgement = judge(ended("nvidia-smi 0\nuuid GPU-1\nuuid MIG-1\ndevice /dev/nvidia0\n"));
    expect(judgement).toMatchObject({
      details: {
        subject: `node ${gpuNode}`,
        seen: expect.stringContaining("sees 1 slice (MIG-1), 1 GPU (GPU-1), 1 device file (/dev/nvidia0)") as string,
        commands: [expect.stringMatching(/^kubectl --context prod drain /), expect.stringMatching(/^aws ec2 terminate-instances /)],
      },
    });
  });
});

describe("a pod with a claim", () => {
  const slices = () => dev.objects.ResourceSlice.flatMap((slice) => objectAt(slice, "spec")["devices"] as readonly Device[]);
  interface Device {
    readonly name: string;
    readonly attributes: Readonly<Record<string, { readonly string: string } | undefined>>;
  }
  const outcome = (report: (device: Device, other: Device) => string, given?: (device: Device) => readonly string[]): Outcome => {
    const [device, other] = slices();
    if (device === undefined || other === undefined) {
      throw new Error("there are no slices");
    }
    const names = given?.(device) ?? [device.name];
    return ended(report(device, other), { devices: names.map((name) => ({ pool: gpuNode, device: name })) });
  };
  const attribute = (device: Device, name: string) => device.attributes[name]?.string ?? "";
  const listing = (...devices: readonly Device[]) =>
    [
      "nvidia-smi 0",
      ...devices.flatMap((device) => [`uuid ${attribute(device, "parentUUID")}`, `uuid ${attribute(device, "uuid")}`]),
      "device /dev/nvidia0",
      "",
    ].join("\n");

  test.each<[string, () => Outcome, Judgement["type"]]>([
    ["sees its slice", () => outcome((device) => listing(device)), "holds"],
    ["sees another one", () => outcome((_, other) => listing(other)), "broken"],
    ["sees its own and another one", () => outcome((device, other) => listing(device, other)), "broken"],
    ["sees its slice and another GPU", () => outcome((device) => `${listing(device)}uuid GPU-other\n`), "broken"],
    ["sees nothing", () => outcome(() => "nvidia-smi absent\n"), "broken"],
    ["sees files and has no nvidia-smi", () => outcome(() => "nvidia-smi absent\ndevice /dev/nvidia0\n"), "unchecked"],
    [
      "has a claim whose device nobody saw",
      () =>
        outcome(
          (device) => listing(device),
          () => [],
        ),
      "unchecked",
    ],
    [
      "has a device that nobody published",
      () =>
        outcome(
          (device) => listing(device),
          () => ["gpu-99"],
        ),
      "unchecked",
    ],
    [
      "has two devices",
      () =>
        outcome(
          (device) => listing(device),
          (device) => [device.name, device.name],
        ),
      "unchecked",
    ],
    ["does not run", () => ({ type: "pending", reason: "somebody has deleted the pod" }), "unchecked"],
  ])("that %s", (_, made, type) => {
    expect(typeOf(find(/claim of tier small/).judge(made()))).toBe(type);
  });

  test("that sees another slice is mended by a new start of the plugin", () => {
    expect(find(/claim of tier small/).judge(outcome((_, other) => listing(other)))).toMatchObject({
      details: { commands: [expect.stringMatching(/delete pod .*kubelet-plugin.* --field-selector spec.nodeName=/)] },
    });
  });
});

describe("a forbidden request", () => {
  const denial = (policy: string, message: string) =>
    `resourceclaims.resource.k8s.io "a" is forbidden: ValidatingAdmissionPolicy '${policy}' with binding '${policy}' denied request: ${message}`;
  const OWN = denial("shared-gpu-claims", "allocationMode All takes every slice of a node. Request a count");
  const refused = (message: string, status = 403): Outcome => ({ type: "refused", status, message });

  test.each<[string, Outcome, Judgement["type"]]>([
    ["by the stack's policy", refused(OWN), "holds"],
    ["by the stack's policy in other words", refused(denial("shared-gpu-claims", "no")), "unchecked"],
    ["by somebody else's policy", refused(denial("other", "allocationMode All takes every slice of a node. Request a count")), "unchecked"],
    ["by the quota alone", refused('claims "a" is forbidden: exceeded quota: team, requested: 1'), "broken"],
    ["by missing rights", refused('resourceclaims is forbidden: User "a" cannot create resource'), "unchecked"],
    ["as invalid", refused("spec.devices: Invalid value", 422), "unchecked"],
    ["by nobody", { type: "accepted" }, "broken"],
  ])("refused %s", (_, outcome, type) => {
    expect(typeOf(find(/^a claim with allocationMode All in namespace mig-test/).judge(outcome))).toBe(type);
  });

  test("adminAccess may be refused by the API server itself", () => {
    const outcome = refused("spec: Forbidden: admin access to devices requires the `resource.kubernetes.io/admin-access: true` label", 422);
    expect(typeOf(find(/^a claim with adminAccess/).judge(outcome))).toBe("holds");
    expect(typeOf(find(/^a claim of device class gpu/).judge(outcome))).toBe("unchecked");
  });

  test("that is accepted in many ways is one finding of its policy, whose commands put back policy, binding and namespace", () => {
    const tried = of("forbidden-request-admitted", plan())
      .filter(({ what }) => /^a claim (?!template)/.test(what))
      .map((attempt) => ({ attempt, judgement: attempt.judge({ type: "accepted" }) }));
    const { findings = [] } = answerOf({ tried, untried: [], unchecked: [] });
    expect(findings.map(({ subject }) => subject)).toEqual(["ValidatingAdmissionPolicy shared-gpu-claims"]);
    expect(findings[0]?.commands.map((command) => /"kind":"(\w+)"/.exec(command)?.[1])).toEqual([
      "ValidatingAdmissionPolicy",
      "ValidatingAdmissionPolicyBinding",
      "Namespace",
    ]);
  });
});

describe("quotas", () => {
  test.each<[RegExp, Outcome, Judgement["type"]]>([
    [/whose claim is beyond/, { type: "unclaimed", message: "exceeded quota: active, requested: 2, used: 0, limited: 1" }, "holds"],
    [/whose claim is beyond/, { type: "unclaimed", message: "failed to get template" }, "unchecked"],
    [/whose claim is beyond/, { type: "claimed" }, "broken"],
    [/whose claim is beyond/, { type: "pending", reason: "somebody has deleted the pod" }, "unchecked"],
    [/beyond ResourceQuota/, { type: "refused", status: 403, message: "exceeded quota: team, requested: requests.cpu=1M" }, "holds"],
    [/beyond ResourceQuota/, { type: "refused", status: 403, message: "exceeded quota: team-2, requested: requests.cpu=1M" }, "unchecked"],
    [/beyond ResourceQuota/, { type: "accepted" }, "broken"],
  ])("%s: %j", (what, outcome, type) => {
    expect(typeOf(find(what).judge(outcome))).toBe(type);
  });
});

/** What the script reports after some commands. */
async function reportAfter(before: string): Promise<string> {
  const folder = makeFolder({});
  const { code } = await runCommand("bash", ["--norc", "-c", `${before}\n${LOOK.replace("/dev/termination-log", "report")}`], {
    cwd: folder,
  });
  expect(code).toBe(0);
  return readFileSync(join(folder, "report"), "utf8");
}

describe("the script", () => {
  test.each<[string, string, RegExp]>([
    ["no nvidia-smi", "PATH=/nothing", /^nvidia-smi absent$/m],
    ["its exit code", "nvidia-smi() { return 9; }", /^nvidia-smi 9$/m],
    [
      "UUIDs of GPUs and slices",
      "nvidia-smi() { printf '%s\\n' 'GPU 0: NVIDIA A100-SXM4-40GB (UUID: GPU-5d5ba0d6)' '  MIG 1g.5gb     Device  0: (UUID: MIG-fb42055e)'; }",
      /^nvidia-smi 0\nuuid GPU-5d5ba0d6\nuuid MIG-fb42055e$/m,
    ],
  ])("reports %s", async (_, before, expected) => {
    const report = await reportAfter(before);
    expect(report).toMatch(expected);
    expect(readSight(report).type).toBe("sight");
  });

  test("stays below what the kubelet keeps of a message", async () => {
    const uuid = "MIG-fb42055e-9e53-5764-9278-438605a3014c";
    const report = await reportAfter(`nvidia-smi() { for i in {1..300}; do echo "  MIG 1g.5gb Device $i: (UUID: ${uuid})"; done; }`);
    expect(report.length).toBeLessThan(4096);
    expect(readSight(report)).toMatchObject({ type: "sight" });
  });
});

describe("in a diagnosis", () => {
  const run = (outcome: Outcome): ActiveRun => {
    const { attempts, unchecked } = plan();
    return { tried: attempts.map((attempt) => ({ attempt, judgement: attempt.judge(outcome) })), untried: unchecked, unchecked: [] };
  };
  const diagnosis = (outcome: Outcome) => diagnosisOf(situation().examined, run(outcome));

  test("what was not checked is never called healthy, in any form", () => {
    const nothing = diagnosis({ type: "pending", reason: "no place" });
    expect(nothing).toMatchObject({ verdict: "unknown", findings: [] });
    expect(nothing.tried.map(({ held, broken }) => [held, broken])).toEqual([
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(formatDiagnosis(nothing, { style: PLAIN, width: 100 })).toMatch(/gpu-without-claim: 3 not checked/);
    expect(junitOf(nothing)).not.toMatch(/classname="doctor" name="gpu-without-claim"/);
    expect(junitOf(nothing)).toMatch(/<skipped message="no place"/);
  });

  test("without --active, JUnit has no case for what only it can find", () => {
    expect(junitOf(diagnosisOf(situation().examined))).not.toMatch(/quota-not-counted/);
  });

  test("broken attempts are errors", () => {
    const accepted = diagnosis({ type: "accepted" });
    expect(accepted.verdict).toBe("findings");
    expect(junitOf(accepted)).toMatch(/name="forbidden-request-admitted"><failure/);
  });

  test("what could not be planned counts as not checked", () => {
    const untried = [{ id: "slice-not-of-claim", what: "a", reason: "b" }] as const;
    expect(triedKinds({ tried: [], untried, unchecked: [] })).toEqual([{ id: "slice-not-of-claim", held: 0, broken: 0, unchecked: 1 }]);
  });
});
