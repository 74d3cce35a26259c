import { kubernetesVersionSupported } from "../../../policy-pack/aws/cluster/kubernetes-version-supported";
import { UNKNOWN, violations } from "../verdict";

const judge = (version: unknown, config = {}) =>
  violations(kubernetesVersionSupported, version === undefined ? {} : { version }, config, "aws:eks/cluster:Cluster").join("\n");

beforeAll(() => jest.useFakeTimers());
afterAll(() => jest.useRealTimers());

// EKS 1.34: standard support ends on 2026-12-02, extended support on 2027-12-02.
test.each<[string, string, RegExp | ""]>([
  ["2026-10-02T23:00:00Z", "61 days are left", ""],
  ["2026-10-03T00:00:00Z", "60 days are left", /ends on 2026-12-02, in 60 days\. Upgrade "version" to 1\.35\.$/],
  ["2026-11-23T12:00:00Z", "8 and a half days are left", /in 9 days/],
  [
    "2026-12-02T00:00:00Z",
    "standard support is over",
    /ended on 2026-12-02\. Extended support, at a higher price, ends on 2027-12-02\. Upgrade "version" to 1\.35\.$/,
  ],
  ["2027-04-01T00:00:00Z", "so is that of the next version", /Upgrade "version" to 1\.35, then to 1\.36\.$/],
  ["2027-12-02T00:00:00Z", "all support is over", /Support of Kubernetes 1\.34 ended on 2027-12-02/],
])("at %s: %s", (now, _, words) => {
  jest.setSystemTime(new Date(now));
  expect(judge("1.34")).toMatch(words === "" ? /^$/ : words);
});

test.each([
  ["the newest version has nothing to go to", "1.36", /ends on 2027-08-02, in 2 days\.$/],
  [
    "a version that is not in the catalogue gets those that are",
    "1.33",
    /^Standard support of Kubernetes 1\.33 ended on 2026-07-29\. [^\n]*2027-07-29\.\n.*Use one of 1\.34, 1\.35, 1\.36/,
  ],
])("%s", (_, version, words) => {
  jest.setSystemTime(new Date(version === "1.36" ? "2027-07-31T00:00:00Z" : "2026-11-28T00:00:00Z"));
  expect(judge(version)).toMatch(words);
});

test("it warns as early as configured, and is an advisory", () => {
  jest.setSystemTime(new Date("2026-06-05T00:00:00Z"));
  expect(judge("1.34")).toBe("");
  expect(judge("1.34", { warnDays: 180 })).toMatch(/in 180 days/);
  expect(judge("1.34", { warnDays: 180 })).toMatchSnapshot();
  expect(kubernetesVersionSupported.enforcementLevel).toBe("advisory");
});

test.each([
  ["a version that the pack does not know", "1.29", /"1\.29", and this pack has no support dates for it\. Use one of .*1\.34/],
  ["no version", undefined, /is not set/],
  ["one that is unknown", UNKNOWN, /^$/],
])("Should say so for %s", (_, version, words) => {
  expect(judge(version)).toMatch(words);
  expect(judge(version)).toMatchSnapshot();
});
