/** How long EKS supports a Kubernetes version, ISO dates. */
export interface EksSupport {
  readonly standardSupportEnds: string;
  readonly extendedSupportEnds: string;
}

/**
 * What extended support adds to the price of a control plane: 0.60 instead of 0.10 USD an hour.
 * Source: Amazon EKS pricing (read 2026-11-28).
 */
export const EXTENDED_SUPPORT_USD_PER_HOUR = 0.5;

/**
 * The versions that EKS has or had lately. Standard support is 14 months, extended support another 12. When it ends, EKS upgrades the control plane.
 * Source: Amazon EKS user guide, "Understand the Kubernetes version lifecycle on EKS", and https://endoflife.date/amazon-eks (read 2026-11-28). The dates of 1.36
 * are those of its announcement of 2026-06-02.
 * 1.37 has images since v20261003 (awslabs/amazon-eks-ami) and no date here: no copy of the user guide that could be read on 2026-11-28 names it, so the catalogue
 * does not have it.
 */
const EKS_SUPPORT = {
  "1.31": { standardSupportEnds: "2025-11-26", extendedSupportEnds: "2026-11-26" },
  "1.32": { standardSupportEnds: "2026-03-23", extendedSupportEnds: "2027-03-23" },
  "1.33": { standardSupportEnds: "2026-07-29", extendedSupportEnds: "2027-07-29" },
  "1.34": { standardSupportEnds: "2026-12-02", extendedSupportEnds: "2027-12-02" },
  "1.35": { standardSupportEnds: "2027-03-27", extendedSupportEnds: "2028-03-27" },
  "1.36": { standardSupportEnds: "2027-08-02", extendedSupportEnds: "2028-08-02" },
} as const satisfies Readonly<Record<string, EksSupport>>;

export type SupportedVersion = keyof typeof EKS_SUPPORT;

/** The support of a version that is in the table. */
export function eksSupport(version: SupportedVersion): EksSupport {
  return EKS_SUPPORT[version];
}

/** The support of a version such as `1.34`; undefined if the table does not have it. */
export function findEksSupport(version: string): EksSupport | undefined {
  return Object.hasOwn(EKS_SUPPORT, version) ? EKS_SUPPORT[version as SupportedVersion] : undefined;
}

const DAY_MS = 24 * 60 * 60 * 1000;

export type SupportPhase =
  /** `days` until standard support ends. */
  | { readonly type: "standard"; readonly ends: string; readonly days: number }
  | { readonly type: "extended"; readonly standardEnded: string; readonly ends: string; readonly days: number }
  | { readonly type: "ended"; readonly ended: string };

/** Where a version is in its life on a day. The day on which a support ends belongs to what follows. */
export function supportPhase({ standardSupportEnds, extendedSupportEnds }: EksSupport, date: Date): SupportPhase {
  const daysUntil = (isoDate: string) => Math.ceil((Date.parse(isoDate) - date.getTime()) / DAY_MS);
  const standard = daysUntil(standardSupportEnds);
  if (standard > 0) {
    return { type: "standard", ends: standardSupportEnds, days: standard };
  }
  const extended = daysUntil(extendedSupportEnds);
  return extended > 0
    ? { type: "extended", standardEnded: standardSupportEnds, ends: extendedSupportEnds, days: extended }
    : { type: "ended", ended: extendedSupportEnds };
}
