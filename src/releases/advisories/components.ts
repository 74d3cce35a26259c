/** The components that a stack installs, with what each of them carries. */
import type { SemVer } from "semver";
import { valueAt } from "../../json/value-at";
import { RELEASE_OF_DIGEST, TOOLKIT_OF_DRA_DRIVER } from "./carries/dra-driver";
import { CONTENTS_OF_EKS_AMI } from "./carries/eks-ami";
import { OPERATOR_PARTS, PARTS_OF_GPU_OPERATOR } from "./carries/gpu-operator";
import type { OperatorPart } from "./carries/gpu-operator";
import { MONITORING_PARTS, PARTS_OF_KUBE_PROMETHEUS_STACK } from "./carries/kube-prometheus-stack";
import type { MonitoringPart } from "./carries/kube-prometheus-stack";
import { TITLES } from "./types";
import type { ComponentName } from "./types";
import { readVersion } from "./versions";

/** Something with a version that a stack registers. A version that is not a text is unknown. */
export type Installed =
  /** A chart with its values, the platform's own included. */
  | { readonly type: "chart"; readonly name: JudgedChart; readonly version: unknown; readonly values: unknown }
  /** The image of a node group: `1.34.9-20260714`. */
  | { readonly type: "image"; readonly releaseVersion: unknown; readonly amiType: unknown; readonly hasGpus: boolean }
  /** The image of a container, however it was installed: `nvcr.io/nvidia/k8s/dcgm-exporter:4.4.2-4.7.0-distroless`. */
  | { readonly type: "container"; readonly image: string }
  | { readonly type: "addon"; readonly name: JudgedAddon; readonly version: unknown };

export type JudgedChart = "gpu-operator" | "dra-driver" | "kube-prometheus-stack";

/** Add-ons of EKS for which the tables have entries. `looked-for.ts` names the others. */
export const JUDGED_ADDONS = ["vpc-cni", "coredns"] as const satisfies readonly ComponentName[];
export type JudgedAddon = (typeof JUDGED_ADDONS)[number];

export function isJudgedAddon(name: unknown): name is JudgedAddon {
  return (JUDGED_ADDONS as readonly unknown[]).includes(name);
}

/** What a component came with: GPU Operator v25.10.1. */
export interface Carrier {
  readonly name: "eks-ami" | JudgedChart;
  readonly version: string;
}

interface Part {
  readonly name: ComponentName;
  /** Undefined: it is installed by itself. */
  readonly carrier: Carrier | undefined;
}

/** A component in a version that can be compared, or one about which nothing can be said. `reason` and `instead` are sentences without a full stop. */
export type Component =
  | (Part & {
      readonly type: "known";
      readonly version: string;
      readonly order: SemVer;
      /** Of an image, the Kubernetes version that it is for, `1.34`: images of one date can have different kernels. */
      readonly kubernetes?: string;
    })
  | (Part & { readonly type: "unknown"; readonly reason: string; readonly instead: string });

const READERS: Readonly<Record<JudgedChart, (version: unknown, values: unknown) => readonly Component[]>> = {
  "dra-driver": draDriver,
  "gpu-operator": gpuOperator,
  "kube-prometheus-stack": kubePrometheusStack,
};

/** The component itself, then what it carries. */
export function componentsOf(installed: Installed): readonly Component[] {
  switch (installed.type) {
    case "chart":
      return READERS[installed.name](installed.version, installed.values);
    case "image":
      return image(installed);
    case "container":
      return container(installed.image);
    case "addon":
      return [component(installed.name, installed.version, undefined)];
  }
}

/** `NVIDIA Container Toolkit 1.18.0 in DRA driver 25.8.1`. */
export function describeComponent(part: Component): string {
  const own = part.type === "known" ? `${TITLES[part.name]} ${part.version}` : TITLES[part.name];
  return part.carrier === undefined ? own : `${own} in ${titleOf(part.carrier)} ${part.carrier.version}`;
}

function titleOf({ name }: Carrier): string {
  return name === "kube-prometheus-stack" ? name : TITLES[name];
}

