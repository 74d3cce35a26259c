/** Security contexts that Pod Security level `restricted` accepts. Numbers, because `runAsNonRoot` cannot judge the user names of an image. */
export function restrictedPod(userId: number) {
  return {
    runAsNonRoot: true,
    runAsUser: userId,
    runAsGroup: userId,
    fsGroup: userId,
    seccompProfile: { type: "RuntimeDefault" },
  } as const;
}

export const RESTRICTED_CONTAINER = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  readOnlyRootFilesystem: true,
};
