/** The Kubernetes objects that a resource stands for. */
import { UNKNOWN, entries, asRecord } from "../evaluation/snapshot";
import type { Snapshot } from "../evaluation/snapshot";

/** One object, or what a patch says of one. */
export interface KubernetesObject {
  /** API group; empty for the core group. */
  readonly group: string;
  /** `v1`, `apps/v1`: as in a manifest. */
  readonly apiVersion: string;
  /** Without the `Patch` and `List` of Pulumi's resources. */
  readonly kind: string;
  /** A patch (`DeploymentPatch`) says nothing of the rest of the object. */
  readonly isPatch: boolean;
  /** Of an item of a list `items[2].`, otherwise empty; stands before paths in messages. */
  readonly prefix: string;
  /** Reads a property as plain data; `UNKNOWN` stands for what is unknown until `pulumi up`. */
  readonly read: (key: string) => unknown;
}

const TYPE = /^kubernetes:(?!helm\.sh\/|yaml|kustomize)([^:]+):([^:]+)$/;

/**
 * The objects of a resource: none where it is not of Kubernetes, several where it is a list.
 * The type token of a resource and the `apiVersion` and `kind` in its properties can be made to differ by a program that registers resources
 * itself. Where they do, the resource is read as both, so that neither hides the other.
 */
export function kubernetesObjects({ type, props }: { readonly type: string; readonly props: Snapshot }): readonly KubernetesObject[] {
  const [, typedVersion, typedKind] = TYPE.exec(type) ?? [];
  if (typedVersion === undefined || typedKind === undefined) {
    return [];
  }
  const read = (key: string) => props[key];
  const ofType = objectsOf(typedVersion, typedKind, "", read);
  const apiVersion = read("apiVersion");
  const kind = read("kind");
  if (typeof apiVersion !== "string" || typeof kind !== "string") {
    return ofType;
  }
  const ofContent = objectsOf(apiVersion, kind, "", read);
  const differs = ofType.some(
    (object, index) => object.apiVersion !== ofContent[index]?.apiVersion || object.kind !== ofContent[index].kind,
  );
  return differs ? [...ofType, ...ofContent] : ofType;
}

function objectsOf(versionOrToken: string, fullKind: string, prefix: string, read: (key: string) => unknown): readonly KubernetesObject[] {
  const apiVersion = versionOrToken.replace(/^core\//, "");
  const group = apiVersion.includes("/") ? apiVersion.slice(0, apiVersion.indexOf("/")) : "";
  if (!fullKind.endsWith("List")) {
    const isPatch = fullKind.endsWith("Patch");
    return [{ group, apiVersion, kind: isPatch ? fullKind.slice(0, -"Patch".length) : fullKind, isPatch, prefix, read }];
  }
  const itemKind = fullKind.slice(0, -"List".length);
  const items = read("items");
  if (items === UNKNOWN) {
    return [{ group, apiVersion, kind: itemKind, isPatch: false, prefix: "items.", read: () => UNKNOWN }];
  }
  return entries(items).flatMap((item, index) => {
    // Items of a typed list may leave out what they are; those of a plain List cannot.
    const { apiVersion: itemVersion = apiVersion, kind = itemKind } = asRecord(item);
    return objectsOf(String(itemVersion), String(kind), `${prefix}items[${index}].`, (key) =>
      item === UNKNOWN ? UNKNOWN : asRecord(item)[key],
    );
  });
}
