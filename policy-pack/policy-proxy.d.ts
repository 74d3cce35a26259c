/** The SDK keeps its proxy out of its type declarations, but exports the same names from its root. */
declare module "@pulumi/policy/proxy" {
  export { UnknownValueError, unknownCheckingProxy } from "@pulumi/policy";
}
