/** Objects that a workload names and that have to exist. Of another chart's or person's objects nothing is known here, so what is missing is said, with what comes of it. */
import { textOf } from "../../json/text-of";
import { isObject, problem } from "../../dra/manifest/fields";
import { didYouMean, nearNames } from "../../hardware/nearest";
import { DEFAULT_SCHEDULER } from "../../well-known/scheduler";
import { EBS_PROVISIONERS, EKS_STORAGE_CLASS } from "../../well-known/storage";
import { defaultStorageClassOf } from "../object-counts";
import { listAt, objectAt } from "../objects";
import { valueAt } from "../../json/value-at";
import type { ClusterObject, JsonObject } from "../objects";
import { isGiven } from "./validation/rules";
import { madeVolumeClaim } from "../volume-claim-templates";

/** What happens to a pod that names an object which nothing makes. */
export interface Missing {
  /** The API server refuses the pod. */
  readonly refused: readonly string[];
  /** The pod waits for a node. */
  readonly pending: readonly string[];
  /** The pod gets a node, and not what it names there. */
  readonly warnings: readonly string[];
}

/** Made by Kubernetes itself. Source: "Pod priority and preemption" and `plugin/pkg/admission/priority`. */
const BUILT_IN_PRIORITIES: ReadonlyMap<string, number> = new Map([
  ["system-cluster-critical", 2_000_000_000],
  ["system-node-critical", 2_000_001_000],
]);
/** Made by the GPU Operator. Source: `assets/pre-requisites` of NVIDIA/gpu-operator. */
export const OPERATORS_RUNTIME_CLASSES = ["nvidia", "nvidia-cdi", "nvidia-legacy"];
/** In every namespace (root-ca-certificate-publisher), and for the service account `default`. */
const PUBLISHED_CONFIG_MAP = "kube-root-ca.crt";
const DEFAULT_SERVICE_ACCOUNT = "default";

type DataKind = "ConfigMap" | "Secret";
/** How a source calls the object that it is of. */
type SecretField = "name" | "secretName";
type Contents = ReadonlyMap<string, ReadonlySet<string>>;

/** kube-controller-manager fills in the token. */
const SERVICE_ACCOUNT_TOKEN = "kubernetes.io/service-account-token";

export class References {
  private constructor(
    private readonly names: ReadonlyMap<string, ReadonlySet<string>>,
    private readonly contents: Contents,
    /** By class; that of pods without one under the empty name. */
    private readonly priorities: ReadonlyMap<string, number>,
    private readonly volumeClaims: ReadonlyMap<string, unknown>,
    private readonly storageClasses: ReadonlyMap<string, Pick<ClusterObject, "body">>,
    /** Of the volumes that somebody makes by hand. */
    private readonly classesOfVolumes: ReadonlySet<unknown>,
    private readonly defaultStorageClass: string | undefined,
    private readonly statefulSets: readonly ClusterObject[],
  ) {}

  static of(objects: readonly ClusterObject[]): References {
    const names = new Map<string, Set<string>>();
    const add = (kind: string, namespace: string, name: string) => {
      const key = `${kind}/${namespace}`;
      names.set(key, (names.get(key) ?? new Set()).add(name));
    };
    for (const object of objects) {
      add(object.kind, object.namespace, object.name);
      const secret = secretMadeBy(object);
      if (secret !== undefined) {
        add("Secret", object.namespace, secret);
      }
    }
    const storageClasses = objects
      .filter(({ kind }) => kind === "StorageClass")
      .map((object): [string, Pick<ClusterObject, "body">] => [object.name, object]);
    const classesOfVolumes = objects
      .filter(({ kind }) => kind === "PersistentVolume")
      .map(({ body }) => valueAt(body, "spec", "storageClassName"));
    const volumeClaims = objects
      .filter(({ kind, origin }) => kind === "PersistentVolumeClaim" && origin.type === "manifest")
      .map(({ namespace, name, body }): [string, unknown] => [`${namespace}/${name}`, body["spec"]]);
    const priorities = objects
      .filter(({ kind }) => kind === "PriorityClass")
      .flatMap(({ name, body }): [string, number][] => {
        const value = Number(body["value"] ?? 0);
        return body["globalDefault"] === true
          ? [
              [name, value],
              ["", value],
            ]
          : [[name, value]];
      });
    return new References(
      names,
      contentsOf(objects),
      new Map([...BUILT_IN_PRIORITIES, ...priorities]),
      new Map(volumeClaims),
      new Map([[EKS_STORAGE_CLASS, { body: { provisioner: "kubernetes.io/aws-ebs" } }], ...storageClasses]),
      new Set(classesOfVolumes),
      defaultStorageClassOf(objects),
      objects.filter(({ kind }) => kind === "StatefulSet"),
    );
  }

