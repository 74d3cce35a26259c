/** What happens before EKS changes a node group that is there. */
import * as pulumi from "@pulumi/pulumi";
import { imageStepProblem } from "./image-step";

/**
 * Refuses an image that is older than the one that the nodes have, in previews too, and has an update wait for what must come before it.
 *
 * New nodes publish their slices as soon as they are ready. The DRA driver's new version has to be there by then, and to have been told what the GPU Operator
 * does: pods that land on a node under the old version would keep names and records that the new one does not know (docs/upgrade.md).
 * Creations do not wait, so that the first nodes boot while the charts are installed.
 * @param after settles when what must come before an update of the nodes is done. @default nothing must
 */
export function beforeNodeUpdates(name: string, after?: pulumi.Output<unknown>): pulumi.ResourceHookBinding {
  const refuseOlderImage = new pulumi.ResourceHook(
    `${name}-image`,
    ({ oldInputs, newInputs }) => {
      const problem = imageStepProblem(name, releaseVersionOf(oldInputs), releaseVersionOf(newInputs));
      if (problem !== undefined) {
        throw new Error(problem);
      }
    },
    { onDryRun: true },
  );
  if (after === undefined) {
    return { beforeUpdate: [refuseOlderImage] };
  }
  const wait = new pulumi.ResourceHook(`${name}-after`, () => new Promise((resolve) => after.apply(() => resolve())));
  return { beforeUpdate: [refuseOlderImage, wait] };
}

function releaseVersionOf(inputs: unknown): unknown {
  return (inputs as { readonly releaseVersion?: unknown } | undefined)?.releaseVersion;
}
