/** Where the programs of a control plane are: in a folder that the user names, otherwise in the cache. Nothing is built here. */
import { existsSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { UnusableError } from "../../live/unusable";
import { isExecutable } from "./executables";
import { cachedPath } from "./go-program";
import { CONTROL_PLANE_PROGRAMS, fits, sourceOf, versionOf } from "./kubernetes";
import type { ControlPlanePaths, ControlPlaneProgram } from "./kubernetes";

/** Names the folder with the programs, as users of envtest have it. */
const ASSETS_VARIABLE = "KUBEBUILDER_ASSETS";

/** A folder of the user's, and where the user named it. */
interface Folder {
  readonly path: string;
  readonly namedBy: string;
}

/**
 * Paths of the four programs. The folder of the user comes first; one that it does not have is taken from the cache, as envtest's folder has neither
 * the controller manager nor the scheduler.
 * @param folder as on the command line. @default what KUBEBUILDER_ASSETS names
 * @param kubernetesVersion of the stack, `1.34`.
 * @throws UnusableError for a folder that does not exist, a program of another version, and programs that are nowhere.
 */
export function findControlPlane(folder: string | undefined, kubernetesVersion: string): ControlPlanePaths {
  const own = folderOf(folder);
  if (own !== undefined && !(existsSync(own.path) && statSync(own.path).isDirectory())) {
    throw new UnusableError(`${own.namedBy}: ${own.path} is no folder. Name the folder that has kube-apiserver, kube-scheduler, ... in it`);
  }
  const found = new Map<ControlPlaneProgram, string>();
  const missing: ControlPlaneProgram[] = [];
  for (const name of CONTROL_PLANE_PROGRAMS) {
    const inFolder = own === undefined ? undefined : join(own.path, name);
    const [path, place] =
      inFolder !== undefined && isExecutable(inFolder)
        ? [inFolder, own?.namedBy]
        : [cachedPath(sourceOf(name, kubernetesVersion)), "the cache"];
    if (!isExecutable(path)) {
      missing.push(name);
      continue;
    }
    const version = versionOf(name, path);
    if (version === undefined || !fits(name, version, kubernetesVersion)) {
      throw new UnusableError(
        `${path} (${place ?? ""}): is ${version ?? "no program that says its version"}, and the stack is about Kubernetes ${kubernetesVersion}. ` +
          `Put ${name === "etcd" ? "etcd 3.5 or later" : `${name} v${kubernetesVersion}.x`} there, or name another folder with --binaries`,
      );
    }
    found.set(name, path);
  }
  if (missing.length > 0) {
    throw new UnusableError(
      `the control plane's ${missing.join(", ")} ${missing.length === 1 ? "is" : "are"} ${own === undefined ? "not in the cache" : `neither in ${own.path} nor in the cache`}. ` +
        `Name a folder that has them with --binaries, or build them once: npm run build:control-plane -- ${kubernetesVersion} (about 5 minutes on 2 cores)`,
    );
  }
  return Object.fromEntries(found) as Record<ControlPlaneProgram, string>;
}

function folderOf(folder: string | undefined): Folder | undefined {
  if (folder !== undefined) {
    return { path: resolve(folder), namedBy: "--binaries" };
  }
  const assets = process.env[ASSETS_VARIABLE] ?? "";
  return assets === "" ? undefined : { path: resolve(assets), namedBy: ASSETS_VARIABLE };
}
