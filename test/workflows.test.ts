/** The workflows' time limits and versions, held against each other: nothing else reads these files before GitHub does. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { PULUMI_VERSION } from "./support/go-binaries";
import { ROOT } from "./support/program";
import { recordedProgram } from "./support/recordings/recorded-program";
import { waitMinutes } from "./support/waits";

interface Step {
  readonly uses?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}
interface Job {
  readonly "timeout-minutes"?: number;
  readonly steps: readonly Step[];
}

const FOLDER = join(ROOT, ".github/workflows");
const JOBS = readdirSync(FOLDER).flatMap((file) => {
  const { jobs } = parse(readFileSync(join(FOLDER, file), "utf8")) as { readonly jobs: Readonly<Record<string, Job>> };
  return Object.entries(jobs).map(([name, job]) => ({ name: `${file} ${name}`, job }));
});
const STEPS = JOBS.flatMap(({ name, job }) => job.steps.map((step) => ({ name, job, step })));

/** The steps of an action, whatever its version. */
const stepsOf = (action: string) => STEPS.filter(({ step }) => step.uses?.startsWith(`${action}@`));

test.each(JOBS)("$name ends before GitHub ends it", ({ job }) => {
  expect(job["timeout-minutes"]).toBeLessThan(360);
});

/** For the steps before `up`: the checkout, `npm ci` and the rehearsal. */
const STEPS_MINUTES = 30;

test("the workflow that runs `up` gives it the time of all its waits, which docs/operations.md adds up", async () => {
  const waits = waitMinutes(await recordedProgram());
  const [, hours, minutes] = /the sum of its waits, which is (\w+) hours and (\d+) minutes/.exec(
    readFileSync(join(ROOT, "docs/operations.md"), "utf8"),
  ) ?? [undefined, "", ""];
  expect(["", "one", "two", "three", "four", "five"].indexOf(hours ?? "") * 60 + Number(minutes)).toBe(waits);
  const [deploy] = JOBS.filter(({ name }) => name === "deploy.yml deploy");
  expect(deploy?.job["timeout-minutes"]).toBeGreaterThanOrEqual(waits + STEPS_MINUTES);
});

/** What a credential is good for where a step does not say. The default of Pulumi Cloud is not documented. */
const DEFAULT_SECONDS = { "role-duration-seconds": 3600, "token-expiration": 3600 };

test.each([
  ["aws-actions/configure-aws-credentials", "role-duration-seconds"],
  ["pulumi/auth-actions", "token-expiration"],
] as const)("credentials of %s are good for as long as their job may take", (action, input) => {
  const found = stepsOf(action).map(({ name, job, step }) => ({
    name,
    isLongEnough: Number(step.with?.[input] ?? DEFAULT_SECONDS[input]) >= (job["timeout-minutes"] ?? 360) * 60,
  }));
  expect(found.length).toBeGreaterThan(0);
  expect(found.filter(({ isLongEnough }) => !isLongEnough)).toEqual([]);
});

test("whatever runs a stack has its passphrase, which a state in a bucket needs", () => {
  const running = stepsOf("pulumi/actions").filter(({ step }) => step.with?.["command"] !== undefined);
  expect(running.map(({ name }) => name).sort()).toEqual(["deploy.yml deploy", "preview.yml preview"]);
  expect(running.filter(({ step }) => step.env?.["PULUMI_CONFIG_PASSPHRASE"] === undefined)).toEqual([]);
});

test("every workflow has the CLI that the tests are about", () => {
  expect(new Set(stepsOf("pulumi/actions").map(({ step }) => `v${String(step.with?.["pulumi-version"])}`))).toEqual(
    new Set([PULUMI_VERSION]),
  );
});
