import type { Library } from "./library";

/** Kubernetes' library of URLs. */
export const URLS: Library = { notModelled: ["url", "isURL"] };

/** Kubernetes' libraries of network addresses. */
export const NETWORK_ADDRESSES: Library = { notModelled: ["ip", "isIP", "ip.isCanonical", "cidr", "isCIDR"] };

/** cel-go's library of lists, version 3 (`ext/lists.go` of v0.26.0). */
export const LISTS: Library = { notModelled: ["slice", "flatten", "sort", "sortBy", "lists.range", "reverse", "distinct"] };

/** Kubernetes' library of named formats. */
export const FORMATS: Library = {
  notModelled: [
    ...["named", "dns1123Label", "dns1123LabelPrefix", "dns1123Subdomain", "dns1123SubdomainPrefix", "dns1035Label", "dns1035LabelPrefix"],
    ...["qualifiedName", "labelValue", "uri", "uuid", "byte", "date", "datetime"],
  ].map((name) => `format.${name}`),
};
