import type { Library } from "./library";

/** Kubernetes' library of URLs. */
export const URLS: Library = { notModelled: ["url", "isURL"] };

/** Kubernetes' libraries of network addresses. */
export const NETWORK_ADDRESSES: Library = { notModelled: ["ip", "isIP", "ip.isCanonical", "cidr", "isCIDR"] };

/** Kubernetes' library of named formats. */
export const FORMATS: Library = {
  notModelled: [
    ...["named", "dns1123Label", "dns1123LabelPrefix", "dns1123Subdomain", "dns1123SubdomainPrefix", "dns1035Label", "dns1035LabelPrefix"],
    ...["qualifiedName", "labelValue", "uri", "uuid", "byte", "date", "datetime"],
  ].map((name) => `format.${name}`),
};
