import { deviceNamingOf } from "../../src/releases/device-naming";
import { findRelease, RELEASES } from "../../src/releases/find";

describe("the table of releases", () => {
  it("has 1.34 and nothing that is not there yet", () => {
    expect(RELEASES.map(({ kubernetesVersion }) => kubernetesVersion)).toEqual(["1.34"]);
    expect(findRelease("1.34")).toBe(RELEASES[0]);
    expect(findRelease("1.35")).toBeUndefined();
  });

  describe.each(RELEASES.map((release) => [release.kubernetesVersion, release] as const))("entry %s", (version, release) => {
    it("has support dates in their order", () => {
      expect([release.standardSupportEnds, release.extendedSupportEnds]).toEqual([
        expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
        expect.stringMatching(/^\d{4}-\d{2}-\d{2}$/),
      ]);
      expect(Date.parse(release.standardSupportEnds)).toBeLessThan(Date.parse(release.extendedSupportEnds));
    });

    it("says what its own Kubernetes version does, which serves the stable claims", () => {
      expect(release.kubernetes.version).toBe(version);
      expect(release.kubernetes.claimApi.versions[0]).toBe("resource.k8s.io/v1");
    });

    it("has AMIs and a kube-proxy of its own Kubernetes version", () => {
      expect(release.gpuAmi.releaseVersion).toMatch(new RegExp(`^${version}\\.\\d+-\\d{8}$`));
      expect(release.systemAmiReleaseVersion).toMatch(new RegExp(`^${version}\\.\\d+-\\d{8}$`));
      expect(release.addons.kubeProxy).toMatch(new RegExp(`^v${version}\\.\\d+-eksbuild\\.\\d+$`));
    });

    it.each(Object.entries(release.addons))("pins add-on %s to one build", (_name, addon) => {
      expect(addon).toMatch(/^v\d+\.\d+\.\d+-eksbuild\.\d+$/);
    });

    it("writes chart versions as their publishers do", () => {
      expect(release.gpuOperatorVersion).toMatch(/^v\d+\.\d+\.\d+$/);
      expect(release.draDriver.version).toMatch(/^\d+\.\d+\.\d+$/);
      expect(release.kubePrometheusStackVersion).toMatch(/^\d+\.\d+\.\d+$/);
    });

    it("knows how its DRA driver names devices", () => {
      expect(deviceNamingOf(release.draDriver.version)).toBe(release.draDriver.deviceNaming);
    });
  });
});

it.each([
  ["25.8.0", "profileId"],
  ["25.8.1", "profileId"],
  ["v25.8.1", "profileId"],
  ["25.12.0", "profileName"],
  ["0.4.1", "profileName"],
  ["0.5.0", undefined],
  ["25.8", undefined],
  ["latest", undefined],
])("DRA driver %s names devices by %s", (version, naming) => {
  expect(deviceNamingOf(version)).toBe(naming);
});
