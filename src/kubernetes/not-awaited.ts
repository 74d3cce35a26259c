/**
 * Annotations of what Pulumi creates without waiting until it works: a pod that waits for a slice is no failure of the stack.
 *
 * `skipAwait` also ends the wait for a deletion. In the foreground, the provider's default, the old object stays until its pods have stopped, and its
 * replacement fails with "object is being deleted ... already exists". In the background it is gone at once. Only kinds with pods need that annotation.
 * Source: pulumi/pulumi-kubernetes 4.32, `provider/pkg/metadata/overrides.go` and `provider/pkg/await/await.go`.
 */
export const NOT_AWAITED = { "pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background" } as const;
