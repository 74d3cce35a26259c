/** Everything that a cluster holds, but for events: the API server forgets those by itself. */
import type { ApiServer } from "../../src/live/api/api-server";

interface Resource {
  readonly name: string;
  readonly verbs: readonly string[];
}

/** Each object as its path and uid, in order. */
export async function inventoryOf(api: ApiServer): Promise<readonly string[]> {
  const { groups } = await api.get("/apis");
  const versions = (groups as readonly { readonly preferredVersion: { readonly groupVersion: string } }[]).map(
    ({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`,
  );
  const lists = await Promise.all(["/api/v1", ...versions].map((root) => inventoryOfVersion(api, root)));
  return lists.flat().sort();
}

async function inventoryOfVersion(api: ApiServer, root: string): Promise<readonly string[]> {
  const { resources } = await api.get(root);
  // A component status is made up when it is asked for.
  const listed = (resources as readonly Resource[]).filter(
    ({ name, verbs }) => verbs.includes("list") && !["events", "componentstatuses"].includes(name),
  );
  const lists = await Promise.all(
    listed.map(async ({ name }) =>
      (await api.list(`${root}/${name}`)).map(
        ({ metadata }) => `${root}/${name} ${String(metadata["namespace"] ?? "")}/${String(metadata["name"])} ${String(metadata["uid"])}`,
      ),
    ),
  );
  return lists.flat();
}
