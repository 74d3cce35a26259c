/** The keys that a team's quota writes are those that the rehearsal counts. */
import { TIERS } from "../../src/dra/tiers";
import { teamQuota } from "../../src/kubernetes/teams/limits";
import { CLAIM_COUNT_KEY, countedDeviceClass, deviceCountKey } from "../../src/well-known/quota-keys";
import { TEAM, gpuPool } from "../kubernetes/fixtures";
import { RULES } from "../support/rules";

const { hard } = teamQuota(TEAM, [gpuPool()], RULES).spec as { readonly hard: Readonly<Record<string, string>> };

test.each(TIERS)("class $className has a key of its own, which leads back to it", ({ className, name }) => {
  expect(hard[deviceCountKey(className)]).toBe(String(TEAM.slices[name]));
  expect(countedDeviceClass(deviceCountKey(className))).toBe(className);
});

test("claims are counted, and by no class", () => {
  expect(hard).toHaveProperty([CLAIM_COUNT_KEY]);
  expect(countedDeviceClass(CLAIM_COUNT_KEY)).toBeUndefined();
});
