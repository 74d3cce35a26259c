/**
 * Annotations of what Pulumi makes without waiting until it works: a pod that waits for a slice is no failure of the stack.
 *
 * `skipAwait` also ends the wait for what is deleted, for Jobs, Deployments and the other kinds with pods. The provider deletes in the foreground, which
 * leaves the object where it is until its pods have stopped: what is to take its place meets "object is being deleted ... already exists". In the background
 * the object is gone at once, and its pods follow within their time to stop. For other kinds the second annotation changes nothing, as they are waited for.
 * Source: pulumi/pulumi-kubernetes 4.32, `provider/pkg/metadata/overrides.go` and `provider/pkg/await/await.go`.
 */
export const NOT_AWAITED = { "pulumi.com/skipAwait": "true", "pulumi.com/deletionPropagationPolicy": "background" } as const;
