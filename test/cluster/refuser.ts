/** Who of an API server refused a request. */
import type { Answer } from "../../src/live/api/api-server";

export type Verdict =
  | { readonly type: "admitted"; readonly warnings: readonly string[] }
  | { readonly type: "refused"; readonly by: Refuser; readonly message: string };

export type Refuser =
  /** One of the stack's admission policies, by its name. */
  | `policy ${string}`
  | "PodSecurity"
  | "quota"
  | "limit range"
  | "RBAC"
  /** Decoding, or what the API server itself checks of every object of the kind. */
  | "validation"
  /** No such version or kind. */
  | "not served"
  /** There is one of that name. */
  | "conflict"
  /** An admission plugin of the API server. */
  | "other admission";

const POLICY = /ValidatingAdmissionPolicy '([^']+)' with binding '[^']+' denied request: (.*)$/s;

/** What an answer to a write says. @throws Error for one that is no verdict, such as a failure of the server. */
export function verdictOf({ status, body, warnings }: Answer): Verdict {
  if (status < 300) {
    return { type: "admitted", warnings };
  }
  const message = String(body?.message ?? body);
  const [, policy, said] = POLICY.exec(message) ?? [];
  if (policy !== undefined && said !== undefined) {
    return { type: "refused", by: `policy ${policy}`, message: said };
  }
  return { type: "refused", by: refuserOf(status, message), message };
}

function refuserOf(status: number, message: string): Refuser {
  switch (status) {
    case 400:
    case 422:
      return "validation";
    case 404:
    case 405:
      return "not served";
    case 409:
      return "conflict";
    case 403:
      return message.includes("violates PodSecurity")
        ? "PodSecurity"
        : /exceeded quota|failed quota/.test(message)
          ? "quota"
          : /(minimum|maximum) \S+ usage per (Container|Pod|PersistentVolumeClaim) is/.test(message)
            ? "limit range"
            : /User "[^"]*" cannot /.test(message)
              ? "RBAC"
              : "other admission";
    default:
      throw new Error(`the API server answered ${status}: ${message}`);
  }
}
