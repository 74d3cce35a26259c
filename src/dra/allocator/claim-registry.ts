import type { Allocation, ClaimSpec, ResourceClaim, ResourceClaimTemplate } from "../claims/types";
import type { Pod, PodClaim } from "../pods";
import type { Refusal } from "./refusals/refusals";

/** A ResourceClaim while pods are being placed. */
interface ClaimState {
  readonly spec: ClaimSpec;
  /** Undefined: it has no devices yet. */
  readonly allocation: Allocation | undefined;
  readonly reservations: number;
}

/** One entry of a pod's `resourceClaims`, with the claim behind it. */
export interface ResolvedClaim extends ClaimState {
  readonly podClaim: PodClaim;
  /** The ResourceClaim. Of a generated one the name is `<pod>-<entry>`; a real cluster appends five random characters. */
  readonly claimName: string;
}

/** The claims and templates of a cluster. */
export class ClaimRegistry {
  private readonly existing: ReadonlyMap<string, ClaimState>;
  /** Claims as they are since pods have been placed. */
  private readonly changed = new Map<string, ClaimState>();
  private readonly templates: ReadonlyMap<string, ResourceClaimTemplate>;

  constructor(
    claims: readonly ResourceClaim[],
    templates: readonly ResourceClaimTemplate[],
    /** Pods (or other users) that one claim can be reserved for. */
    private readonly maxReservations: number,
  ) {
    this.existing = byKey(claims);
    this.templates = new Map(templates.map((template) => [key(template.namespace, template.name), template]));
  }

  /** The claim behind an entry of a pod, or why there is none for it. */
  resolve({ name, namespace }: Pod, podClaim: PodClaim): ResolvedClaim | Refusal {
    const { source } = podClaim;
    if (source.type === "template") {
      const { templateName } = source;
      const template = this.templates.get(key(namespace, templateName));
      return template === undefined
        ? { type: "missingTemplate", namespace, templateName, known: namesIn(namespace, this.templates) }
        : { podClaim, claimName: `${name}-${podClaim.name}`, spec: template.spec, allocation: undefined, reservations: 0 };
    }
    const { claimName } = source;
    const claim = this.changed.get(key(namespace, claimName)) ?? this.existing.get(key(namespace, claimName));
    if (claim === undefined) {
      return { type: "missingClaim", namespace, claimName, known: namesIn(namespace, this.existing) };
    }
    return claim.reservations >= this.maxReservations
      ? { type: "fullClaim", namespace, claimName, maximum: this.maxReservations }
      : { podClaim, claimName, spec: claim.spec, allocation: claim.allocation, reservations: claim.reservations };
  }

  /** Notes that a pod uses a claim, which has this allocation by now. A generated claim is no other pod's business. */
  reserve(namespace: string, { podClaim, claimName, spec, reservations }: ResolvedClaim, allocation: Allocation): void {
    if (podClaim.source.type === "claim") {
      this.changed.set(key(namespace, claimName), { spec, allocation, reservations: reservations + 1 });
    }
  }
}

/** Many questions are asked about the same claims. */
const KNOWN = new WeakMap<readonly ResourceClaim[], ReadonlyMap<string, ResourceClaim>>();

function byKey(claims: readonly ResourceClaim[]): ReadonlyMap<string, ResourceClaim> {
  const known = KNOWN.get(claims) ?? new Map(claims.map((claim) => [key(claim.namespace, claim.name), claim]));
  KNOWN.set(claims, known);
  return known;
}

function key(namespace: string | undefined, name: string): string {
  return `${namespace ?? "default"}/${name}`;
}

function namesIn(namespace: string, objects: ReadonlyMap<string, unknown>): readonly string[] {
  const prefix = key(namespace, "");
  return [...objects.keys()].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}
