/** The Kubernetes objects that a resource represents. */
import type { Previewed } from "../evaluation/properties";
import { UNKNOWN, asRecord, untypedEntries } from "../evaluation/snapshot";
import type { Snapshot } from "../evaluation/snapshot";

/** One object, or what a patch says of one. */
export interface KubernetesObject {
  /** API group; empty for the core group. */
  readonly group: string;
  /** `v1`, `apps/v1`: as in a manifest. */
  readonly apiVersion: string;
  /** Without the `Patch` and `List` of Pulumi's resources. */
  readonly kind: string;
  /** A patch (`DeploymentPatch`) has only some of the object's properties. */
  readonly isPatch: boolean;
  /** `items[2].` for an item of a list, otherwise empty. Messages put it before paths. */
  readonly prefix: string;
  /** Reads a property as plain data, with `UNKNOWN` for what is unknown until `pulumi up`. */
  readonly read: (key: string) => unknown;
}

/**
 * Reads the properties of an object whose group and kind the caller has compared: `readerOf<ServiceArgs>(object)("spec")`.
 * @typeParam Args the arguments of the kind in the SDK. A property that they do not have is a compile error.
 */
export function readerOf<Args>({ read }: KubernetesObject) {
  return <Key extends keyof Args & string>(key: Key) => read(key) as Previewed<Args[Key]> | undefined;
}

const TYPE = /^kubernetes:(?!helm\.sh\/|yaml|kustomize)([^:]+):([^:]+)$/;

/**
 * The objects of a resource: none if it is not of Kubernetes, several if it is a list.
 * A program that registers resources itself can give a resource one kind by its type token and another by its `apiVersion` and `kind`.
 * Such a resource is read as both, so that neither hides the other.
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
  return untypedEntries(items).flatMap((item, index) => {
    // Items of a typed list can omit their kind, those of a plain List cannot.
    const { apiVersion: itemVersion = apiVersion, kind = itemKind } = asRecord(item);
    return objectsOf(String(itemVersion), String(kind), `${prefix}items[${index}].`, (key) =>
      item === UNKNOWN ? UNKNOWN : asRecord(item)[key],
    );
  });
}