/** A version without the leading `v`, as the tables have it. */
function plain(version: string): string {
  return version.trim().replace(/^v/, "");
}

function component(name: ComponentName, version: unknown, carrier: Carrier | undefined): Component {
  if (typeof version !== "string") {
    return { ...{ name, carrier, type: "unknown" }, reason: `its version is not known`, instead: "Write an exact version" };
  }
  const order = readVersion(name, version);
  return order === undefined
    ? { name, carrier, type: "unknown", reason: `"${version}" is no version of it`, instead: "Write a version as its publisher does" }
    : { name, carrier, type: "known", version, order };
}

/** The driver's image, under its name up to 25.12 and since 0.4. */
const DRA_DRIVER_IMAGES: readonly string[] = ["k8s-dra-driver-gpu", "dra-driver-nvidia-gpu"];

/** Images of components, by the last parts of their names, which a mirror keeps. Most images are of none. */
const COMPONENT_OF_IMAGE: ReadonlyMap<string, ComponentName> = new Map([
  ...DRA_DRIVER_IMAGES.map((name) => [name, "dra-driver"] as const),
  ...OPERATOR_PARTS.map(({ image: name, component: part }) => [name, part] as const),
  // Other drivers have images of this name, too.
  ["nvidia/driver", "nvidia-driver"],
]);

/**
 * The runtime takes the image of the digest, whatever the tag beside it says. So a digest that the tables have decides. Of any other the tag is the word of its author,
 * who pins an image by both: nobody publishes the digests of most of these images.
 */
function container(reference: string): readonly Component[] {
  const [path = "", digest = ""] = reference.split("@");
  const folders = path.split("/");
  const [name = "", tag] = (folders.at(-1) ?? "").split(":");
  const part = COMPONENT_OF_IMAGE.get(name) ?? COMPONENT_OF_IMAGE.get(`${folders.at(-2) ?? ""}/${name}`);
  if (part === undefined) {
    return [];
  }
  return part === "dra-driver" ? draDriver(releaseOfDigest(digest) ?? tag, undefined) : [component(part, tag, undefined)];
}

function releaseOfDigest(digest: string): string | undefined {
  return Object.hasOwn(RELEASE_OF_DIGEST, digest) ? RELEASE_OF_DIGEST[digest] : undefined;
}

const KNOWN_DIGESTS = `Use one of ${Object.entries(RELEASE_OF_DIGEST)
  .map(([digest, version]) => `${version}@${digest}`)
  .join(", ")}`;

/** Where the package of the container toolkit puts the hook in the image, which is judged with the image. */
const HOOK_OF_IMAGE = "/usr/bin/nvidia-cdi-hook";

function draDriver(chartVersion: unknown, values: unknown): readonly Component[] {
  const repository = valueAt(values, "image", "repository");
  if (isSet(repository) && !(typeof repository === "string" && DRA_DRIVER_IMAGES.includes(repository.split("/").at(-1) ?? ""))) {
    const reason = `"image.repository" of the values takes another image than ${DRA_DRIVER_IMAGES.join(" or ")}`;
    return [{ ...{ name: "dra-driver", carrier: undefined, type: "unknown" }, reason, instead: "Remove image.repository" }];
  }
  const tag = valueAt(values, "image", "tag");
  const [, digest] = typeof tag === "string" ? tag.split("@") : [];
  const release = digest === undefined ? undefined : releaseOfDigest(digest);
  if (digest !== undefined && release === undefined) {
    const reason = `the digest in "image.tag" of the values is of no release that this project has read`;
    return [{ ...{ name: "dra-driver", carrier: undefined, type: "unknown" }, reason, instead: KNOWN_DIGESTS }];
  }
  const driver = component("dra-driver", release ?? (isSet(tag) ? tag : chartVersion), undefined);
  if (driver.type === "unknown") {
    return [driver];
  }
  const carrier: Carrier = { name: "dra-driver", version: driver.version };
  const unknownHook = (reason: string, instead: string): Component => ({
    ...{ name: "container-toolkit", carrier, type: "unknown" },
    ...{ reason, instead },
  });
  const path = valueAt(values, "nvidiaCDIHookPath");
  if (path === HOOK_OF_IMAGE) {
    return [driver];
  }
  if (isSet(path)) {
    return [
      driver,
      unknownHook(
        '"nvidiaCDIHookPath" of the values names a program that this project does not know',
        `Remove it, or set it to ${HOOK_OF_IMAGE}, which is in the image`,
      ),
    ];
  }
  const toolkit = TOOLKIT_OF_DRA_DRIVER[plain(driver.version)];
  return [
    driver,
    toolkit === undefined
      ? unknownHook(
          "this project has not read which release of it the driver brings along",
          `Use one of ${Object.keys(TOOLKIT_OF_DRA_DRIVER).join(", ")}`,
        )
      : component("container-toolkit", toolkit, carrier),
  ];
}

