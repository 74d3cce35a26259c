/** A Service's spec that reaches the API server from a team's namespace, and what the admission policies say to it. */
export interface ServiceCase {
  readonly name: string;
  readonly spec: object;
  /** Part of the refusal; undefined: admitted. */
  readonly refusal: string | undefined;
}

const web = { selector: { app: "x" }, ports: [{ port: 80 }] };
const INSIDE = "must have the type ClusterIP";

/** Admitted and refused specs, side by side for each rule. */
export const SERVICE_CASES: readonly ServiceCase[] = [
  { name: "an address within the cluster", spec: { ...web, type: "ClusterIP" }, refusal: undefined },
  { name: "no type", spec: web, refusal: undefined },
  { name: "names of pods, without an address", spec: { ...web, type: "ClusterIP", clusterIP: "None" }, refusal: undefined },
  { name: "a load balancer", spec: { ...web, type: "LoadBalancer" }, refusal: INSIDE },
  { name: "a port of every node", spec: { ...web, type: "NodePort" }, refusal: INSIDE },
  { name: "an alias for a host elsewhere", spec: { type: "ExternalName", externalName: "example.com" }, refusal: INSIDE },
  { name: "a type that is not known yet", spec: { ...web, type: "Worldwide" }, refusal: INSIDE },
  { name: "an empty list of external addresses", spec: { ...web, externalIPs: [] }, refusal: undefined },
  { name: "an external address", spec: { ...web, externalIPs: ["192.0.2.10"] }, refusal: "Remove externalIPs" },
  { name: "the API server's address", spec: { ...web, type: "ClusterIP", externalIPs: ["10.0.0.1"] }, refusal: "Remove externalIPs" },
];