  /**
   * What a pod names and nothing makes.
   * @param path of the spec. @param volumeClaims specs of the claims that the pod brings along.
   */
  missingOf(namespace: string, spec: unknown, path: string, volumeClaims: readonly unknown[]): Missing {
    // The old name of the field counts where the new one is not set (`Convert_v1_PodSpec_To_core_PodSpec`).
    const account = isGiven(valueAt(spec, "serviceAccountName")) ? "serviceAccountName" : "serviceAccount";
    return {
      refused: [
        ...this.absent("ServiceAccount", namespace, valueAt(spec, account), `${path}.${account}`, [DEFAULT_SERVICE_ACCOUNT]),
        ...this.absent("PriorityClass", "", valueAt(spec, "priorityClassName"), `${path}.priorityClassName`, [
          ...BUILT_IN_PRIORITIES.keys(),
        ]),
        ...this.priorityProblems(spec, path),
        ...this.absent("RuntimeClass", "", valueAt(spec, "runtimeClassName"), `${path}.runtimeClassName`, OPERATORS_RUNTIME_CLASSES),
      ],
      pending: [
        ...listAt(spec, "volumes").flatMap((volume, index) => {
          const name = valueAt(volume, "persistentVolumeClaim", "claimName");
          const at = `${path}.volumes[${String(index)}].persistentVolumeClaim.claimName`;
          const isMade = typeof name === "string" && madeVolumeClaim(this.statefulSets, namespace, name) !== undefined;
          return isMade ? [] : this.absent("PersistentVolumeClaim", namespace, name, at);
        }),
        ...listAt(spec, "volumes").flatMap((volume) =>
          this.claimedProblems(namespace, valueAt(volume, "persistentVolumeClaim", "claimName")),
        ),
        ...volumeClaims.flatMap((claim) => this.storageProblems(claim, "volumeClaimTemplate.spec")),
        ...schedulerProblems(spec, path),
      ],
      warnings: this.absentData(namespace, spec, path),
    };
  }

  /** A pod says its class, and the API server computes the priority of it: another one is refused (`plugin/pkg/admission/priority`). */
  private priorityProblems(spec: unknown, path: string): readonly string[] {
    const [priority, name] = [valueAt(spec, "priority"), valueAt(spec, "priorityClassName")];
    const computed = typeof name === "string" && name !== "" ? this.priorities.get(name) : (this.priorities.get("") ?? 0);
    return typeof priority !== "number" || computed === undefined || priority === computed
      ? []
      : [problem(`${path}.priority`, priority, `must be ${String(computed)}, which follows from priorityClassName. Remove it`)];
  }

  /** Why a claim of the manifests, which a pod names, never gets a volume. */
  private claimedProblems(namespace: string, name: unknown): readonly string[] {
    const claim = this.volumeClaims.get(`${namespace}/${textOf(name)}`);
    return claim === undefined ? [] : this.volumeProblems(claim, `PersistentVolumeClaim ${textOf(name)}: spec`);
  }

  /** Why a PersistentVolumeClaim of the manifests never gets a volume. One that names its volume waits for no class. */
  volumeProblems(claim: unknown, path: string): readonly string[] {
    return typeof valueAt(claim, "volumeName") === "string" ? [] : this.storageProblems(claim, path);
  }

