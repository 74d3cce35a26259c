/** What happens before EKS changes a node group that is there. */
import * as pulumi from "@pulumi/pulumi";
import { imageStepProblem } from "./image-step";

/**
 * Refuses an image that is older than the one that the nodes have, in previews too. A hook must not wait for another resource: if that fails, the engine waits
 * for the hook and the hook for ever.
 */
export function beforeNodeUpdates(name: string): pulumi.ResourceHookBinding {
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
  return { beforeUpdate: [refuseOlderImage] };
}

function releaseVersionOf(inputs: unknown): unknown {
  return (inputs as { readonly releaseVersion?: unknown } | undefined)?.releaseVersion;
}
