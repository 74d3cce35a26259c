/**
 * Disk of the node that a container of a team gets if it does not say what it needs, in GiB: logs, `emptyDir` volumes and what it writes into its own file system.
 * The limit of one pod on a node is a part of the node's disk, in `src/kubernetes/teams/limits.ts`.
 */
export const CONTAINER_DISK_GIB = { request: 1, limit: 10 } as const;
