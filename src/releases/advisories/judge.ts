/** Holds what a stack installs against the advisories and the faults. */
import { TOOLKIT_OF_DRA_DRIVER } from "./carries/dra-driver";
import { CONTENTS_OF_EKS_AMI } from "./carries/eks-ami";
import { OPERATOR_PARTS, PARTS_OF_GPU_OPERATOR } from "./carries/gpu-operator";
import { MONITORING_PARTS } from "./carries/kube-prometheus-stack";
import { componentsOf, describeComponent } from "./components";
import type { Component, Installed } from "./components";
import { FAULTS } from "./faults";
import { ADVISORIES, JUDGED_DRIVER_BRANCHES } from "./table";
import { severityOf, severityOfUnknown, TITLES } from "./types";
import type { AffectedRange, ComponentName, Severity } from "./types";
import { driverBranch, isAffected, readVersion } from "./versions";

/** Something about a version that is installed. */
export interface AdvisoryFinding {
  readonly type: "vulnerability" | "fault" | "unknown";
  /** By which it can be excepted: a CVE number, the name of a fault, or `unknown-<component>`. */
  readonly id: string;
  readonly component: ComponentName;
  /** As written; undefined where it is unknown. */
  readonly version: string | undefined;
  /** `NVIDIA Container Toolkit 1.18.0 in DRA driver 25.8.1`. */
  readonly subject: string;
  /** What is unknown cannot be called harmless. */
  readonly severity: Severity;
  /** CVSS base score of a vulnerability. */
  readonly score: number | undefined;
  /** What could happen, or why nothing can be said. Without a full stop. */
  readonly impact: string;
  /** What to write instead, or what to look for. Without a full stop. */
  readonly remedy: string;
  /** Whether a release that this project knows has it mended. */
  readonly isMended: boolean;
  /** Where it is published; empty for what is unknown. */
  readonly source: string;
}

/** Everything that is known of what is installed, by the component, then by the tables. */
export function judge(installed: Installed): readonly AdvisoryFinding[] {
  return componentsOf(installed).flatMap(findingsOf);
}

function findingsOf(component: Component): readonly AdvisoryFinding[] {
  const { name } = component;
  const subject = describeComponent(component);
  if (component.type === "unknown") {
    return [unknown(name, undefined, subject, component.reason, component.instead)];
  }
  const { order, version, kubernetes } = component;
  const found = { component: name, version, subject };
  const rangeOf = (affected: readonly AffectedRange[]) =>
    affected.find(
      (range) =>
        range.component === name &&
        isAffected(order, range) &&
        (range.kubernetes === undefined || kubernetes === undefined || range.kubernetes.includes(kubernetes)),
    );
  const vulnerabilities = ADVISORIES.flatMap(
    ({ id, score, rating = severityOfUnknown(name), affected, impact, source }): AdvisoryFinding[] => {
      const range = rangeOf(affected);
      return range === undefined
        ? []
        : [
            {
              type: "vulnerability",
              ...found,
              id,
              score,
              severity: score === undefined ? rating : severityOf(score),
              impact,
              source,
              ...remedyOf(component, range, affected),
            },
          ];
    },
  );
  const faults = FAULTS.flatMap(({ id, severity, affected, impact, source }): AdvisoryFinding[] => {
    const range = rangeOf(affected);
    return range === undefined
      ? []
      : [{ type: "fault", ...found, id, severity, score: undefined, impact, source, ...remedyOf(component, range, affected) }];
  });
  return [...vulnerabilities, ...faults, ...branchFindings(component)];
}

function branchFindings(component: Component & { readonly type: "known" }): readonly AdvisoryFinding[] {
  const { name, order, version } = component;
  if (name !== "nvidia-driver" || JUDGED_DRIVER_BRANCHES.includes(driverBranch(order))) {
    return [];
  }
  const reason = `NVIDIA's newest bulletin says nothing about its branch ${driverBranch(order)}`;
  return [unknown(name, version, describeComponent(component), reason, `Use a driver of branch ${JUDGED_DRIVER_BRANCHES.join(", ")}`)];
}

function unknown(component: ComponentName, version: string | undefined, subject: string, impact: string, remedy: string): AdvisoryFinding {
  return {
    ...{
      type: "unknown",
      id: `unknown-${component}`,
      component,
      version,
      subject,
      severity: severityOfUnknown(component),
      score: undefined,
    },
    ...{ impact, remedy, isMended: true, source: "" },
  };
}

