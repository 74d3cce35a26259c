/**
 * The grammar of MIG profile names, as go-nvlib reads them (NVIDIA/go-nvlib `pkg/nvlib/device/mig_profile.go`, read 2026-11-23):
 * `[<compute>c.]<gpu>g.<memory>gb[+attribute | -attribute]`.
 */

/**
 * What a suffix says of the media engines and of graphics. Profiles carry at most one today:
 * `+me` media extensions; `+me.all` all media engines of the GPU; `-me` no media engines; `+gfx` graphics APIs.
 */
export type ProfileAttributes = "" | "+me" | "+me.all" | "-me" | "+gfx";

/** The suffixes that exist. */
export const PROFILE_ATTRIBUTES: readonly ProfileAttributes[] = ["", "+me", "+me.all", "-me", "+gfx"];

/** A profile name taken apart. */
export interface ProfileName {
  readonly type: "profile";
  /** Compute slices of the compute instance; `gpuSlices` unless the name has a `c` part (`1c.3g.20gb`: 1). */
  readonly computeInstanceSlices: number;
  /** Compute slices of the GPU instance, the number before `g`. */
  readonly gpuSlices: number;
  /** NVIDIA's rounded memory size, the number before `gb`. */
  readonly memoryGB: number;
  readonly attributes: ProfileAttributes;
}

export type ParsedProfileName = ProfileName | { readonly type: "invalid"; readonly reason: string };

const GRAMMAR = /^(?:(?<compute>[1-9]\d*)c\.)?(?<gpu>[1-9]\d*)g\.(?<memory>[1-9]\d*)gb(?<attributes>[+-].*)?$/;

/**
 * Reads a profile name. Strict: lower case, no spaces, no leading zeros, attributes that exist. Which profiles a GPU has is not its business.
 */
export function parseProfileName(text: string): ParsedProfileName {
  const parts = GRAMMAR.exec(text)?.groups;
  if (parts === undefined) {
    return { type: "invalid", reason: `"${text}" is not a MIG profile name; one looks like "1g.5gb", "1g.5gb+me" or "1c.3g.20gb"` };
  }
  const attributes = PROFILE_ATTRIBUTES.find((known) => known === (parts.attributes ?? ""));
  if (attributes === undefined) {
    const known = PROFILE_ATTRIBUTES.filter((attribute) => attribute !== "").join(", ");
    return {
      type: "invalid",
      reason: `"${text}" ends in "${parts.attributes ?? ""}", which is not a profile attribute; there are ${known}`,
    };
  }
  const gpuSlices = Number(parts.gpu);
  const computeInstanceSlices = parts.compute === undefined ? gpuSlices : Number(parts.compute);
  if (computeInstanceSlices > gpuSlices) {
    return { type: "invalid", reason: `"${text}" has a compute instance larger than its GPU instance` };
  }
  return { type: "profile", computeInstanceSlices, gpuSlices, memoryGB: Number(parts.memory), attributes };
}

/** The name as the driver writes it: the `c` part only where the compute instance is a part of its GPU instance. */
export function formatProfileName(name: ProfileName): string {
  const compute = name.computeInstanceSlices === name.gpuSlices ? "" : `${String(name.computeInstanceSlices)}c.`;
  return `${compute}${String(name.gpuSlices)}g.${String(name.memoryGB)}gb${name.attributes}`;
}
