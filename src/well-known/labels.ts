/** Label that tells the pools apart; its value is `system` or `gpu`. */
export const NODE_ROLE_LABEL = "node-role";

/** Label that names the layout MIG Manager shall give a node. */
export const MIG_CONFIG_LABEL = "nvidia.com/mig.config";

/** Label in which MIG Manager reports how far it is: `pending`, `rebooting`, `success` or `failed`. */
export const MIG_CONFIG_STATE_LABEL = "nvidia.com/mig.config.state";

/** Taint of every GPU node. The daemon sets of the GPU Operator and of Node Feature Discovery tolerate this key by default. */
export const GPU_TAINT = { key: "nvidia.com/gpu", value: "true", effect: "NoSchedule" } as const;