function gpuOperator(chartVersion: unknown, values: unknown): readonly Component[] {
  const operator = component("gpu-operator", chartVersion, undefined);
  if (operator.type === "unknown") {
    return [operator];
  }
  return [
    operator,
    ...OPERATOR_PARTS.flatMap((part) => operatorPart(part, operator.version, values)),
    ...driverOfOperator(operator.version, values),
  ];
}

/**
 * The driver that the operator builds on the nodes, in place of the image's. Which one each release of the operator takes by itself is not in the tables: the stack
 * switches it off.
 */
function driverOfOperator(operatorVersion: string, values: unknown): readonly Component[] {
  if (valueAt(values, "driver", "enabled") === false) {
    return [];
  }
  const part = { name: "nvidia-driver", carrier: { name: "gpu-operator", version: operatorVersion } } as const;
  const instead = "Set driver.enabled of the values to false: the image of the nodes has a driver";
  const version = valueAt(values, "driver", "version");
  const byObjects = valueAt(values, "driver", "nvidiaDriverCRD", "enabled");
  if (byObjects !== undefined && byObjects !== false) {
    return [{ ...part, type: "unknown", reason: "objects of kind NVIDIADriver say which version it has", instead }];
  }
  return typeof version === "string" && readVersion("nvidia-driver", version) !== undefined
    ? [component("nvidia-driver", version, part.carrier)]
    : [{ ...part, type: "unknown", reason: '"driver.version" of the values is no exact version of it', instead }];
}

function operatorPart(part: OperatorPart, operatorVersion: string, values: unknown): readonly Component[] {
  const { component: name, key } = part;
  if (valueAt(values, key, "enabled") === false) {
    return [];
  }
  const carrier: Carrier = { name: "gpu-operator", version: operatorVersion };
  const unknown = (reason: string, instead: string): readonly Component[] => [{ name, carrier, type: "unknown", reason, instead }];
  const exact = `Write the version of the publisher's image into ${key}.version`;
  const image = valueAt(values, key, "image");
  if (isSet(image) && image !== part.image) {
    return unknown(`"${key}.image" of the values takes another image than ${part.image}`, `Remove ${key}.image`);
  }
  const version = valueAt(values, key, "version");
  if (isSet(version)) {
    return typeof version === "string" && readVersion(name, version) !== undefined
      ? [component(name, version, carrier)]
      : unknown(`"${key}.version" of the values is no version of it`, exact);
  }
  const parts: Readonly<Partial<Record<ComponentName, string>>> | undefined = PARTS_OF_GPU_OPERATOR[plain(operatorVersion)];
  return parts === undefined
    ? unknown("this project has not read which release of it the operator installs", exact)
    : [component(name, parts[name], carrier)];
}

