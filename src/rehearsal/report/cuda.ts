/** Images of containers with slices against the driver of the nodes. */
import { cudaFit, cudaOfImage } from "../../releases/cuda";
import type { Release } from "../../releases/types";
import { placeOf, titleOf } from "../../cluster/objects";
import type { ClusterObject } from "../../cluster/objects";
import type { PodOutcome } from "../../cluster/pod-outcomes";
import { imagesIn } from "../recorded/images";
import type { ObjectWarning } from "./report";

/** One warning for each image, at the first object that uses it with a claim. */
export function cudaWarnings(pods: readonly PodOutcome[], { gpuAmi }: Release): readonly ObjectWarning[] {
  const firstUsers = new Map<string, ClusterObject>();
  for (const owner of new Set(pods.filter(({ planned }) => planned.pod.uses.length > 0).map(({ planned }) => planned.owner))) {
    for (const image of imagesIn(owner.body)) {
      firstUsers.set(image, firstUsers.get(image) ?? owner);
    }
  }
  return [...firstUsers].flatMap(([image, owner]) => warning(owner, image, gpuAmi.cudaDriverVersion));
}

function warning(owner: ClusterObject, image: string, driver: string): readonly ObjectWarning[] {
  const said = cudaOfImage(image);
  switch (said.type) {
    case "unsaid":
      return [];
    case "unread":
      if (said.atMost !== undefined && cudaFit(said.atMost, driver) === "runs") {
        return [];
      }
      return [
        of(
          `this project has not read which CUDA NVIDIA's images of ${said.month} have, and the driver of the nodes has ${driver}. Compare it with the image's release notes`,
        ),
      ];
    case "version":
      return fitOf(said.version);
  }

  function fitOf(cuda: string): readonly ObjectWarning[] {
    const versions = `${image} has CUDA ${cuda}, and the driver of the nodes has ${driver}`;
    switch (cudaFit(cuda, driver)) {
      case "runs":
        return [];
      case "runsWithoutItsPtx":
        return [
          of(
            `${versions}. Compiled kernels run, but code that is compiled when it is loaded (PTX) can fail. Test it, or use an image with CUDA ${driver}`,
          ),
        ];
      case "doesNotRun":
        return [
          of(
            `${versions}, which does not run it unless the image has NVIDIA's package for forward compatibility. Use an image with CUDA ${driver}`,
          ),
        ];
    }
  }

  function of(message: string): ObjectWarning {
    return { subject: titleOf(owner), place: placeOf(owner.origin), message };
  }
}