  /** Why no volume is ever made for a PersistentVolumeClaim. */
  private storageProblems(claim: unknown, path: string): readonly string[] {
    const named = valueAt(claim, "storageClassName");
    const storageClass = typeof named === "string" ? named : this.defaultStorageClass;
    if (storageClass === undefined) {
      return [problem(`${path}.storageClassName`, undefined, "required: the cluster has no default StorageClass")];
    }
    // Without a class a claim waits for a volume that somebody makes by hand. Such volumes can have a class that there is not, too.
    if (storageClass === "" || (this.classesOfVolumes.has(storageClass) && !this.storageClasses.has(storageClass))) {
      return [];
    }
    const known = this.storageClasses.get(storageClass);
    if (known === undefined) {
      return [
        problem(
          `${path}.storageClassName`,
          storageClass,
          `there is no such StorageClass; there are: ${[...this.storageClasses.keys()].join(", ")}`,
        ),
      ];
    }
    const canBeAttachedTwice = valueAt(claim, "volumeMode") === "Block" && isMultiAttach(known.body);
    const shared = listAt(claim, "accessModes").filter(
      (mode) => mode === "ReadOnlyMany" || (mode === "ReadWriteMany" && !canBeAttachedTwice),
    );
    return EBS_PROVISIONERS.includes(textOf(known.body["provisioner"])) && shared.length > 0
      ? [
          problem(
            `${path}.accessModes`,
            shared[0],
            `an EBS volume is on one node at a time, but for ReadWriteMany of raw devices (volumeMode Block) of a class with type io2; use ReadWriteOnce, or a StorageClass of a shared file system`,
          ),
        ]
      : [];
  }

  private absentData(namespace: string, spec: unknown, path: string): readonly string[] {
    const configMap = (source: unknown, at: string) => this.absentSource("ConfigMap", namespace, source, "name", at);
    const secret = (source: unknown, at: string, field: SecretField = "name") => this.absentSource("Secret", namespace, source, field, at);
    const ofVolumes = listAt(spec, "volumes").flatMap((volume, index) => {
      const at = `${path}.volumes[${String(index)}]`;
      return [
        ...configMap(valueAt(volume, "configMap"), `${at}.configMap`),
        ...secret(valueAt(volume, "secret"), `${at}.secret`, "secretName"),
        ...listAt(valueAt(volume, "projected"), "sources").flatMap((source, position) => [
          ...configMap(valueAt(source, "configMap"), `${at}.projected.sources[${String(position)}].configMap`),
          ...secret(valueAt(source, "secret"), `${at}.projected.sources[${String(position)}].secret`),
        ]),
      ];
    });
    const ofContainers = ["initContainers", "containers"].flatMap((key) =>
      listAt(spec, key).flatMap((container, index) => {
        const at = `${path}.${key}[${String(index)}]`;
        return [
          ...listAt(container, "env").flatMap((variable, position) => [
            ...configMap(valueAt(variable, "valueFrom", "configMapKeyRef"), `${at}.env[${String(position)}].valueFrom.configMapKeyRef`),
            ...secret(valueAt(variable, "valueFrom", "secretKeyRef"), `${at}.env[${String(position)}].valueFrom.secretKeyRef`),
          ]),
          ...listAt(container, "envFrom").flatMap((source, position) => [
            ...configMap(valueAt(source, "configMapRef"), `${at}.envFrom[${String(position)}].configMapRef`),
            ...secret(valueAt(source, "secretRef"), `${at}.envFrom[${String(position)}].secretRef`),
          ]),
        ];
      }),
    );
    const ofPulls = listAt(spec, "imagePullSecrets").flatMap((entry, index) =>
      this.absent("Secret", namespace, valueAt(entry, "name"), `${path}.imagePullSecrets[${String(index)}].name`),
    );
    return [
      ...[...ofVolumes, ...ofContainers].map((message) => `${message}. Its containers do not start until somebody creates it`),
      ...ofPulls.map((message) => `${message}. The kubelet pulls its images without these credentials`),
    ];
  }

  private absentSource(kind: DataKind, namespace: string, source: unknown, field: SecretField, path: string): readonly string[] {
    if (!isObject(source) || source["optional"] === true) {
      return [];
    }
    const name = source[field];
    const absent = this.absent(kind, namespace, name, `${path}.${field}`, kind === "ConfigMap" ? [PUBLISHED_CONFIG_MAP] : []);
    return absent.length > 0 ? absent : this.absentKeys(kind, namespace, name, source, path);
  }

