import { CONTENTS_OF_EKS_AMI } from "./advisories/carries/eks-ami";
import { readVersion } from "./advisories/versions";

/**
 * The first version of NVIDIA's driver with MIG on a GPU, by the GPU's PCI device id. The images of EKS in the tables have a later one than all other GPUs need.
 * Source: NVIDIA MIG user guide (r620), "Deployment Considerations": B200 and GB200, B300, RTX PRO 6000 Blackwell (read 2026-11-28).
 */
const FIRST_DRIVER: Readonly<Record<string, string>> = {
  "2901": "570.133.20",
  "2941": "570.133.20",
  "3182": "580.82.07",
  "2BB5": "575.51.03",
};

/** A driver without MIG on a GPU, the first that has it, and the first image of EKS with such a one. */
export interface OlderDriver {
  readonly driver: string;
  readonly firstDriver: string;
  /** Its date, `20251023`. */
  readonly firstImage: string;
}

/** Whether MIG works on a GPU with this version of the driver. */
export function driverHasMig(driver: string, pciDeviceIds: readonly string[]): boolean {
  const first = pciDeviceIds.flatMap((id) => FIRST_DRIVER[id] ?? [])[0];
  return first === undefined || isAtLeast(driver, first);
}

/**
 * The driver of an image of EKS, if it has no MIG on a GPU. Undefined where it has, and for an image about which nothing is known: the advisories name that.
 * @param releaseVersion of the AL2023 image, `1.34.9-20260714`.
 */
export function olderDriver(releaseVersion: string, pciDeviceIds: readonly string[]): OlderDriver | undefined {
  const date = releaseVersion.slice(releaseVersion.lastIndexOf("-") + 1);
  const driver = CONTENTS_OF_EKS_AMI.find(({ releases }) => releases.includes(date))?.driver;
  const firstDriver = pciDeviceIds.flatMap((id) => FIRST_DRIVER[id] ?? [])[0];
  if (driver === undefined || firstDriver === undefined || isAtLeast(driver, firstDriver)) {
    return undefined;
  }
  const later = CONTENTS_OF_EKS_AMI.filter((contents) => isAtLeast(contents.driver, firstDriver)).flatMap(({ releases }) => releases);
  return { driver, firstDriver, firstImage: [...later].sort()[0] ?? "" };
}

function isAtLeast(driver: string, least: string): boolean {
  const [one, other] = [driver, least].map((version) => readVersion("nvidia-driver", version));
  return one !== undefined && other !== undefined && one.compare(other) >= 0;
}
