/** Believable outputs of the `random` provider. They are no secrets: they are made from the resource's name. */
import { secret } from "../monitor/wire";
import { hex } from "./account";
import type { Created, Registration } from "./account";

/** `random:index/randomPassword:RandomPassword`; what it outputs is secret, as the real provider's schema says. */
export function randomPassword(resource: Registration): Created {
  const length = Number(resource.inputs.length ?? 16);
  const result = `rehearsal-${hex(resource.urn, 64)}`.padEnd(length, "0").slice(0, length);
  return { id: "none", outputs: { result: secret(result), bcryptHash: secret(`$2a$10$${hex(`${resource.urn}#hash`, 53)}`) } };
}

/** `random:index/randomId:RandomId`. */
export function randomId(resource: Registration): Created {
  const digits = hex(resource.urn, Number(resource.inputs.byteLength ?? 4) * 2);
  const bytes = Buffer.from(digits, "hex");
  return {
    id: bytes.toString("base64url"),
    outputs: { hex: digits, b64Url: bytes.toString("base64url"), b64Std: bytes.toString("base64"), dec: BigInt(`0x${digits}`).toString() },
  };
}

/** `random:index/randomString:RandomString` and others with one `result`. */
export function randomResult(resource: Registration): Created {
  const result = hex(resource.urn, Number(resource.inputs.length ?? 8));
  return { id: result, outputs: { result } };
}