type Remedy = Pick<AdvisoryFinding, "remedy" | "isMended">;

/** What in the image carries a version of its own. */
const KEYS_OF_IMAGE = { "nvidia-driver": "driver", "container-toolkit": "toolkit", containerd: "containerd", runc: "runc" } as const;

/** The lowest release of what carries the component that has it repaired; without a carrier, the component itself. @param affected all ranges of the entry. */
function remedyOf(component: Component, range: AffectedRange, affected: readonly AffectedRange[]): Remedy {
  const { name, carrier } = component;
  const fixed = `${TITLES[name]} ${range.fixedIn} or later`;
  const mended = (remedy: string): Remedy => ({ remedy, isMended: true });
  switch (carrier?.name) {
    case undefined:
      return mended(name === "eks-ami" ? `Use a release of the image of ${range.fixedIn} or later` : `Use ${fixed}`);
    case "dra-driver": {
      const release = firstRepaired("dra-driver", TOOLKIT_OF_DRA_DRIVER, range);
      return release === undefined
        ? { remedy: `Look for a DRA driver with ${fixed}`, isMended: false }
        : mended(`Use DRA driver ${release} or later${home(release)}`);
    }
    case "gpu-operator": {
      if (name === "nvidia-driver") {
        return mended("Set driver.enabled of its values to false: the image of the nodes has a driver");
      }
      const part = OPERATOR_PARTS.find(({ component: part }) => part === name);
      const versions = Object.entries(PARTS_OF_GPU_OPERATOR).map(([release, parts]): [string, string] => [
        release,
        (parts as Readonly<Partial<Record<ComponentName, string>>>)[name] ?? "",
      ]);
      const release = firstRepaired("gpu-operator", Object.fromEntries(versions), range);
      const override = `set ${part?.key ?? ""}.version of its values to ${range.fixedIn} or later`;
      return mended(release === undefined ? `In the GPU Operator, ${override}` : `Use GPU Operator v${release} or later, or ${override}`);
    }
    case "kube-prometheus-stack": {
      const path = MONITORING_PARTS.find(({ component: part }) => part === name)?.image ?? [];
      return mended(`Set ${path.join(".")}.tag of the values of kube-prometheus-stack to ${range.fixedIn} or later`);
    }
    case "eks-ami": {
      const release = laterImage(carrier.version, name as keyof typeof KEYS_OF_IMAGE, affected);
      return release === undefined
        ? {
            remedy: `No image that this project has read mends it: look for one whose row in the CHANGELOG of awslabs/amazon-eks-ami says ${fixed}`,
            isMended: false,
          }
        : mended(`Use a release of the image of ${release} or later`);
    }
  }
}

/** The DRA driver moved with 0.4. */
function home(release: string): string {
  return release.startsWith("0.") ? ", from the chart oci://registry.k8s.io/dra-driver-nvidia/charts/dra-driver-nvidia-gpu" : "";
}

/** The next release of the image with a version of the component that no range has, of a driver in a branch that NVIDIA judges. */
function laterImage(installed: string, name: keyof typeof KEYS_OF_IMAGE, affected: readonly AffectedRange[]): string | undefined {
  const later = CONTENTS_OF_EKS_AMI.flatMap(({ releases, ...contents }) => {
    const version = readVersion(name, contents[KEYS_OF_IMAGE[name]]);
    const isRepaired =
      version !== undefined &&
      !affected.some((range) => range.component === name && isAffected(version, range)) &&
      (name !== "nvidia-driver" || JUDGED_DRIVER_BRANCHES.includes(driverBranch(version)));
    return isRepaired ? releases.filter((release) => release > installed) : [];
  });
  return later.sort()[0];
}

/** The lowest release of a carrier that has the component repaired. */
function firstRepaired(carrier: ComponentName, versions: Readonly<Record<string, string>>, range: AffectedRange): string | undefined {
  const fixed = readVersion(range.component, range.fixedIn);
  const repaired = Object.entries(versions).flatMap(([release, text]) => {
    const version = readVersion(range.component, text);
    const order = readVersion(carrier, release);
    const isRepaired = version !== undefined && fixed !== undefined && version.compare(fixed) >= 0;
    return isRepaired && order !== undefined ? [{ release, order }] : [];
  });
  return repaired.sort((one, other) => one.order.compare(other.order))[0]?.release;
}
