/** The volumes of a pod as folders of this machine: ConfigMaps, the service account's token and authority, scratch. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ApiServer, KubernetesObject } from "../../../../src/live/api/api-server";

interface Item {
  readonly key: string;
  readonly path: string;
}

/** One source of a volume, or of a projected one. */
interface Source {
  readonly configMap?: { readonly name: string; readonly items?: readonly Item[] };
  readonly serviceAccountToken?: { readonly path: string; readonly audience?: string; readonly expirationSeconds?: number };
  readonly downwardAPI?: { readonly items?: readonly { readonly path: string; readonly fieldRef?: { readonly fieldPath: string } }[] };
  readonly emptyDir?: object;
  readonly projected?: { readonly sources?: readonly Source[] };
}

/**
 * Fills a folder per volume below `folder`.
 * @returns the folder of each mount path of the pod's first container.
 * @throws Error for a kind of volume that is not known here.
 */
export async function mountVolumes(api: ApiServer, pod: KubernetesObject, folder: string): Promise<ReadonlyMap<string, string>> {
  for (const volume of (pod["spec"].volumes ?? []) as readonly (Source & { readonly name: string })[]) {
    const target = join(folder, volume.name);
    mkdirSync(target, { recursive: true });
    for (const source of volume.projected?.sources ?? [volume]) {
      for (const [path, content] of Object.entries(await filesOf(api, pod, source))) {
        mkdirSync(dirname(join(target, path)), { recursive: true });
        writeFileSync(join(target, path), content);
      }
    }
  }
  const mounts = (pod["spec"].containers[0].volumeMounts ?? []) as readonly { readonly name: string; readonly mountPath: string }[];
  return new Map(mounts.map(({ name, mountPath }) => [mountPath, join(folder, name)]));
}

async function filesOf(api: ApiServer, pod: KubernetesObject, source: Source): Promise<Readonly<Record<string, string>>> {
  const namespace = String(pod.metadata["namespace"]);
  if (source.configMap !== undefined) {
    const { name, items } = source.configMap;
    const { data = {} } = await api.get(`/api/v1/namespaces/${namespace}/configmaps/${name}`);
    const files = data as Readonly<Record<string, string>>;
    return items === undefined ? files : Object.fromEntries(items.map(({ key, path }) => [path, files[key] ?? ""]));
  }
  if (source.serviceAccountToken !== undefined) {
    return { [source.serviceAccountToken.path]: await requestToken(api, pod, source.serviceAccountToken) };
  }
  if (source.downwardAPI !== undefined) {
    const items = source.downwardAPI.items ?? [];
    return Object.fromEntries(items.map(({ path, fieldRef }) => [path, fieldRef?.fieldPath === "metadata.namespace" ? namespace : ""]));
  }
  if (source.emptyDir !== undefined) {
    return {};
  }
  throw new Error(`the stand-in kubelet knows no volume like ${JSON.stringify(source)}`);
}

/** A token bound to the pod, as a kubelet asks for it: it ends with the pod. */
async function requestToken(
  api: ApiServer,
  { metadata, spec }: KubernetesObject,
  { audience, expirationSeconds }: NonNullable<Source["serviceAccountToken"]>,
): Promise<string> {
  const path = `/api/v1/namespaces/${String(metadata["namespace"])}/serviceaccounts/${String(spec.serviceAccountName)}/token`;
  const content = {
    apiVersion: "authentication.k8s.io/v1",
    kind: "TokenRequest",
    spec: {
      audiences: audience === undefined ? [] : [audience],
      expirationSeconds,
      boundObjectRef: { apiVersion: "v1", kind: "Pod", name: metadata["name"], uid: metadata["uid"] },
    },
  };
  const { status, body } = await api.request("POST", path, { contentType: "application/json", content });
  if (status >= 400) {
    throw new Error(`no token for ${path}: ${String(body.message)}`);
  }
  return String(body.status.token);
}
