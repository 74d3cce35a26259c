/** Name of the one request in the claim template of every tier. A container may name it in `resources.claims[].request`. */
export const TIER_REQUEST = "slice";
