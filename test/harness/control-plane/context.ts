/** Which cluster the tests are about: a control plane of their own, or a live one. */

/** Names the kubectl context of a live cluster that is used instead. */
export const CONTEXT_VARIABLE = "SHARED_GPU_TEST_CONTEXT";

/** The context that was named; undefined: none. */
export function liveContext(): string | undefined {
  const context = process.env[CONTEXT_VARIABLE] ?? "";
  return context === "" ? undefined : context;
}
