/** The SDK keeps these modules out of its type declarations. The names of its proxy it exports from its root, too. */
declare module "@pulumi/policy/proxy" {
  export { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
  export const unknownArchiveValue: string;
  export const unknownArrayValue: string;
  export const unknownAssetValue: string;
  export const unknownBooleanValue: string;
  export const unknownNumberValue: string;
  export const unknownObjectValue: string;
  export const unknownStringValue: string;
}

declare module "@pulumi/policy/deserialize" {
  export function deserializeProperties(properties: { toJavaScript(): unknown }, proxySecrets: false): Record<string, unknown>;
}
