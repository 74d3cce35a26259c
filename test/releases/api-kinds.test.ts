import { servedApi } from "../../src/releases/api/find";
import { isBuiltInKind } from "../../src/releases/api-kinds";
import { RELEASES } from "../../src/releases/find";

test.each(RELEASES.map((release): [string, (typeof RELEASES)[number]] => [release.kubernetesVersion, release]))(
  "the policy pack knows every kind that the API server of %s lets users create, but for reviews, which are questions",
  (_, release) => {
    const unknown = Object.entries(servedApi(release).kinds).flatMap(([version, kinds]) => {
      const group = version.includes("/") ? version.slice(0, version.indexOf("/")) : "";
      return Object.keys(kinds).filter((kind) => !isBuiltInKind(group, kind) && !kind.endsWith("Review"));
    });
    expect(unknown).toEqual([]);
  },
);
