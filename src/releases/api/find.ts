/** What the API server of a release serves. */
import type { Release } from "../types";
import type { ServedApi } from "./types";
import v1_34 from "./v1-34.json";
import v1_35 from "./v1-35.json";
import v1_36 from "./v1-36.json";

const BY_VERSION: ReadonlyMap<string, ServedApi> = new Map([
  ["1.34", v1_34 as ServedApi],
  ["1.35", v1_35 as ServedApi],
  ["1.36", v1_36 as ServedApi],
]);

/** @throws Error for a release without data: `npm run release:api` makes it. */
export function servedApi({ kubernetesVersion }: Release): ServedApi {
  const api = BY_VERSION.get(kubernetesVersion);
  if (api === undefined) {
    throw new Error(`there is no API data of Kubernetes ${kubernetesVersion}: run npm run release:api with its control plane`);
  }
  return api;
}
