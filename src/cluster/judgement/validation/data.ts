/** ConfigMaps and Secrets. Source: `ValidateConfigMap` and `ValidateSecret` of Kubernetes. */
import { problem } from "../../../dra/manifest/fields";
import { dataKeyFault } from "./names";
import { asPart, named, required, text } from "./rules";
import type { Part, Problems } from "./rules";

const MAX_BYTES = 1024 * 1024;

export function configMapProblems({ data, binaryData }: Part): Problems {
  const both = Object.keys(asPart(binaryData)).filter((key) => Object.hasOwn(asPart(data), key));
  return [
    ...keysProblems(data, "data"),
    ...keysProblems(binaryData, "binaryData"),
    ...both.map((key) => problem(`binaryData[${key}]`, undefined, "is in data too")),
    ...sizeProblems("", bytesOf(data) + decodedBytesOf(binaryData)),
  ];
}

/** Keys that Secrets of some types must have. */
const REQUIRED_KEYS: Readonly<Record<string, readonly string[]>> = {
  "kubernetes.io/tls": ["tls.crt", "tls.key"],
  "kubernetes.io/dockerconfigjson": [".dockerconfigjson"],
  "kubernetes.io/dockercfg": [".dockercfg"],
  "kubernetes.io/ssh-auth": ["ssh-privatekey"],
};

/** Names the account of a token. */
const ACCOUNT_ANNOTATION = "kubernetes.io/service-account.name";

/** Keys whose value has to be JSON. */
const JSON_KEYS: Readonly<Record<string, string>> = {
  "kubernetes.io/dockerconfigjson": ".dockerconfigjson",
  "kubernetes.io/dockercfg": ".dockercfg",
};

/** The value is not shown: it is a secret. */
function jsonProblems(key: string, data: Part, stringData: Part): Problems {
  const content = Object.hasOwn(stringData, key) ? text(stringData[key]) : Buffer.from(text(data[key]), "base64").toString("utf8");
  try {
    JSON.parse(content);
    return [];
  } catch {
    return Object.hasOwn(stringData, key) || Object.hasOwn(data, key) ? [problem(`data[${key}]`, undefined, "must be JSON")] : [];
  }
}

export function secretProblems({ data, stringData, type, metadata }: Part): Problems {
  const keys = new Set([...Object.keys(asPart(data)), ...Object.keys(asPart(stringData))]);
  const missing = (Object.hasOwn(REQUIRED_KEYS, text(type)) ? (REQUIRED_KEYS[text(type)] ?? []) : []).filter((key) => !keys.has(key));
  return [
    ...keysProblems({ ...asPart(data), ...asPart(stringData) }, "data"),
    ...missing.map((key) => problem(`data[${key}]`, undefined, `required with type ${text(type)}`)),
    ...(type === "kubernetes.io/basic-auth" && !keys.has("username") && !keys.has("password")
      ? [problem("data[username]", undefined, "username or password is required with type kubernetes.io/basic-auth")]
      : []),
    ...(type === "kubernetes.io/service-account-token"
      ? required(asPart(asPart(metadata)["annotations"])[ACCOUNT_ANNOTATION], `metadata.annotations[${ACCOUNT_ANNOTATION}]`)
      : []),
    ...(Object.hasOwn(JSON_KEYS, text(type)) ? jsonProblems(JSON_KEYS[text(type)] ?? "", asPart(data), asPart(stringData)) : []),
    ...sizeProblems("data", decodedBytesOf(data) + bytesOf(stringData)),
  ];
}

function keysProblems(data: unknown, path: string): Problems {
  return Object.keys(asPart(data)).flatMap((key) =>
    key === "" ? [problem(`${path}[]`, undefined, "a key must not be empty")] : named(key, `${path}[${key}]`, dataKeyFault),
  );
}

function sizeProblems(path: string, bytes: number): Problems {
  return bytes > MAX_BYTES ? [problem(path, undefined, `${String(bytes)} bytes; at most ${String(MAX_BYTES)} are allowed`)] : [];
}

function bytesOf(data: unknown): number {
  return Object.values(asPart(data)).reduce<number>((sum, value) => sum + new TextEncoder().encode(text(value)).length, 0);
}

/** Of Base64 texts. */
function decodedBytesOf(data: unknown): number {
  return Object.values(asPart(data)).reduce<number>((sum, value) => sum + Math.floor((text(value).replaceAll("=", "").length * 3) / 4), 0);
}