function kubePrometheusStack(chartVersion: unknown, values: unknown): readonly Component[] {
  const version = typeof chartVersion === "string" ? chartVersion : "of an unknown version";
  const carrier: Carrier = { name: "kube-prometheus-stack", version };
  const parts: Readonly<Partial<Record<ComponentName, string>>> | undefined = PARTS_OF_KUBE_PROMETHEUS_STACK[plain(version)];
  return MONITORING_PARTS.flatMap(({ component: name, enabled, image: path, names }: MonitoringPart): readonly Component[] => {
    if (valueAt(values, ...enabled) === false) {
      return [];
    }
    const key = (field: string) => [...path, field].join(".");
    const [tag, repository, sha] = ["tag", "repository", "sha"].map((field) => valueAt(values, ...path, field));
    const instead = `Write the version of the publisher's image into ${key("tag")}`;
    const unknown = (reason: string, remedy: string): readonly Component[] => [{ name, carrier, type: "unknown", reason, instead: remedy }];
    if (isSet(repository) && !(typeof repository === "string" && names.includes(repository.split("/").at(-1) ?? ""))) {
      return unknown(`"${key("repository")}" of the values takes another image than ${names.join(" or ")}`, `Remove ${key("repository")}`);
    }
    if (isSet(sha)) {
      return unknown(`"${key("sha")}" of the values takes the image of a digest, whatever the tag says`, `Remove ${key("sha")}`);
    }
    if (isSet(tag)) {
      return typeof tag === "string" && readVersion(name, tag) !== undefined
        ? [component(name, tag, carrier)]
        : unknown(`"${key("tag")}" of the values is no version of it`, instead);
    }
    return parts === undefined
      ? unknown("this project has not read which release of it the chart installs", instead)
      : [component(name, parts[name], carrier)];
  });
}

/** `<Kubernetes version>-<date>`. */
const AL2023_RELEASE = /^(\d+\.\d+)\.\d+-(\d{8})$/;
/** Images for GPUs whose contents are in the table. A node group that names no type of image gets one of these. */
const AL2023_NVIDIA = /^AL2023_\w+_NVIDIA$/;

function image({ releaseVersion, amiType, hasGpus }: Extract<Installed, { type: "image" }>): readonly Component[] {
  const [, kubernetes, date] = typeof releaseVersion === "string" ? (AL2023_RELEASE.exec(releaseVersion) ?? []) : [];
  const itself = date === undefined ? undefined : component("eks-ami", date, undefined);
  const isKnown = itself?.type === "known";
  const carrier: Carrier | undefined = isKnown ? { name: "eks-ami", version: itself.version } : undefined;
  const contents = CONTENTS_OF_EKS_AMI.find(({ releases }) => isKnown && releases.includes(itself.version));
  const runtimes = contents === undefined ? [] : (["containerd", "runc"] as const).map((name) => component(name, contents[name], carrier));
  if (!hasGpus) {
    // Of an image of another family nothing is in the tables, and no slice is on its nodes.
    return isKnown ? [{ ...itself, kubernetes }, ...runtimes] : [];
  }
  if (amiType !== undefined && !(typeof amiType === "string" && AL2023_NVIDIA.test(amiType))) {
    const reason =
      typeof amiType === "string" ? `this project has not read what images of type ${amiType} contain` : "its type is not known";
    return [{ ...UNKNOWN_IMAGE, reason, instead: "Use AL2023_x86_64_NVIDIA" }];
  }
  if (!isKnown) {
    const reason =
      typeof releaseVersion === "string" ? `"${releaseVersion}" is no release of the AL2023 image` : "its release is not known";
    return [{ ...UNKNOWN_IMAGE, reason, instead: "Write a release such as 1.34.9-20260714" }];
  }
  const [newest] = CONTENTS_OF_EKS_AMI[0]?.releases ?? [];
  const unread = {
    ...{ carrier, type: "unknown" as const },
    reason: "this project has not read what this release of the image contains",
    instead: `Use a release that it has read, such as ${newest ?? ""}, or add the release to src/releases/advisories/carries/eks-ami.ts`,
  };
  return contents === undefined
    ? [
        { ...itself, kubernetes },
        ...(["nvidia-driver", "container-toolkit", "containerd", "runc"] as const).map((name) => ({ name, ...unread })),
      ]
    : [
        { ...itself, kubernetes },
        component("nvidia-driver", contents.driver, carrier),
        component("container-toolkit", contents.toolkit, carrier),
        ...runtimes,
      ];
}

const UNKNOWN_IMAGE = { name: "eks-ami", carrier: undefined, type: "unknown" } as const;

/** Charts take `null` and an empty text for nothing. */
function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}