  /** Keys that a variable or a file is made of, and that the object does not have. */
  private absentKeys(kind: DataKind, namespace: string, name: unknown, source: JsonObject, path: string): readonly string[] {
    const keys = this.contents.get(`${kind}/${namespace}/${textOf(name)}`);
    const named: readonly (readonly [unknown, string])[] = [
      [source["key"], `${path}.key`],
      ...listAt(source, "items").map((item, index) => [valueAt(item, "key"), `${path}.items[${String(index)}].key`] as const),
    ];
    return keys === undefined
      ? []
      : named.flatMap(([key, at]) =>
          typeof key !== "string" || key === "" || keys.has(key)
            ? []
            : [problem(at, key, `${kind} "${textOf(name)}" has no such key${keys.size === 0 ? "" : didYouMean(key, [...keys])}`)],
        );
  }

  private absent(kind: string, namespace: string, name: unknown, path: string, always: readonly string[] = []): readonly string[] {
    if (typeof name !== "string" || name === "") {
      return [];
    }
    const known = [...(this.names.get(`${kind}/${namespace}`) ?? []), ...always];
    if (known.includes(name)) {
      return [];
    }
    const [near] = nearNames(name, known, 1);
    const where = namespace === "" ? "" : ` in namespace "${namespace}"`;
    return [
      problem(
        path,
        name,
        `there is no ${kind} of this name${where} in the stack or in the manifests${near === undefined ? "" : `; did you mean "${near}"?`}`,
      ),
    ];
  }
}

/** Keys of ConfigMaps and Secrets, by kind, namespace and name. What others write into an object is not known, and so its keys are not. */
function contentsOf(objects: readonly ClusterObject[]): Contents {
  return new Map(
    objects.flatMap(({ kind, namespace, name, body }): [string, ReadonlySet<string>][] => {
      const fields = kind === "ConfigMap" ? ["data", "binaryData"] : kind === "Secret" ? ["data", "stringData"] : [];
      const keys = fields.flatMap((field) => Object.keys(objectAt(body, field)));
      return keys.length === 0 || body["type"] === SERVICE_ACCOUNT_TOKEN ? [] : [[`${kind}/${namespace}/${name}`, new Set(keys)]];
    }),
  );
}

/**
 * The Secret that an operator makes of an object. Sources: the API references of External Secrets, cert-manager and Sealed Secrets, read 2026-11-28.
 */
function secretMadeBy({ apiVersion, kind, name, body }: ClusterObject): string | undefined {
  const made = (...path: readonly string[]) => {
    const value = valueAt(body, ...path);
    return typeof value === "string" && value !== "" ? value : name;
  };
  switch (`${apiVersion.split("/")[0] ?? ""} ${kind}`) {
    case "external-secrets.io ExternalSecret":
      return made("spec", "target", "name");
    case "cert-manager.io Certificate":
      return made("spec", "secretName");
    case "bitnami.com SealedSecret":
      return made("spec", "template", "metadata", "name");
    default:
      return undefined;
  }
}

/** Whether the EBS driver makes volumes of a class that several nodes can attach. Source: kubernetes-sigs/aws-ebs-csi-driver, `CreateVolume` of `pkg/driver/controller.go`. */
function isMultiAttach({ parameters }: ClusterObject["body"]): boolean {
  return Object.entries(isObject(parameters) ? parameters : {}).some(([key, value]) => key.toLowerCase() === "type" && value === "io2");
}

/** A pod waits for the scheduler that it names. */
function schedulerProblems(spec: unknown, path: string): readonly string[] {
  const name = valueAt(spec, "schedulerName");
  return typeof name !== "string" || ["", DEFAULT_SCHEDULER].includes(name)
    ? []
    : [
        problem(
          `${path}.schedulerName`,
          name,
          `no such scheduler runs in this cluster. Remove it: ${DEFAULT_SCHEDULER} allocates the slices`,
        ),
      ];
}
