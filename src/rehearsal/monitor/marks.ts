/**
 * The marks of the engine's wire format, as in pulumi/pulumi sdk/go/common/resource/properties.go. Written down here because Pulumi's SDK, which has them
 * too, takes half a second to load: whoever reads a recording should not need it. A test compares the two.
 */

/** Stands for a value that is known only after the deployment. */
export const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** The key whose value says what a marked object is. */
export const SIGNATURE = "4dabf18193072939515e22adb298388d";
export const SECRET = "1b47061264138c4ac30d75fd1eb44270";
export const RESOURCE = "5cf8f73096256a8f31e491e813e4eb8e";
export const OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
