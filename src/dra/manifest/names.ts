/**
 * The name formats of the Kubernetes API. Each function returns why a name is refused, undefined for a good one.
 * Source: Kubernetes, `k8s.io/apimachinery/pkg/util/validation` and `pkg/apis/resource/validation`.
 */

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const C_IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** Names of requests, alternatives and a pod's claims. */
export function dnsLabelFault(name: string): string | undefined {
  return name.length <= 63 && DNS_LABEL.test(name)
    ? undefined
    : "must be a DNS label: at most 63 lower case letters, digits and '-', with a letter or digit at both ends";
}

/** Names of objects. */
export function dnsSubdomainFault(name: string): string | undefined {
  return name.length <= 253 && DNS_SUBDOMAIN.test(name)
    ? undefined
    : "must be a DNS subdomain: at most 253 lower case letters, digits, '-' and '.', with a letter or digit at both ends of every part";
}

/** Names of drivers: a DNS subdomain of at most 63 characters, upper case allowed. */
export function driverNameFault(name: string): string | undefined {
  return name.length > 63 ? "must have at most 63 characters" : dnsSubdomainFault(name.toLowerCase());
}

/** Names of attributes where the domain is required: `gpu.nvidia.com/parentUUID`. */
export function fullyQualifiedNameFault(name: string): string | undefined {
  const [domain, id, ...rest] = name.split("/");
  if (domain === undefined || id === undefined || rest.length > 0) {
    return 'must be an attribute with its domain, such as "gpu.nvidia.com/parentUUID"';
  }
  const domainFault = driverNameFault(domain);
  if (domainFault !== undefined) {
    return `domain "${domain}" ${domainFault}`;
  }
  return id.length <= 32 && C_IDENTIFIER.test(id)
    ? undefined
    : `attribute "${id}" must be a C identifier: at most 32 letters, digits and '_', not starting with a digit`;
}

/** Keys of labels, taints and tolerations: an optional DNS subdomain and a name. */
export function labelKeyFault(key: string): string | undefined {
  const parts = key.split("/");
  const name = parts.at(-1) ?? "";
  const prefix = parts.length > 1 ? parts[0] : undefined;
  const legal =
    parts.length <= 2 && name.length <= 63 && LABEL_PART.test(name) && (prefix === undefined || dnsSubdomainFault(prefix) === undefined);
  return legal ? undefined : "must be a label key: an optional DNS subdomain and '/', then at most 63 letters, digits, '-', '_' and '.'";
}

export function labelValueFault(value: string): string | undefined {
  return value === "" || (value.length <= 63 && LABEL_PART.test(value))
    ? undefined
    : "must be a label value: empty or at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
}
